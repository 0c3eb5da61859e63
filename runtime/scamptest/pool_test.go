package scamptest_test

import (
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// TestPoolHasAChannel checks the same rule as for runtime.ChannelPool: at least one of each.
func TestPoolHasAChannel(t *testing.T) {
	b := scamptest.New()
	for _, size := range [][2]int{{0, 1}, {1, 0}, {-1, -1}} {
		if _, err := b.Pool(size[0], size[1]).ProducerChannel(t.Context(), runtime.ProducerRequest{}); err != nil {
			t.Errorf("a pool of %d connections with %d channels: %v", size[0], size[1], err)
		}
	}
}

func TestPoolSpreads(t *testing.T) {
	b := scamptest.New()
	pool := b.Pool(2, 2)
	seen := map[runtime.ProducerChannel]int{}
	for range 40 {
		channel, err := pool.ProducerChannel(t.Context(), runtime.ProducerRequest{})
		if err != nil {
			t.Fatal(err)
		}
		seen[channel]++
	}
	if len(seen) != 4 {
		t.Errorf("%d channels are used, want 4", len(seen))
	}
	// A channel error ends one channel and no other.
	broken, err := pool.ProducerChannel(t.Context(), runtime.ProducerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	broken.Publish(t.Context(), runtime.PublishRequest{Message: &runtime.Message{Exchange: "missing"}, Settle: func(runtime.Settlement) {}})
	for channel := range seen {
		select {
		case <-channel.Done():
			if channel != broken {
				t.Error("a channel died of another's mistake")
			}
		default:
			if channel == broken {
				t.Error("the channel survived its mistake")
			}
		}
	}
}

// TestManyClients publishes, consumes, cuts and inspects from many goroutines at once: with the
// race detector, and every message must arrive.
func TestManyClients(t *testing.T) {
	const producers, each = 8, 200
	b := scamptest.New()
	pool := producer(t, b.Pool(2, 2))
	errs := make(chan error, producers)
	for range producers {
		go func() {
			var err error
			for range each {
				if _, failed := pool.Publish(t.Context(), order, "x"); failed != nil {
					err = failed
				}
			}
			errs <- err
		}()
	}
	stop, cut := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(cut)
		for {
			select {
			case <-stop:
				return
			default:
				b.Cut()
				b.Messages("orders")
			}
		}
	}()
	for range producers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	close(stop)
	<-cut
	ids := map[string]bool{}
	for _, m := range b.Messages("orders") {
		ids[m.MessageID] = true
	}
	if len(ids) != producers*each {
		t.Errorf("%d messages arrived, want %d", len(ids), producers*each)
	}
}
