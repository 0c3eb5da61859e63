package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// TestRunStopsAll: the first error ends all others, and is the first of those that are returned.
func TestRunStopsAll(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	failed := make(chan struct{})
	err := runtime.Run(t.Context(),
		func(context.Context) error { return nil }, // does not end the others
		func(ctx context.Context) error {
			<-ctx.Done()
			return second
		},
		func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		},
		func(context.Context) error {
			defer close(failed)
			return first
		})
	<-failed
	if !errors.Is(err, first) || !errors.Is(err, second) || !strings.HasPrefix(err.Error(), "first\n") {
		t.Errorf("got %v", err)
	}
}

// TestRunConsumers: consumers consume until the context ends, which is no error.
func TestRunConsumers(t *testing.T) {
	broker := scamptest.New()
	ctx, stop := context.WithCancel(testContext(t))
	handled := make(chan string, 2)
	var runs []func(context.Context) error
	for _, name := range []string{"a", "b"} {
		consumer, err := runtime.NewConsumer(ctx, broker, runtime.Subscription{
			Queue: queue(name).Queues[0], Declarations: queue(name),
			Routes: []runtime.Route{runtime.RouteText(to(name), func(_ context.Context, text string) error { handled <- text; return nil })},
		})
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, consumer.Run)
	}
	ran := make(chan error, 1)
	go func() { ran <- runtime.Run(ctx, runs...) }()
	producer := produce(t, broker, nil)
	for _, name := range []string{"a", "b"} {
		if _, err := producer.Publish(ctx, to(name), name); err != nil {
			t.Fatal(err)
		}
	}
	if got := <-handled + <-handled; got != "ab" && got != "ba" {
		t.Errorf("handled %q", got)
	}
	stop()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if err := runtime.Run(t.Context()); err != nil {
		t.Errorf("nothing to run: %v", err)
	}
}
