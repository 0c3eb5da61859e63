package runtime_test

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// peer starts a peer that answers as config says. It ends after the test's connections.
func peer(t *testing.T, config nullbroker.Config) *nullbroker.Server {
	t.Helper()
	server, err := nullbroker.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// byKey answers publishes by their routing key.
func byKey(answers map[string]nullbroker.Answer) func(nullbroker.Publish) nullbroker.Answer {
	return func(p nullbroker.Publish) nullbroker.Answer { return answers[p.RoutingKey] }
}

// briefly returns a context that ends soon.
func briefly(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// afterArrival returns a context whose deadline has practically passed when arrived is called: for
// a publish that has been sent when its context ends, on a machine of any speed.
func afterArrival(t *testing.T) (arrived func(), ctx context.Context) {
	ctx, cancel := context.WithCancelCause(testContext(t))
	return func() { cancel(context.DeadlineExceeded) }, ctx
}

// ack returns the frame of basic.ack for a publish on channel 1.
func ack(tag uint64) []byte {
	frame := []byte{1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80}
	frame = binary.BigEndian.AppendUint64(frame, tag)
	return append(frame, 0, 0xCE)
}

// closeChannel returns the frame of channel.close.
func closeChannel(channel, code uint16, text string) []byte {
	payload := []byte{0, 20, 0, 40}
	payload = binary.BigEndian.AppendUint16(payload, code)
	payload = append(append(payload, byte(len(text))), text...)
	payload = append(payload, 0, 0, 0, 0)
	frame := binary.BigEndian.AppendUint16([]byte{1}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	return append(append(frame, payload...), 0xCE)
}

// returned returns the frames of a returned message that was published to the default exchange:
// basic.return, and a content header with a message id and without a body.
func returned(channel uint16, key, id string) []byte {
	method := binary.BigEndian.AppendUint16([]byte{0, 60, 0, 50}, 312)
	method = append(append(method, 8), "NO_ROUTE"...)
	method = append(append(method, 0, byte(len(key))), key...)
	header := append([]byte{0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x80, byte(len(id))}, id...)
	return append(frame(1, channel, method), frame(2, channel, header)...)
}

func frame(kind byte, channel uint16, payload []byte) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	return append(append(frame, payload...), 0xCE)
}
