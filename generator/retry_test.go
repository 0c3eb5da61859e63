package generator

import (
	"os/exec"
	"path/filepath"
	"testing"
)

const retriedContract = `asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    address: orders
    messages: {Order: {payload: {type: object}}}
    bindings: {amqp: {is: queue, queue: {x-retry: {attempts: 3, delay: 1, maxDelay: 1}}}}
`

const retriedTest = `package shop_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"

	"example.com/shop/messages"
	"example.com/shop/orders"
)

var errPermanent = errors.New("permanent")

func TestRetries(t *testing.T) {
	permanent := runtime.When(func(err error) bool { return errors.Is(err, errPermanent) }, runtime.DeadLetter())
	for name, test := range map[string]struct {
		err     error
		options []runtime.ConsumerOption
		calls   int32
	}{
		"the contract's":                     {errors.New("once more"), nil, 4},
		"after steps that do not match":      {errors.New("once more"), []runtime.ConsumerOption{runtime.WithRecovery(permanent)}, 4},
		"not after a step that matches":      {errPermanent, []runtime.ConsumerOption{runtime.WithRecovery(permanent)}, 1},
		"replaced by steps that end":         {errors.New("once more"), []runtime.ConsumerOption{runtime.WithRecovery(runtime.DeadLetter())}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			broker := scamptest.New()
			var calls atomic.Int32
			handler := orders.HandlerFuncs{Order: func(context.Context, *messages.Order) error {
				calls.Add(1)
				return test.err
			}}
			dead := make(chan struct{})
			options := append(test.options, runtime.WithObserver(deadLettered(dead)))
			consumer, err := orders.NewConsumer(t.Context(), broker, handler, options...)
			if err != nil {
				t.Fatal(err)
			}
			go consumer.Run(t.Context())
			producer, err := orders.NewProducer(t.Context(), broker)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := producer.PublishOrder(t.Context(), &messages.Order{}); err != nil {
				t.Fatal(err)
			}
			<-dead
			if n := calls.Load(); n != test.calls {
				t.Errorf("the handler was called %d times, wanted %d", n, test.calls)
			}
		})
	}
}

// deadLettered closes a channel when a message is dead-lettered.
type deadLettered chan struct{}

func (d deadLettered) Observe(_ context.Context, event runtime.Event) {
	if e, ok := event.(runtime.ConsumerEvent); ok && e.Kind == runtime.EventDeadLettered {
		close(d)
	}
}
`

// The retries of a contract and the recovery of a program go together in generated consumers.
func TestRetriesOfContractAndProgram(t *testing.T) {
	module := newModule(t, "example.com/shop")
	put(t, filepath.Join(module, "orders.yaml"), retriedContract)
	put(t, filepath.Join(module, "shop_test.go"), retriedTest)
	t.Chdir(module)
	output, problems, err := Generate(Config{Contract: "orders.yaml", Out: "."})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	if _, err := Write(".", output); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "go", "test", ".").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
