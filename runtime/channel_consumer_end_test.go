package runtime

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// TestDeliveriesBeyondThePrefetch lets the broker send five times as many deliveries as requested,
// as it does when the connections within a cluster break. All of them arrive, in order.
func TestDeliveriesBeyondThePrefetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &script{}
		c := &consumerChannel{number: 1, conn: &conn{frames: frame.NewConn(out)}, done: make(chan struct{}), cancelled: make(chan struct{})}
		deliveries, err := c.begin(ConsumeRequest{Queue: "orders", Prefetch: 2})
		if err != nil {
			t.Fatal(err)
		}
		var in []byte
		for tag := range uint64(10) {
			in = append(in, delivery(1, tag+1, "body")...)
		}
		if err := receive(in, c); err != nil {
			t.Fatal(err)
		}
		for want := uint64(1); want <= 10; want++ {
			if d := <-deliveries; d.Tag != want || d.Ack() != nil {
				t.Errorf("tag %d, want %d and an acknowledgement", d.Tag, want)
			}
		}
		ended := make(chan amqp.Delivery)
		go c.awaitEnd(ended)
		close(c.cancelled)
		close(ended)
		if _, more := <-deliveries; more {
			t.Error("a delivery after the last")
		}
	})
}

// TestOvershootEndsWithTheChannel leaves deliveries beyond the prefetch unread when the channel
// dies.
func TestOvershootEndsWithTheChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &consumerChannel{done: make(chan struct{}), cancelled: make(chan struct{})}
		deliveries, _ := c.begin(ConsumeRequest{Queue: "orders", Prefetch: 1})
		for tag := range uint64(3) {
			c.arriving.delivery = &Delivery{Tag: tag + 1}
			if err := c.arrived(); err != nil {
				t.Fatal(err)
			}
		}
		ended := make(chan amqp.Delivery)
		close(ended)
		close(c.done)
		c.awaitEnd(ended)
		for range deliveries { // ends
		}
	})
}

// TestMultipleDoesNotPassAReject acknowledges deliveries around one whose reject is being written.
func TestMultipleDoesNotPassAReject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that no batch is sent because of its age
		channel := &slowReject{began: make(chan struct{}), goOn: make(chan struct{})}
		a := newAnswers(channel, 7, 1, func(err error) { t.Error(err) }) // three are batched
		for tag := uint64(1); tag <= 5; tag++ {
			a.add(tag)
		}
		rejected := make(chan error)
		go func() { rejected <- a.Reject(2, false) }()
		<-channel.began
		for _, tag := range []uint64{1, 3, 4} {
			if err := a.ack(tag); err != nil {
				t.Error(err)
			}
		}
		for _, ack := range channel.acks {
			if ack.multiple && ack.tag > 2 {
				t.Errorf("tag %d and all before it are acknowledged, 2 among them, which is being rejected", ack.tag)
			}
		}
		close(channel.goOn)
		if err := <-rejected; err != nil {
			t.Error(err)
		}
		a.close()
		if want := []sentAck{{1, false}, {4, true}}; !slices.Equal(channel.acks, want) {
			t.Errorf("acknowledged %v, want %v", channel.acks, want)
		}
	})
}

// slowReject is an Acknowledger whose rejects wait until the test releases them.
type slowReject struct {
	began, goOn chan struct{}
	acks        []sentAck
}

type sentAck struct {
	tag      uint64
	multiple bool
}

func (c *slowReject) Ack(tag uint64, multiple bool) error {
	c.acks = append(c.acks, sentAck{tag, multiple})
	return nil
}

func (c *slowReject) Reject(uint64, bool) error {
	close(c.began)
	<-c.goOn
	return nil
}

// TestDeathOfChannelHasAReason lets the broker close a channel, and a whole connection.
func TestDeathOfChannelHasAReason(t *testing.T) {
	lost := errors.New("the network went down")
	dead := make(chan struct{})
	close(dead)
	c := &conn{done: dead, cause: lost}
	refusal := &amqp.Error{Code: 406, Reason: "PRECONDITION_FAILED - delivery acknowledgement timed out", Server: true, Recover: true}
	var reply *ChannelError
	if err := c.reasonOf(refusal); !errors.As(err, &reply) || reply.Reply.Code != 406 {
		t.Errorf("a closed channel: %v", err)
	}
	if err := c.reasonOf(&amqp.Error{Code: 501, Reason: "EOF"}); !errors.Is(err, lost) {
		t.Errorf("a lost connection: %v", err)
	}
	if err := c.reasonOf(nil); err != nil {
		t.Errorf("closed by this side: %v", err)
	}
}

// TestManyCancels lets the broker cancel a consumer again and again. If one of the cancels is not
// read, the client library's reader waits five seconds for it, and everything else waits too.
func TestManyCancels(t *testing.T) {
	server := peerOf(t, nullbroker.Config{Delivery: []byte("{}")})
	connection := DedicatedConnection(Broker{URL: server.URL()})
	defer connection.Close(t.Context())
	source := DedicatedChannel(connection)
	channel, err := source.ConsumerChannel(t.Context(), ConsumerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	consumption, err := channel.Consume(t.Context(), ConsumeRequest{Queue: "orders", Prefetch: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := channel.(*consumerChannel)
	for range 4 {
		server.Send(methodOf(c.number, 60<<16|30, append(shortString(c.tag), 1)...))
	}
	for range consumption.Deliveries { // until they end
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	if _, err := source.ConsumerChannel(ctx, ConsumerRequest{}); err != nil {
		t.Errorf("another channel: %v", err)
	}
}
