package runtime_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestResetsHarmNoGoodMessage resets the connection forty times in ten seconds while 300 messages
// are handled. The broker counts each reset for everything that was prefetched; none of the
// messages becomes a dead letter.
func TestResetsHarmNoGoodMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s; run without -short")
	}
	for _, test := range []struct {
		name      string
		arguments runtime.Headers
		options   []runtime.ConsumerOption
	}{
		{"quorum queue", runtime.Headers{"x-queue-type": "quorum"}, nil},
		{"quorum queue, several workers", runtime.Headers{"x-queue-type": "quorum"}, []runtime.ConsumerOption{runtime.WithWorkers(4)}},
		{"classic queue", runtime.Headers{"x-queue-type": "classic"}, []runtime.ConsumerOption{runtime.WithRedeliveryLimit(5)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := rabbittest.New(t)
			const n = 300
			direct := shopOn(t, host, test.arguments)
			direct.publish(t, n)
			address, err := url.Parse(host.URL)
			if err != nil {
				t.Fatal(err)
			}
			proxy := rabbittest.NewProxy(t, address.Host)
			connection := connect(t, proxy.URL(t, host.URL))
			through := &shop{host: host, source: runtime.DedicatedChannel(connection), declarations: direct.declarations}
			var mu sync.Mutex
			handled := make(map[string]bool)
			consumer, stop := through.consume(t, func(ctx context.Context, o *order) error {
				select {
				case <-time.After(30 * time.Millisecond):
				case <-ctx.Done():
					return ctx.Err()
				}
				mu.Lock()
				defer mu.Unlock()
				handled[o.ID] = true
				return nil
			}, test.options...)
			for range 40 {
				<-time.After(250 * time.Millisecond)
				proxy.Reset()
			}
			eventually(t, "all are handled", func() bool {
				mu.Lock()
				defer mu.Unlock()
				return len(handled)+int(consumer.Count(runtime.EventDeadLettered)) >= n
			})
			stop()
			t.Logf("handled %d, %d of them again; dead letters: %d", len(handled), consumer.Count(runtime.EventHandled)-int64(len(handled)), consumer.Count(runtime.EventDeadLettered))
			if consumer.Count(runtime.EventDeadLettered) > 0 || len(handled) != n {
				t.Errorf("%d good messages are dead letters, %d of %d are handled", consumer.Count(runtime.EventDeadLettered), len(handled), n)
			}
		})
	}
}
