// Command example sends an order whose payment fails twice, and prints the one trace that this
// gives: through a retry to the consumer of dead letters. It runs on a broker in memory, or on the
// RabbitMQ that AMQP_URL names.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel"
	"github.com/scampgen/scampgen/runtime/scampotel/internal/spantree"
	"github.com/scampgen/scampgen/runtime/scamptest"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv("AMQP_URL"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run prints the trace when the dead letter has been handled.
func run(ctx context.Context, out io.Writer, url string) error {
	spans := tracetest.NewSpanRecorder() // a program has an exporter here
	traces := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	telemetry := scampotel.New(scampotel.WithTracerProvider(traces))
	source, options, closeAll := open(url, telemetry)
	defer closeAll()

	ctx, stop := context.WithTimeout(ctx, time.Minute)
	handled := make(chan struct{})
	consumers := make(chan error, 2)
	start := func(queue string, handle func(context.Context, string) error) error {
		consumer, err := consume(ctx, source, queue, handle, options)
		if err != nil {
			return err
		}
		go func() { consumers <- consumer.Run(ctx) }()
		return nil
	}
	err := errors.Join(
		start("orders", func(context.Context, string) error { return errors.New("the payment service is down") }),
		start("orders.dead", func(context.Context, string) error { close(handled); return nil }))
	if err == nil {
		err = request(ctx, traces, source)
	}
	if err == nil {
		select {
		case <-handled:
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	stop()
	err = errors.Join(err, <-consumers, <-consumers)
	fmt.Fprint(out, spantree.Text(spans.Ended()))
	return err
}

// open returns what producers and consumers run on.
func open(url string, telemetry *scampotel.Telemetry) (source runtime.Source, options []runtime.ConsumerOption, closeAll func()) {
	if url == "" {
		return runtime.Intercept(scamptest.New(), telemetry.PublishMiddleware()),
			[]runtime.ConsumerOption{runtime.WithMiddleware(telemetry.Middleware()), runtime.WithObserver(telemetry)}, func() {}
	}
	broker := telemetry.Instrument(runtime.Broker{URL: url, Observer: runtime.NoObserver})
	connection := runtime.DedicatedConnection(broker)
	return runtime.DedicatedChannel(connection), nil, func() { _ = connection.Close(context.Background()) }
}

func consume(ctx context.Context, source runtime.Source, queue string, handle func(context.Context, string) error, options []runtime.ConsumerOption) (*runtime.Consumer, error) {
	declared := runtime.Queue{Name: queue, Durable: true}
	backoff := runtime.Backoff{Min: 50 * time.Millisecond, Max: 50 * time.Millisecond}
	return runtime.NewConsumer(ctx, source, runtime.Subscription{
		Queue:        declared,
		Declarations: &runtime.Declarations{Queues: []runtime.Queue{declared}},
		Routes:       []runtime.Route{runtime.RouteText(order, handle)},
	}, append(options, runtime.WithRecovery(runtime.Republish(1, backoff)))...)
}

var order = &runtime.Publication{Name: "order", RoutingKey: "orders"}

// request is what a server does for a request.
func request(ctx context.Context, traces *sdktrace.TracerProvider, source runtime.Source) error {
	ctx, span := traces.Tracer("shop").Start(ctx, "POST /orders")
	defer span.End()
	producer, err := runtime.NewProducer(ctx, source, nil)
	if err != nil {
		return err
	}
	_, err = producer.Publish(ctx, order, "order 7")
	return errors.Join(err, producer.Close(ctx))
}
