package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// badPublishes are publishes for which RabbitMQ closes the channel.
func badPublishes() map[string]func(n int) (*runtime.Publication, runtime.Headers) {
	always := func(p runtime.Publication, h runtime.Headers) func(int) (*runtime.Publication, runtime.Headers) {
		p.Name = "bad"
		return func(int) (*runtime.Publication, runtime.Headers) { return &p, h }
	}
	return map[string]func(int) (*runtime.Publication, runtime.Headers){
		"missing exchange": always(runtime.Publication{Exchange: "missing"}, nil),
		"a new missing exchange each time": func(n int) (*runtime.Publication, runtime.Headers) {
			return &runtime.Publication{Name: "bad", Exchange: fmt.Sprint("missing ", n)}, nil
		},
		"user id":      always(runtime.Publication{RoutingKey: "orders", UserID: "somebody"}, nil),
		"direct reply": always(runtime.Publication{RoutingKey: "orders", ReplyTo: "amq.rabbitmq.reply-to"}, nil),
		"CC":           always(runtime.Publication{RoutingKey: "orders"}, runtime.Headers{"CC": "orders"}),
		"NaN":          always(runtime.Publication{RoutingKey: "orders"}, runtime.Headers{"a": []any{math.NaN()}}),
	}
}

// TestBadPublishFailsAlone has twenty goroutines that publish beside one that makes every mistake.
// All of their publishes succeed.
func TestBadPublishFailsAlone(t *testing.T) {
	for name, bad := range badPublishes() {
		for _, topology := range []string{"dedicated", "pool"} {
			t.Run(name+", "+topology, func(t *testing.T) {
				t.Parallel()
				host := rabbittest.New(t)
				counters := &runtime.Counters{}
				connection := connect(t, host.URL, counters)
				source := runtime.ProducerSource(runtime.DedicatedChannel(connection))
				if topology == "pool" {
					source = runtime.ChannelPool(connection, 4)
				}
				producer := produce(t, source, queue("orders"))
				ctx, cancel := context.WithTimeout(testContext(t), 2*time.Second)
				defer cancel()
				var publishing sync.WaitGroup
				var good, harmed, attempts atomic.Int64
				for range 20 {
					publishing.Go(func() {
						for ctx.Err() == nil {
							receipt, err := producer.Publish(testContext(t), to("orders"), "x")
							if err != nil && harmed.Add(1) < 4 {
								t.Errorf("harmed: %v", err)
							}
							good.Add(1)
							attempts.Add(int64(receipt.Attempts))
						}
					})
				}
				ticker := time.NewTicker(5 * time.Millisecond)
				defer ticker.Stop()
				n := 0
				for ; ctx.Err() == nil; n++ {
					<-ticker.C
					publication, headers := bad(n)
					_, err := producer.Publish(testContext(t), publication, "x", runtime.WithHeaders(headers))
					if !errors.Is(err, runtime.ErrNotSent) || runtime.MayHaveBeenDelivered(err) {
						t.Errorf("a bad publish: %v", err)
					}
				}
				publishing.Wait()
				t.Logf("%d good (%d attempts), %d bad, %d harmed, %d channels lost, %d connections lost",
					good.Load(), attempts.Load(), n, harmed.Load(), counters.Counts().ChannelsLost, counters.Counts().ConnectionsLost)
			})
		}
	}
}
