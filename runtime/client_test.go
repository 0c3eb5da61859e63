package runtime_test

import (
	"context"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

// Without a broker that could be reached later, a lazy client fails at once.
func TestLazyMistakes(t *testing.T) {
	const want = "Broker has no URL"
	lazy := func() *runtime.Connection { return runtime.DedicatedConnection(runtime.Broker{Lazy: true}) }
	handle := func(context.Context, []byte) error { return nil }
	good := runtime.DedicatedConnection(runtime.Broker{URL: "amqp://localhost:1", Lazy: true})
	for name, source := range map[string]runtime.Source{
		"dedicated": runtime.DedicatedChannel(lazy()),
		"pair":      runtime.ActivePassive(runtime.DedicatedChannel(good), runtime.DedicatedChannel(lazy()), runtime.Failover{}),
	} {
		if _, err := runtime.NewProducer(t.Context(), source, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: NewProducer returned %v", name, err)
		}
		_, err := runtime.NewConsumer(t.Context(), source, runtime.Subscription{
			Queue:  runtime.Queue{Name: "q"},
			Routes: []runtime.Route{runtime.RouteBytes(&runtime.Publication{Name: "Any"}, handle)},
		})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: NewConsumer returned %v", name, err)
		}
	}
}
