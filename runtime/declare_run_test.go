package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestDeclarationsThatCannotBeWritten checks that what no frame can carry is an error at once:
// otherwise it would end the connection again and again.
func TestDeclarationsThatCannotBeWritten(t *testing.T) {
	long := strings.Repeat("x", 256)
	odd := runtime.Headers{"x-max-length": uint64(5)}
	server := peer(t, nullbroker.Config{})
	connection := connect(t, server.URL())
	source := runtime.DedicatedChannel(connection)
	route := runtime.RouteBytes(to("q"), func(context.Context, []byte) error { return nil })
	for _, test := range []struct {
		d    runtime.Declarations
		want string
	}{
		{runtime.Declarations{Exchanges: []runtime.Exchange{{Name: long}}}, `exchange "xxxxxxxxxxxxxxxxxxxx"...: the name's 256 bytes are longer than the 255 that AMQP allows`},
		{runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "e", Type: long}}}, `exchange "e": the type's 256 bytes are longer than the 255 that AMQP allows`},
		{runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "e", Arguments: odd}}}, `exchange "e": argument "x-max-length": AMQP has no type for a uint64`},
		{runtime.Declarations{Queues: []runtime.Queue{{Name: long}}}, `queue "xxxxxxxxxxxxxxxxxxxx"...: the name's 256 bytes are longer than the 255 that AMQP allows`},
		{runtime.Declarations{Queues: []runtime.Queue{{Name: "q", Arguments: odd}}}, `queue "q": argument "x-max-length": AMQP has no type for a uint64`},
		{runtime.Declarations{Bindings: []runtime.Binding{{Queue: "q", Exchange: "e", RoutingKey: long}}}, `binding of queue "q" to exchange "e": the routing key's 256 bytes are longer than the 255 that AMQP allows`},
		{runtime.Declarations{Bindings: []runtime.Binding{{Queue: "q", Exchange: "e", Arguments: odd}}}, `binding of queue "q" to exchange "e": argument "x-max-length": AMQP has no type for a uint64`},
	} {
		_, err := runtime.NewProducer(testContext(t), source, &test.d)
		if err == nil || err.Error() != "new producer: declarations: "+test.want {
			t.Errorf("producer: got %v\nwant %s", err, test.want)
		}
		_, err = runtime.NewConsumer(testContext(t), source, runtime.Subscription{Queue: runtime.Queue{Name: "q"}, Declarations: &test.d, Routes: []runtime.Route{route}})
		if err == nil || err.Error() != `consumer of "q": declarations: `+test.want {
			t.Errorf("consumer: got %v\nwant %s", err, test.want)
		}
	}
	_, err := runtime.NewConsumer(testContext(t), source, runtime.Subscription{Queue: runtime.Queue{Name: long}, Routes: []runtime.Route{route}})
	if err == nil {
		t.Error("a consumer of a queue whose name is too long")
	}
	_, err = runtime.NewConsumer(testContext(t), source, runtime.Subscription{Queue: runtime.Queue{Name: "q"}, Routes: []runtime.Route{route}},
		runtime.WithRecovery(runtime.Forward(long)))
	if err == nil {
		t.Error("a consumer that forwards to a queue whose name is too long")
	}
}

// TestDeclareWithoutChannels allows only one channel, which the producer uses: there is none to
// declare on.
func TestDeclareWithoutChannels(t *testing.T) {
	server := peer(t, nullbroker.Config{ChannelMax: 1})
	_, err := runtime.NewProducer(testContext(t), runtime.DedicatedChannel(connect(t, server.URL())), queue("q"))
	if !errors.Is(err, amqp.ErrChannelMax) {
		t.Errorf("got %v, want that there are no channels left", err)
	}
}
