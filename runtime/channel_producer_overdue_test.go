package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestKeyThatIsNotConfirmed fills every window with publishes to a key that is never confirmed.
// Those to other keys continue, and when the key is confirmed again, its publishes do too.
func TestKeyThatIsNotConfirmed(t *testing.T) {
	for _, topology := range []string{"dedicated", "pool"} {
		t.Run(topology, func(t *testing.T) {
			const window = 16
			var healed atomic.Bool
			var arrived atomic.Int64
			server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
				if p.RoutingKey == "stuck" && !healed.Load() {
					arrived.Add(1)
					return nullbroker.Silent
				}
				return nullbroker.Ack
			}})
			connection := connect(t, server.URL())
			source, windows := runtime.ProducerSource(runtime.DedicatedChannel(connection, runtime.WithWindow(window))), 1
			if topology == "pool" {
				source, windows = runtime.ChannelPool(connection, 4, runtime.WithWindow(window)), 4
			}
			stuck := produce(t, source, nil, runtime.WithPublishTimeout(time.Minute))
			good := produce(t, source, nil)
			ctx, cancel := context.WithCancel(testContext(t))
			var pumping sync.WaitGroup
			for range 8 {
				pumping.Go(func() {
					for ctx.Err() == nil && !healed.Load() {
						stuck.PublishAsync(ctx, to("stuck"), "x")
					}
				})
			}
			eventually(t, "every window has been filled", func() bool { return arrived.Load() >= int64(windows*window) })
			for range 1000 {
				if _, err := good.Publish(testContext(t), to("good"), "x"); err != nil {
					t.Fatal(err)
				}
			}
			healed.Store(true)
			if _, err := stuck.Publish(testContext(t), to("stuck"), "x"); err != nil {
				t.Errorf("when it was confirmed again: %v", err)
			}
			cancel()
			pumping.Wait()
		})
	}
}

// TestUnconfirmedPublishLeavesNothing ends the contexts of more unconfirmed publishes than the
// window has room for: a later publish finds a slot, on the same channel.
func TestUnconfirmedPublishLeavesNothing(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		if p.RoutingKey == "silent" {
			return nullbroker.Silent
		}
		return nullbroker.Ack
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters), runtime.WithWindow(4)), nil)
	for range 4 {
		ctx, cancel := context.WithCancel(testContext(t))
		var pending []*runtime.Pending
		for i := range 4 {
			pending = append(pending, producer.PublishAsync(ctx, &runtime.Publication{Name: "silent", Exchange: fmt.Sprint(i), RoutingKey: "silent"}, "x"))
		}
		cancel()
		for _, p := range pending {
			if _, err := p.Wait(context.Background()); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
		if _, err := producer.Publish(testContext(t), to("good"), "x"); err != nil {
			t.Error(err)
		}
	}
	if counts := counters.Counts(); counts.ChannelsLost != 0 || counts.Connected != 1 {
		t.Errorf("counted %+v", counts)
	}
}

// TestReturnOutlivesItsChannel returns a message and then does not confirm it: when the channel
// dies the message still counts as returned, and must not be published again.
func TestReturnOutlivesItsChannel(t *testing.T) {
	arrived := make(chan nullbroker.Publish, 2)
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		arrived <- p
		return nullbroker.Silent
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	pending := producer.PublishAsync(testContext(t), to("q"), "x", runtime.WithMessageID("i"))
	channel := (<-arrived).Channel
	server.Send(returned(channel, "q", "i"))
	server.Send(closeChannel(channel, 406, "PRECONDITION_FAILED"))
	receipt, err := pending.Wait(context.Background())
	if _, ok := errors.AsType[*runtime.ReturnedError](err); !ok || receipt.Attempts != 1 || len(arrived) != 0 {
		t.Errorf("got %v after %d attempts, and it arrived %d times more", err, receipt.Attempts, len(arrived))
	}
}
