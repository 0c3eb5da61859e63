package frame

import "testing"

// TestAllocations counts what a publish, a delivery and its answer allocate here once the buffers
// have grown: nothing, except for the strings that differ from delivery to delivery.
func TestAllocations(t *testing.T) {
	m := everything()
	m.Headers = nil
	var buffer []byte
	var cache StringCache
	var got message
	header := contentHeader(m)
	arguments := appendShort(appendShort(append(appendShort(nil, "consumer"), 0, 0, 0, 0, 0, 0, 0, 1, 0), m.Exchange), m.RoutingKey)
	for name, test := range map[string]struct {
		want float64
		run  func()
	}{
		"publish":     {0, func() { buffer = AppendBody(AppendPublish(buffer[:0], 1, m), 1, m.Body) }},
		"acknowledge": {0, func() { buffer = AppendAck(buffer[:0], 1, 7, true) }},
		"properties":  {0, func() { sent := *m; buffer = AppendProperties(buffer[:0], &sent) }},
		"size":        {0, func() { _, _ = HeaderSize(m) }},
		"deliver":     {0, func() { _, _ = ParseDeliver(arguments, &cache) }},
		"header":      {1, func() { _, _, _ = ParseHeader(header, &cache, &got) }}, // the message id
		"confirm":     {0, func() { _, _, _ = ParseAck(make([]byte, 9)) }},
	} {
		if n := testing.AllocsPerRun(100, test.run); n != test.want {
			t.Errorf("%s: %v allocations, want %v", name, n, test.want)
		}
	}
}
