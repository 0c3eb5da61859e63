package scamptest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// This tests a program that publishes orders without a network: a message that no queue takes comes
// back, and the broker fails exactly when the test wants.
func Example() {
	ctx := context.Background()
	broker := scamptest.New()
	declarations := &runtime.Declarations{Queues: []runtime.Queue{{Name: "order.placed", Durable: true}}}
	orderPlaced := &runtime.Publication{Name: "OrderPlaced", RoutingKey: "order.placed", Type: "OrderPlaced"}

	// A generated NewProducer takes the broker as well.
	producer, err := runtime.NewProducer(ctx, broker, declarations)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer producer.Close(ctx)

	broker.FailNext(scamptest.LoseConfirm) // the connection dies before the confirm comes
	receipt, err := producer.Publish(ctx, orderPlaced, map[string]string{"orderId": "o-1"})
	fmt.Println(receipt.Attempts, err)

	broker.DeleteQueue("order.placed")
	_, err = producer.Publish(ctx, orderPlaced, map[string]string{"orderId": "o-2"})
	var returned *runtime.ReturnedError
	fmt.Println(errors.As(err, &returned))

	// Output:
	// 2 <nil>
	// true
}

// Read what arrived without consuming it.
func ExampleBroker_WaitMessages() {
	ctx := context.Background()
	broker := scamptest.New()
	err := broker.Declare(&runtime.Declarations{
		Queues:   []runtime.Queue{{Name: "audit"}},
		Bindings: []runtime.Binding{{Queue: "audit", Exchange: "amq.topic", RoutingKey: "order.#"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = broker.Publish(runtime.Message{Exchange: "amq.topic", RoutingKey: "order.placed", Body: []byte(`{"orderId":"o-1"}`)})
	messages, err := broker.WaitMessages(ctx, "audit", 1)
	fmt.Println(string(messages[0].Body), err)

	// Output:
	// {"orderId":"o-1"} <nil>
}
