package runtime

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestFramesLeavesOddFrames checks that frames of an unknown type, and method frames without a
// method, reach the library, which ends the connection because of them.
func TestFramesLeavesOddFrames(t *testing.T) {
	for _, frame := range [][]byte{
		frameOf(4, 1, 1, 2, 3), frameOf(7, 1, 1, 2, 3), frameOf(9, 1),
		frameOf(frameMethod, 1), frameOf(frameMethod, 1, 0, 20, 0),
	} {
		var got fakeHandler
		f := newFrames(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		passed, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(passed, frame) || len(got) > 0 {
			t.Errorf("%x: passed %x, %v, took %q", frame, passed, err, got)
		}
	}
}

// TestFramesLeavesOtherProtocols checks that the bytes of a server that does not speak AMQP 0-9-1
// reach the library, which can handle them.
func TestFramesLeavesOtherProtocols(t *testing.T) {
	const text = "AMQP\x00\x01\x00\x00 and more"
	passed, err := io.ReadAll(newFrames(&script{in: strings.NewReader(text)}))
	if err != nil || string(passed) != text {
		t.Errorf("passed %q, %v", passed, err)
	}
}

func TestFramesRefusesBadEnd(t *testing.T) {
	var got fakeHandler
	frame := ackOf(1, 1, false)
	frame[len(frame)-1] = 0
	f := newFrames(&script{in: bytes.NewReader(frame)})
	f.handle(1, &got)
	if _, err := io.ReadAll(f); !errors.Is(err, errBadFrame) {
		t.Errorf("got %v", err)
	}
}

// TestFramesRefusesLarge checks that the size of a frame is not trusted.
func TestFramesRefusesLarge(t *testing.T) {
	for _, kind := range []byte{frameMethod, frameHeader, frameBody} {
		var got fakeHandler
		frame := []byte{kind, 0, 1, 0xff, 0xff, 0xff, 0xf0, 0, 60, 0, 80}
		f := newFrames(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("kind %d: got %v", kind, err)
		}
	}
	f := newFrames(&script{in: bytes.NewReader([]byte{frameMethod, 0, 1, 0x7f, 0xff, 0xff, 0xf0, 0, 20, 0, 41})})
	if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
		t.Errorf("channel.close-ok for nobody: got %v", err)
	}
}

// TestFramesSizeHasASign checks sizes that are negative if an int has 32 bits, on a channel that
// nobody has asked for.
func TestFramesSizeHasASign(t *testing.T) {
	for _, size := range []byte{0x7f, 0x80, 0xff} {
		f := newFrames(&script{in: bytes.NewReader([]byte{frameMethod, 0, 1, size, 0xff, 0xff, 0xf8, 0, 60, 0, 80})})
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("got %v", err)
		}
	}
}

// TestHeaderWithoutReturn sends a content header without a method, after a message has come back:
// that must not count as a second one.
func TestHeaderWithoutReturn(t *testing.T) {
	p := testProducerChannel(2)
	for range 2 {
		p.window.add(published(Message{}))
	}
	comesBack := methodOf(1, methodBasicReturn, 1, 0x38, 0, 0, 0)
	header := frameOf(frameHeader, 1, make([]byte, 14)...)
	f := newFrames(&script{in: bytes.NewReader(slices.Concat(comesBack, header, header))})
	f.handle(1, p)
	if _, err := io.ReadAll(f); !errors.Is(err, errUnexpected) {
		t.Errorf("got %v", err)
	}
	if got := codes(p.window.takeAll()); !slices.Equal(got, []uint16{312, 0}) {
		t.Errorf("got %v, want the first to have come back", got)
	}
}

// testProducerChannel returns a channel that is not open.
func testProducerChannel(window int) *producerChannel {
	supervisor := testSupervisor(WithWindow(window))
	return newProducerChannel(&conn{broker: &supervisor.connection.broker}, supervisor)
}

// testSupervisor returns a supervisor for one channel, which a test opens by itself.
func testSupervisor(options ...ChannelOption) *channelSupervisor {
	return DedicatedChannel(DedicatedConnection(Broker{}), options...).(dedicated).supervisors[0]
}

// FuzzFrames reads anything, with a producer's and a consumer's channel behind it.
func FuzzFrames(f *testing.F) {
	f.Add(slices.Concat(ackOf(1, 1, false), methodOf(1, methodBasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, 60<<16|60, 1)))
	f.Add(methodOf(1, methodChannelClose, 1, 2))
	f.Add(slices.Concat(methodOf(2, methodBasicDeliver, deliverArguments(1, true, "shop", "key")...), frameOf(frameHeader, 2, contentHeader(everything())...), frameOf(frameBody, 2, 'b', 'o', 'd', 'y')))
	f.Add(slices.Concat(delivery(2, 1, "body"), delivery(2, 2, "")))
	f.Add(slices.Concat(delivery(2, 1, "half")[:60], methodOf(2, methodChannelClose)))
	f.Fuzz(func(t *testing.T, in []byte) {
		p := testProducerChannel(1)
		p.window.add(published(Message{}))
		frames := newFrames(&script{in: bytes.NewReader(in)})
		frames.handle(1, p)
		c := &consumerChannel{deliveries: make(chan *Delivery, 2)}
		frames.handle(2, c)
		_, _ = io.ReadAll(frames)
		close(c.deliveries)
		for d := range c.deliveries {
			if len(d.Body) > len(in) {
				t.Errorf("a body of %d bytes in %d", len(d.Body), len(in))
			}
		}
	})
}

// TestTagsRise sends deliveries whose answers could not be distinguished.
func TestTagsRise(t *testing.T) {
	for _, tags := range [][]uint64{{0}, {1, 1}, {1, 3, 2}} {
		var in []byte
		for _, tag := range tags {
			in = append(in, delivery(1, tag, "body")...)
		}
		c := &consumerChannel{deliveries: make(chan *Delivery, 3)}
		f := newFrames(&script{in: bytes.NewReader(in)})
		f.handle(1, c)
		if _, err := io.ReadAll(f); !errors.Is(err, errTag) || len(c.deliveries) != len(tags)-1 {
			t.Errorf("tags %v: %d arrived, %v", tags, len(c.deliveries), err)
		}
	}
}

// TestLargeBodyIsNotBelieved announces a body and does not send it.
func TestLargeBodyIsNotBelieved(t *testing.T) {
	promise := delivery(1, 1, "")
	at := bytes.Index(promise, []byte{0, classBasic, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	binary.BigEndian.PutUint64(promise[at+4:], maxBody)
	c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
	f := newFrames(&script{in: bytes.NewReader(slices.Concat(promise, frameOf(frameBody, 1, 'b')))})
	f.handle(1, c)
	if _, err := io.ReadAll(f); err != nil {
		t.Fatal(err)
	}
	if got := cap(c.arriving.delivery.Body); got > bodyAhead || len(c.deliveries) > 0 {
		t.Errorf("%d bytes were taken for it", got)
	}
}

// TestFramesTruncated cuts the input at every position: that is an error or the end, and never a
// panic.
func TestFramesTruncated(t *testing.T) {
	whole := slices.Concat(ackOf(1, 1, false), methodOf(1, methodBasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, 60<<16|60, 1))
	for n := range whole {
		var got fakeHandler
		f := newFrames(&script{in: bytes.NewReader(whole[:n])})
		f.handle(1, &got)
		_, _ = io.ReadAll(f)
	}
}
