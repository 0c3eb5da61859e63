package runtime_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// TestStreamRefused: what a stream does not have is refused before anything is asked of the broker.
func TestStreamRefused(t *testing.T) {
	first := runtime.WithStreamOffset(runtime.StreamFirst())
	for _, test := range []struct {
		name    string
		change  func(*runtime.Subscription)
		options []runtime.ConsumerOption
		want    string
	}{
		{"no offset", nil, nil, "nothing says where its consumer begins"},
		{"no store", nil, []runtime.ConsumerOption{runtime.WithOffsetStore(nil, "x"), first}, "WithOffsetStore: no store"},
		{"empty offset", nil, []runtime.ConsumerOption{runtime.WithStreamOffset(runtime.StreamOffset{})}, "nothing says where its consumer begins"},
		{"negative offset", nil, []runtime.ConsumerOption{runtime.WithStreamOffset(runtime.StreamAt(-1))}, "wanted a number from 0"},
		{"early time", nil, []runtime.ConsumerOption{runtime.WithStreamOffset(runtime.StreamSince(time.Time{}))}, "no times before 1970"},
		{"wrong text", func(s *runtime.Subscription) { s.Arguments = runtime.Headers{"x-stream-offset": "begin"} }, nil, `stream offset "begin"`},
		{"wrong filter", func(s *runtime.Subscription) { s.Arguments = runtime.Headers{"x-stream-filter": 1} }, []runtime.ConsumerOption{first}, "wanted a string or a list of strings"},
		{"no acknowledgements", func(s *runtime.Subscription) { s.NoAck = true }, []runtime.ConsumerOption{first}, "without acknowledgements"},
		{"exclusive", nil, []runtime.ConsumerOption{first, runtime.WithExclusive()}, "no exclusive consumers"},
		{"priority", nil, []runtime.ConsumerOption{first, runtime.WithConsumerPriority(1)}, "no priorities"},
		{"redelivery limit", nil, []runtime.ConsumerOption{first, runtime.WithRedeliveryLimit(3)}, "no count of deliveries"},
		{"dead-letter policy", nil, []runtime.ConsumerOption{first, runtime.WithDeadLetterPolicy()}, "no dead-letter exchange"},
		{"retries", nil, []runtime.ConsumerOption{first, runtime.WithRecovery(runtime.When(func(error) bool { return true }, runtime.Republish(1, runtime.Backoff{})))}, "no retry queues"},
		{"retries of the contract", func(s *runtime.Subscription) {
			s.Recovery = []runtime.Recovery{runtime.Republish(1, runtime.Backoff{})}
		}, []runtime.ConsumerOption{first}, "no retry queues"},
		{"single active without a store", nil, []runtime.ConsumerOption{first, runtime.WithSingleActiveConsumer()}, "needs WithOffsetStore"},
		{"single active by argument", nil, []runtime.ConsumerOption{first, runtime.WithConsumerArguments(runtime.Headers{"x-single-active-consumer": true})}, "use WithSingleActiveConsumer"},
		{"store without a name", nil, []runtime.ConsumerOption{runtime.WithOffsetStore(&runtime.MemoryOffsets{}, "")}, "has no name"},
		{"offset of a queue", func(s *runtime.Subscription) { s.Queue.Arguments = runtime.Headers{"x-queue-type": "quorum"} }, []runtime.ConsumerOption{first}, "is for streams"},
	} {
		t.Run(test.name, func(t *testing.T) {
			subscription := runtime.Subscription{
				Queue:  runtime.Queue{Name: "s", Durable: true, Arguments: streamArguments},
				Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(context.Context, *order) error { return nil })},
			}
			if test.change != nil {
				test.change(&subscription)
			}
			_, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(runtime.DedicatedConnection(runtime.Broker{URL: "amqp://127.0.0.1:1"})), subscription, test.options...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
