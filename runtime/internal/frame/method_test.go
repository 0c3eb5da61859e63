package frame

import (
	"bytes"
	"testing"
)

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
