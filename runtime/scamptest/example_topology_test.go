package scamptest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// publishTo publishes one order on source and returns the error of NewProducer or Publish.
func publishTo(source runtime.ProducerSource, id string) (runtime.Receipt, error) {
	ctx := context.Background()
	producer, err := runtime.NewProducer(ctx, source, orders)
	if err != nil {
		return runtime.Receipt{}, err
	}
	defer producer.Close(ctx)
	return producer.Publish(ctx, order, map[string]string{"orderId": id})
}

// The broker itself takes the place of a dedicated connection with a dedicated channel. Its first
// publish arrives, but the confirm is lost with the connection: the message is published again, and
// consumers must expect it twice.
func ExampleBroker() {
	broker := scamptest.New()
	broker.FailNext(scamptest.LoseConfirm)
	receipt, err := publishTo(broker, "o-1")
	fmt.Println(receipt.Attempts, err, len(broker.Messages("orders")))

	// Output:
	// 2 <nil> 2
}

// Pool(1, n) takes the place of a pool of n channels on a dedicated connection. The broker refuses
// the message each time that it is published.
func ExampleBroker_Pool() {
	broker := scamptest.New()
	broker.FailNext(scamptest.Nack, scamptest.Nack, scamptest.Nack, scamptest.Nack)
	receipt, err := publishTo(broker.Pool(1, 4), "o-1")
	fmt.Println(receipt.Attempts, errors.Is(err, runtime.ErrNacked), len(broker.Messages("orders")))

	// Output:
	// 4 true 0
}

// Pool(n, 1) takes the place of a pool of n connections with a channel on each. They are cut, and
// opened again when they are needed.
func ExampleBroker_Cut() {
	broker := scamptest.New()
	pool := broker.Pool(3, 1)
	if _, err := publishTo(pool, "o-1"); err != nil {
		fmt.Println(err)
	}
	fmt.Println("cut:", broker.Cut())
	receipt, err := publishTo(pool, "o-2")
	fmt.Println(receipt.Attempts, err, len(broker.Messages("orders")))

	// Output:
	// cut: 3
	// 1 <nil> 2
}

// Two brokers behind ActivePassive take the place of two virtual hosts. The active one runs out of
// memory: the message is published to the other.
func ExampleBroker_Block() {
	active, passive := scamptest.New(), scamptest.New()
	defer active.Close()
	defer passive.Close()
	pair := runtime.ActivePassive(active, passive, runtime.Failover{})
	if _, err := publishTo(pair, "o-1"); err != nil {
		fmt.Println(err)
	}
	active.Block()
	if _, err := publishTo(pair, "o-2"); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(active.Messages("orders")), len(passive.Messages("orders")), pair.OnPassive())

	// Output:
	// 1 1 true
}
