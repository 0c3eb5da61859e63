package frame

import (
	"bytes"
	"slices"
	"testing"
	"time"
)

func TestPublishOnTheWire(t *testing.T) {
	m := &message{
		Exchange: "x", RoutingKey: "key", Mandatory: true, Persistent: true, ContentType: "t", MessageID: "id",
		Expiration: 1500 * time.Millisecond, Headers: headers{"n": int8(5), "t": headers{}},
	}
	got := AppendBody(AppendPublish(nil, 7, m), 7, []byte("body"))
	want := slices.Concat(
		[]byte{1, 0, 7, 0, 0, 0, 13, 0, 60, 0, 40, 0, 0, 1, 'x', 3, 'k', 'e', 'y', 1, frameEnd},
		[]byte{2, 0, 7, 0, 0, 0, 40, 0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0b1011_0001, 0b1000_0000},
		[]byte{1, 't', 0, 0, 0, 11, 1, 'n', 'b', 5, 1, 't', 'F', 0, 0, 0, 0, 2, 4, '1', '5', '0', '0', 2, 'i', 'd', frameEnd},
		[]byte{3, 0, 7, 0, 0, 0, 4, 'b', 'o', 'd', 'y', frameEnd},
	)
	if !bytes.Equal(got, want) {
		t.Errorf("basic.publish is % x\nwant             % x", got, want)
	}
	m.Persistent = false
	if got := AppendProperties(nil, m); got[len(got)-9] != 1 {
		t.Errorf("the delivery mode of % x is not 1", got)
	}
}

func TestAnswersOnTheWire(t *testing.T) {
	ack := AppendAck(nil, 7, 258, true)
	reject := AppendReject(nil, 7, 258, false)
	if want := []byte{1, 0, 7, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 1, 2, 1, frameEnd}; !bytes.Equal(ack, want) {
		t.Errorf("basic.ack is % x, want % x", ack, want)
	}
	if want := []byte{1, 0, 7, 0, 0, 0, 13, 0, 60, 0, 90, 0, 0, 0, 0, 0, 0, 1, 2, 0, frameEnd}; !bytes.Equal(reject, want) {
		t.Errorf("basic.reject is % x, want % x", reject, want)
	}
}
