package runtime

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// frameFilter is a connection of the client library, and keeps what frames lets pass.
type frameFilter struct {
	f   *frames
	in  bytes.Buffer
	out *script
}

func newFrameFilter(t *testing.T) *frameFilter {
	t.Helper()
	p := &frameFilter{}
	p.out = &script{in: &p.in}
	p.f = newFrames(p.out)
	p.write(t, []byte("AMQP\x00\x00\x09\x01"))
	return p
}

// write lets the library write, and returns what of it was sent.
func (p *frameFilter) write(t *testing.T, frame []byte) []byte {
	t.Helper()
	p.out.out.Reset()
	if n, err := p.f.Write(frame); n != len(frame) || err != nil {
		t.Fatalf("wrote %d bytes: %v", n, err)
	}
	return bytes.Clone(p.out.out.Bytes())
}

// read lets the broker write, and returns what the library reads of it.
func (p *frameFilter) read(t *testing.T, frame []byte) []byte {
	t.Helper()
	p.in.Write(frame)
	passed, err := io.ReadAll(p.f)
	if err != nil {
		t.Fatal(err)
	}
	return passed
}

var (
	openFrame    = methodOf(1, methodChannelOpen, 0)
	openOKFrame  = methodOf(1, methodChannelOpenOK, 0, 0, 0, 0)
	closeFrame   = methodOf(1, methodChannelClose, 0, 200, 0, 0, 0, 0, 0)
	closeOKFrame = methodOf(1, methodChannelCloseOK)
	anyFrame     = methodOf(1, 50<<16|10, 1, 2, 3)
)

// TestChannelIsTakenWithItsOpenOK checks from when on a handler takes frames, and that the number
// is known only then, and belongs to this open.
func TestChannelIsTakenWithItsOpenOK(t *testing.T) {
	var got fakeHandler
	p := newFrameFilter(t)
	p.f.channels.expect(&got)
	p.read(t, methodOf(2, methodChannelOpenOK, 0, 0, 0, 0)) // nobody has asked for it
	p.write(t, openFrame[:9])
	p.write(t, openFrame[9:])
	p.read(t, methodOf(2, methodChannelOpenOK, 0, 0, 0, 0))
	if p.f.channels.handler(1) != nil || p.f.channels.handler(2) != nil {
		t.Error("a channel has been taken before its open-ok")
	}
	if _, ok := p.f.channels.opened(); ok {
		t.Error("another channel's open-ok was taken for this one's")
	}
	if passed := p.read(t, openOKFrame); !bytes.Equal(passed, openOKFrame) {
		t.Errorf("the library reads %x", passed)
	}
	if number, ok := p.f.channels.opened(); number != 1 || !ok || p.f.channels.handler(1) != &got {
		t.Errorf("opened %d, %v", number, ok)
	}
}

// TestChannelThatIsClosedAtOnce lets the broker close a channel together with its open-ok, before
// our side knows that it is open.
func TestChannelThatIsClosedAtOnce(t *testing.T) {
	var got fakeHandler
	p := newFrameFilter(t)
	p.f.channels.expect(&got)
	p.write(t, openFrame)
	p.read(t, slices.Concat(openOKFrame, closeFrame, ackOf(1, 1, false)))
	if !slices.Equal(got, fakeHandler{"closed"}) {
		t.Errorf("the handler got %q, want that it is closed", got)
	}
	if number, ok := p.f.channels.opened(); number != 1 || !ok {
		t.Errorf("opened %d, %v", number, ok)
	}
}

// TestNumberInUse lets the library open a channel whose number is not free.
func TestNumberInUse(t *testing.T) {
	var living fakeHandler
	for name, prepare := range map[string]func(*frameFilter){
		"open":                 func(*frameFilter) {},
		"closing":              func(p *frameFilter) { p.write(t, closeFrame) },
		"closed by the broker": func(p *frameFilter) { p.read(t, closeFrame) },
	} {
		p := newFrameFilter(t)
		p.f.handle(1, &living)
		prepare(p)
		p.f.channels.expect(nil)
		if _, err := p.f.Write(openFrame); !errors.Is(err, errNumberTaken) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	p := newFrameFilter(t)
	if _, err := p.f.Write(openFrame); !errors.Is(err, errNumberTaken) {
		t.Errorf("a channel that nobody asked for: got %v", err)
	}
}

// TestNothingAfterOurClose closes a channel: its handler has stopped writing before the close is
// sent, still takes what the broker has sent before its answer, and the library does not write
// anything more either.
func TestNothingAfterOurClose(t *testing.T) {
	var got fakeHandler
	p := newFrameFilter(t)
	p.f.handle(1, &got)
	if left := p.write(t, slices.Concat(anyFrame, closeFrame, anyFrame, heartbeatFrame())); !bytes.Equal(left, slices.Concat(anyFrame, closeFrame, heartbeatFrame())) {
		t.Errorf("%x has left", left)
	}
	p.read(t, ackOf(1, 1, false))
	if want := (fakeHandler{"closed", "method 80 000000000000000100"}); !slices.Equal(got, want) {
		t.Errorf("the handler got %q, want %q", got, want)
	}
	if passed := p.read(t, closeOKFrame); !bytes.Equal(passed, closeOKFrame) {
		t.Errorf("the library reads %x", passed)
	}
	if left := p.write(t, anyFrame); len(left) > 0 || len(p.f.channels.byNumber) > 0 {
		t.Errorf("%x has left, and %d channels", left, len(p.f.channels.byNumber))
	}
}

// TestNothingAfterTheBrokersClose checks that only the answer is sent after the broker has closed a
// channel, whatever the library was about to write.
func TestNothingAfterTheBrokersClose(t *testing.T) {
	p := newFrameFilter(t)
	p.f.handle(1, nil)
	p.read(t, closeFrame)
	for _, when := range []string{"before the answer", "after it"} {
		if left := p.write(t, slices.Concat(anyFrame, closeFrame)); len(left) > 0 {
			t.Errorf("%s %x has left", when, left)
		}
		if left := p.write(t, closeOKFrame); !bytes.Equal(left, closeOKFrame) {
			t.Errorf("%x has left, want the answer", left)
		}
	}
	if n := len(p.f.channels.byNumber); n > 0 {
		t.Errorf("%d channels are left", n)
	}
}

// TestClosesThatCross lets both sides close a channel at the same time, again and again, and the
// next channel has the same number: the broker's answer to the first close must not be taken for an
// answer to the second.
func TestClosesThatCross(t *testing.T) {
	var server atomic.Pointer[nullbroker.Server]
	config := nullbroker.Config{ChannelMax: 1, Answers: func(r nullbroker.Request) bool {
		if r.Method == "channel.close" {
			server.Load().Send(closeFrame)
		}
		return true
	}}
	server.Store(peerOf(t, config))
	_, conn := connectTo(t, server.Load(), Broker{})
	for range 50 {
		opened, err := conn.openChannel(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		conn.closeChannel(opened)
	}
	if conn.dead() {
		t.Errorf("the connection was lost: %v", conn.cause)
	}
}

// TestCloseEndsWrites closes channels while others write on them: the peer ends the connection when
// a frame comes on a closed channel.
func TestCloseEndsWrites(t *testing.T) {
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Delivery: []byte("x")}), Broker{})
	for n := range 100 {
		busy := make(chan struct{})
		var once sync.Once
		var writing sync.WaitGroup
		if n%2 == 0 {
			closeWhileConsuming(t, conn, &writing, func() { once.Do(func() { close(busy) }) }, busy)
		} else {
			closeWhilePublishing(t, conn, &writing, func() { once.Do(func() { close(busy) }) }, busy)
		}
		writing.Wait()
	}
	if _, err := conn.openChannel(t.Context(), nil); err != nil {
		t.Errorf("the connection has not survived: %v", err)
	}
}

func closeWhileConsuming(t *testing.T, conn *conn, writing *sync.WaitGroup, begun func(), busy <-chan struct{}) {
	c := newConsumerChannel(conn, nil)
	opened, err := conn.openChannel(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	c.adopt(opened)
	consumption, err := c.Consume(t.Context(), ConsumeRequest{Queue: "q", Prefetch: 50})
	if err != nil {
		t.Fatal(err)
	}
	writing.Go(func() {
		for delivery := range consumption.Deliveries {
			if c.Ack(delivery.Tag, false) != nil {
				return
			}
			begun()
		}
	})
	<-busy
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func closeWhilePublishing(t *testing.T, conn *conn, writing *sync.WaitGroup, begun func(), busy <-chan struct{}) {
	p, err := openProducerChannel(t.Context(), conn, testSupervisor())
	if err != nil {
		t.Fatal(err)
	}
	writing.Go(func() {
		m := &Message{RoutingKey: "q", Body: []byte("x")}
		for !isClosed(p.Done()) {
			p.Publish(t.Context(), PublishRequest{Message: m, Settle: func(Settlement) {}})
			begun()
		}
	})
	<-busy
	if err := p.channel.Close(); err != nil {
		t.Error(err)
	}
}
