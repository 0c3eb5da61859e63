// Command orders is a shop and its warehouse, which speak through the packages that scampgen
// generated from orders.yaml. It sells something, waits until everybody has
// done their part and exits. Without AMQP_URL it brings its own broker, in memory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

//go:generate go tool scampgen generate

func main() {
	if err := run(os.Getenv("AMQP_URL"), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "orders:", err)
		os.Exit(1)
	}
}

// run lets the shop sell on the broker with the given URL, or on one in memory when it is empty.
func run(url string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if url == "" {
		fmt.Fprintln(out, "on a broker in memory; set AMQP_URL to use RabbitMQ")
		return trade(ctx, scamptest.New(), out)
	}
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url, Name: "orders example"})
	defer func() { _ = connection.Close(ctx) }() // everything has been acknowledged
	return trade(ctx, runtime.DedicatedChannel(connection), out)
}

// trade opens the shop and the warehouse, sells, and closes when all messages have been handled.
func trade(ctx context.Context, source runtime.Source, out io.Writer) error {
	ledger := newLedger(out)
	producers, err := newProducers(ctx, source)
	if err != nil {
		return err
	}
	consumers, err := newConsumers(ctx, source, producers, ledger)
	if err != nil {
		return err
	}

	running, stop := context.WithCancel(ctx)
	defer stop()
	group, running := errgroup.WithContext(running) // ends when a consumer fails
	for _, consumer := range consumers {
		group.Go(func() error { return consumer.Run(running) })
	}
	sold, err := (&shop{producers.orders, ledger}).sell(running)
	if err == nil {
		err = ledger.wait(running, sold)
	}
	stop() // consumers finish what they have begun
	if err := errors.Join(err, group.Wait(), producers.close(ctx)); err != nil {
		return err
	}
	ledger.total()
	return nil
}
