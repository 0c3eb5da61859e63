package runtime

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// TestHeaderWithoutReturn sends a content header without a method, after a message has come back:
// that must not count as a second one.
func TestHeaderWithoutReturn(t *testing.T) {
	p := testProducerChannel(2)
	for range 2 {
		p.window.add(published(Message{}))
	}
	comesBack := methodOf(1, frame.BasicReturn, 1, 0x38, 0, 0, 0)
	header := frameOf(frameHeader, 1, make([]byte, 14)...)
	if err := receive(slices.Concat(comesBack, header, header), p); !errors.Is(err, errUnexpected) {
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
	f.Add(slices.Concat(ackOf(1, 1), methodOf(1, frame.BasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, frame.BasicDeliver, 1)))
	f.Add(methodOf(1, channelClose, 1, 2))
	f.Add(slices.Concat(methodOf(2, frame.BasicDeliver, deliverArguments(1, true, "shop", "key")...), frameOf(frameHeader, 2, contentHeader(everything())...), frameOf(frameBody, 2, 'b', 'o', 'd', 'y')))
	f.Add(slices.Concat(delivery(2, 1, "body"), delivery(2, 2, "")))
	f.Add(slices.Concat(delivery(2, 1, "half")[:60], methodOf(2, channelClose)))
	f.Fuzz(func(t *testing.T, in []byte) {
		p := testProducerChannel(1)
		p.window.add(published(Message{}))
		c := &consumerChannel{deliveries: make(chan *Delivery, 2)}
		_ = receive(in, p, c)
		close(c.deliveries)
		for d := range c.deliveries {
			if len(d.Body) > len(in) {
				t.Errorf("a body of %d bytes in %d", len(d.Body), len(in))
			}
		}
	})
}

// TestClosesThatCross lets both sides close a channel at the same time, again and again, and the
// next channel has the same number: the broker's answer to the first close must not be taken for an
// answer to the second.
func TestClosesThatCross(t *testing.T) {
	var server atomic.Pointer[nullbroker.Server]
	config := nullbroker.Config{ChannelMax: 1, Answers: func(r nullbroker.Request) bool {
		if r.Method == "channel.close" {
			server.Load().Send(methodOf(1, channelClose, 0, 200, 0, 0, 0, 0, 0))
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
