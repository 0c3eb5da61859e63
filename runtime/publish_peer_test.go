package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestPublishAfterTheEnd publishes with a context that has ended: nothing is sent.
func TestPublishAfterTheEnd(t *testing.T) {
	var arrived atomic.Int32
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived.Add(1)
		return nullbroker.Ack
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	cause := errors.New("the caller has left")
	ctx, cancel := context.WithCancelCause(testContext(t))
	cancel(cause)
	for name, publish := range map[string]func() error{
		"waiting": func() error { _, err := producer.Publish(ctx, to("q"), "x"); return err },
		"async": func() error {
			_, err := producer.PublishAsync(ctx, to("q"), "x").Wait(context.Background())
			return err
		},
	} {
		if err := publish(); !errors.Is(err, runtime.ErrNotSent) || !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want ErrNotSent and the cause", name, err)
		}
	}
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Fatal(err)
	}
	if got := arrived.Load(); got != 1 {
		t.Errorf("%d publishes arrived, want the last alone", got)
	}
}

// TestRetryKeepsID loses the connection between the publish and its confirm: the message is sent
// again, with the same id.
func TestRetryKeepsID(t *testing.T) {
	ids := make(chan string, 10)
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		ids <- p.MessageID
		if p.Connection == 1 {
			return nullbroker.Silent
		}
		return nullbroker.Ack
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	first := <-ids
	server.Reset()
	receipt, err := pending.Wait(context.Background())
	if err != nil || receipt.Attempts != 2 || receipt.MessageID != first || <-ids != first {
		t.Errorf("got %+v, %v, want two attempts of %s", receipt, err, first)
	}
}

func TestAtMostOnce(t *testing.T) {
	arrived := make(chan struct{}, 10)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived <- struct{}{}
		return nullbroker.Silent
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil, runtime.WithAtMostOnce())
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	<-arrived
	server.Cut()
	receipt, err := pending.Wait(context.Background())
	if !runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 1 || len(arrived) != 0 {
		t.Errorf("got %+v, %v, and %d arrived again", receipt, err, len(arrived))
	}
}

// TestMistakeIsNotRepeated publishes what makes the peer close the channel each time. If the reply
// names the message, that is the end; otherwise the message is tried once more, alone.
func TestMistakeIsNotRepeated(t *testing.T) {
	tests := []struct {
		name     string
		code     uint16
		text     string
		attempts int
	}{
		{"its exchange does not exist", 404, "NOT_FOUND - no exchange 'x' in vhost '/'", 1},
		{"its exchange is internal", 403, "ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'", 1},
		{"its exchange is forbidden", 403, "ACCESS_REFUSED - write access to exchange 'x' in vhost '/' refused for user 'u'", 1},
		{"its topic is forbidden", 403, "ACCESS_REFUSED - access to topic 'k' in exchange 'x' in vhost '/' refused for user 'u'", 1},
		{"somebody's topic is forbidden", 403, "ACCESS_REFUSED - access to topic 'l' in exchange 'x' in vhost '/' refused for user 'u'", 2},
		{"its user is another", 406, "PRECONDITION_FAILED - user_id property set to 'u' but authenticated user was 'guest'", 1},
		{"somebody's user is another", 406, "PRECONDITION_FAILED - user_id property set to 'v' but authenticated user was 'guest'", 2},
		{"it is too large", 406, "PRECONDITION_FAILED - message size 5 is larger than configured max size 4", 1},
		{"something is too large", 406, "PRECONDITION_FAILED - message size 55 is larger than configured max size 54", 2},
		{"somebody's mistake, perhaps its own", 406, "PRECONDITION_FAILED", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			arrived := make(chan nullbroker.Publish, 10)
			server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
				arrived <- p
				return nullbroker.Silent
			}})
			producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
			publication := &runtime.Publication{Name: "P", Exchange: "x", RoutingKey: "k", UserID: "u"}
			pending := producer.PublishAsync(testContext(t), publication, "large")
			for range test.attempts {
				server.Send(closeChannel((<-arrived).Channel, test.code, test.text))
			}
			receipt, err := pending.Wait(context.Background())
			var mistake *runtime.ChannelError
			if !errors.As(err, &mistake) || mistake.Reply.Code != test.code || receipt.Attempts != test.attempts {
				t.Errorf("got %+v, %v", receipt, err)
			}
			if runtime.MayHaveBeenDelivered(err) != (test.attempts > 1) {
				t.Errorf("MayHaveBeenDelivered is wrong after %v", err)
			}
		})
	}
}
