package patterns

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	amessages "github.com/scampgen/scampgen/internal/patterns/a/messages"
	"github.com/scampgen/scampgen/internal/patterns/a/routingheartbeat"
	"github.com/scampgen/scampgen/internal/patterns/b/assetstemplate1"
	bmessages "github.com/scampgen/scampgen/internal/patterns/b/messages"
	"github.com/scampgen/scampgen/internal/patterns/c/inqueue"
	cmessages "github.com/scampgen/scampgen/internal/patterns/c/messages"
	"github.com/scampgen/scampgen/internal/patterns/d/identityeventsqueue"
	dmessages "github.com/scampgen/scampgen/internal/patterns/d/messages"
	"github.com/scampgen/scampgen/internal/patterns/e/createdorder"
	emessages "github.com/scampgen/scampgen/internal/patterns/e/messages"
	fmessages "github.com/scampgen/scampgen/internal/patterns/f/messages"
	"github.com/scampgen/scampgen/internal/patterns/f/stockflowpayment"
	zmessages "github.com/scampgen/scampgen/internal/patterns/z/messages"
	"github.com/scampgen/scampgen/internal/patterns/z/ordercreated"
	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// patterns are where a contract says what is on the broker, with the clients that come of it.
var patterns = []struct {
	name        string
	newConsumer func(context.Context, runtime.Source, chan<- string) (*runtime.Consumer, error)
	publish     func(context.Context, runtime.Source) error
	declared    []string
}{
	{
		"A: an exchange, and the address is the key",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return routingheartbeat.NewConsumer(ctx, source, runtime.Queue{Name: "beats", Durable: true}, routingheartbeat.HandlerFuncs{Heartbeat: func(_ context.Context, m *amessages.Heartbeat) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := routingheartbeat.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishHeartbeat(ctx, &amessages.Heartbeat{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`binding beats from heartbeat.direct by "routing.heartbeat"`, `exchange heartbeat.direct direct`, `queue beats`},
	},
	{
		"B: a queue",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return assetstemplate1.NewConsumer(ctx, source, assetstemplate1.HandlerFuncs{Asset: func(_ context.Context, m *bmessages.Asset) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := assetstemplate1.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishAsset(ctx, &bmessages.Asset{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`queue assets.template.1 {"x-max-length":1000}`},
	},
	{
		"C: exchange and queue side by side",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return inqueue.NewConsumer(ctx, source, inqueue.HandlerFuncs{Work: func(_ context.Context, m *cmessages.Work) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := inqueue.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishWork(ctx, &cmessages.Work{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`binding in-queue from work by "in.work"`, `exchange work topic`, `queue in-queue`},
	},
	{
		"D: in the operation",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return identityeventsqueue.NewConsumer(ctx, source, identityeventsqueue.HandlerFuncs{UserCreated: func(_ context.Context, m *dmessages.UserCreated) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := identityeventsqueue.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishUserCreated(ctx, &dmessages.UserCreated{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`binding identity.events.queue from identity.events by "identity.user.created.v1"`, `exchange identity.events topic`, `queue identity.events.queue`},
	},
	{
		"E: in the message",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return createdorder.NewConsumer(ctx, source, createdorder.HandlerFuncs{OrderCreated: func(_ context.Context, m *emessages.OrderCreated) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := createdorder.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishOrderCreated(ctx, &emessages.OrderCreated{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`queue created_order {"x-dead-letter-exchange":"","x-dead-letter-routing-key":"created_order.dead"}`, `queue created_order.dead`},
	},
	{
		"F: in the server",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return stockflowpayment.NewConsumer(ctx, source, stockflowpayment.HandlerFuncs{PaymentMade: func(_ context.Context, m *fmessages.PaymentMade) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := stockflowpayment.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishPaymentMade(ctx, &fmessages.PaymentMade{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`queue stockflow.payment`},
	},
	{
		"Z: nowhere",
		func(ctx context.Context, source runtime.Source, handled chan<- string) (*runtime.Consumer, error) {
			return ordercreated.NewConsumer(ctx, source, ordercreated.HandlerFuncs{OrderCreated: func(_ context.Context, m *zmessages.OrderCreated) error {
				handled <- m.Node
				return nil
			}})
		},
		func(ctx context.Context, source runtime.Source) error {
			producer, err := ordercreated.NewProducer(ctx, source)
			if err != nil {
				return err
			}
			_, err = producer.PublishOrderCreated(ctx, &zmessages.OrderCreated{Node: "n"})
			return errors.Join(err, producer.Close(ctx))
		},
		[]string{`queue order.created`},
	},
}

// TestPatterns publishes a message and handles it, and reads back what is declared.
func TestPatterns(t *testing.T) {
	for _, p := range patterns {
		t.Run(p.name, func(t *testing.T) {
			host := rabbittest.New(t)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL, Observer: runtime.NoObserver})
			source := runtime.DedicatedChannel(connection)
			handled := make(chan string, 1)
			consumer, err := p.newConsumer(ctx, source, handled)
			if err != nil {
				t.Fatal(err)
			}
			running, stop := context.WithCancel(ctx)
			ended := make(chan error, 1)
			go func() { ended <- consumer.Run(running) }()
			if err := p.publish(ctx, source); err != nil {
				t.Fatal(err)
			}
			select {
			case got := <-handled:
				if got != "n" {
					t.Errorf("handled %q", got)
				}
			case <-ctx.Done():
				t.Error("nothing is handled")
			}
			stop()
			if err := errors.Join(<-ended, connection.Close(ctx)); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(p.declared, ofContract(host.Declared(t), p.declared)); diff != "" {
				t.Errorf("declared on the broker (-in the contract +there):\n%s", diff)
			}
		})
	}
}

// ofContract leaves out the queues that recovery declares by itself, unless the contract has them.
func ofContract(all, contract []string) []string {
	return slices.DeleteFunc(all, func(line string) bool {
		ofRecovery := strings.HasSuffix(line, ".dead") || strings.Contains(line, ".retry.")
		return ofRecovery && !slices.Contains(contract, line)
	})
}
