package subscribers

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/internal/subscribers/closed"
	"github.com/scampgen/scampgen/internal/subscribers/closedbilling"
	"github.com/scampgen/scampgen/internal/subscribers/closedshipping"
	"github.com/scampgen/scampgen/internal/subscribers/messages"
	"github.com/scampgen/scampgen/internal/subscribers/movedbilling"
	"github.com/scampgen/scampgen/internal/subscribers/movedshipping"
	"github.com/scampgen/scampgen/internal/subscribers/orderplaced"
	"github.com/scampgen/scampgen/internal/subscribers/parcelsregionmoved"
	"github.com/scampgen/scampgen/internal/subscribers/placedbilling"
	"github.com/scampgen/scampgen/internal/subscribers/placedshipping"
	"github.com/scampgen/scampgen/runtime"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// An event is published and has two subscribers.
type event struct {
	exchange    string // its type
	newProducer func(context.Context, runtime.Source) (producer, error)
	billing     newConsumer
	shipping    newConsumer
	declared    []string // what the contract means for it
}

type producer interface {
	publish(ctx context.Context, e *messages.Event) error
	Close(ctx context.Context) error
}

type (
	handler     func(context.Context, *messages.Event) error
	newConsumer func(context.Context, runtime.Source, handler) (consumer, error)
	consumer    interface {
		Run(ctx context.Context) error
		Ready() <-chan struct{}
	}
)

type placing struct{ *orderplaced.Producer }

func (p placing) publish(ctx context.Context, e *messages.Event) error {
	_, err := p.PublishPlaced(ctx, e)
	return err
}

type moving struct{ *parcelsregionmoved.Producer }

func (p moving) publish(ctx context.Context, e *messages.Event) error {
	_, err := p.PublishMoved(ctx, parcelsregionmoved.Parameters{Region: "eu"}, e)
	return err
}

type closing struct{ *closed.Producer }

func (p closing) publish(ctx context.Context, e *messages.Event) error {
	_, err := p.PublishClosed(ctx, e)
	return err
}

var events = []event{
	{
		exchange: "direct",
		newProducer: func(ctx context.Context, source runtime.Source) (producer, error) {
			p, err := orderplaced.NewProducer(ctx, source)
			return placing{p}, err
		},
		billing: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return placedbilling.NewConsumer(ctx, source, placedbilling.HandlerFuncs{Placed: h})
		},
		shipping: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return placedshipping.NewConsumer(ctx, source, placedshipping.HandlerFuncs{Placed: h})
		},
		declared: []string{
			`binding placed.billing from orders by "order.placed"`,
			`binding placed.dead from dead by "placed.dead"`,
			`binding placed.shipping from orders by "order.placed"`,
			`exchange dead direct`,
			`exchange orders direct`,
			`queue placed.billing`,
			`queue placed.dead`,
			`queue placed.shipping {"x-dead-letter-exchange":"dead","x-dead-letter-routing-key":"placed.dead"}`,
		},
	},
	{
		exchange: "topic",
		newProducer: func(ctx context.Context, source runtime.Source) (producer, error) {
			p, err := parcelsregionmoved.NewProducer(ctx, source)
			return moving{p}, err
		},
		billing: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return movedbilling.NewConsumer(ctx, source, movedbilling.HandlerFuncs{Moved: h})
		},
		shipping: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return movedshipping.NewConsumer(ctx, source, movedshipping.HandlerFuncs{Moved: h})
		},
		declared: []string{
			`binding moved.billing from parcels by "parcels.*.moved"`,
			`binding moved.shipping from parcels by "parcels.#"`,
			`exchange parcels topic`,
			`queue moved.billing`,
			`queue moved.shipping`,
		},
	},
	{
		exchange: "fanout",
		newProducer: func(ctx context.Context, source runtime.Source) (producer, error) {
			p, err := closed.NewProducer(ctx, source)
			return closing{p}, err
		},
		billing: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return closedbilling.NewConsumer(ctx, source, closedbilling.HandlerFuncs{Closed: h})
		},
		shipping: func(ctx context.Context, source runtime.Source, h handler) (consumer, error) {
			return closedshipping.NewConsumer(ctx, source, closedshipping.HandlerFuncs{Closed: h})
		},
		declared: []string{
			`binding closed.billing from closing by ""`,
			`binding closed.shipping from closing by ""`,
			`exchange closing fanout`,
			`queue closed.billing`,
			`queue closed.shipping`,
		},
	},
}

// Each subscriber gets each event once, whoever starts first.
func TestOneCopyForEach(t *testing.T) {
	orders := map[string]func(*run){
		"consumers first": func(r *run) { r.consume("billing"); r.consume("shipping"); r.produce() },
		"producer first":  func(r *run) { r.produce(); r.consume("billing"); r.consume("shipping") },
		"a consumer, the producer, the other consumer": func(r *run) { r.consume("billing"); r.produce(); r.consume("shipping") },
	}
	for _, e := range events {
		for name, order := range orders {
			t.Run(e.exchange+", "+name, func(t *testing.T) {
				r := start(t, e)
				order(r)
				r.finish()
				r.compareDeclared()
			})
		}
	}
}

// A producer alone declares all that its messages need, and so do the consumers together.
func TestDeclaredByEachSide(t *testing.T) {
	for _, e := range events {
		for side, begin := range map[string]func(*run){
			"producer":  func(r *run) { r.produce() },
			"consumers": func(r *run) { r.consume("billing"); r.consume("shipping") },
		} {
			t.Run(e.exchange+", "+side, func(t *testing.T) {
				r := start(t, e)
				begin(r)
				r.compareDeclared()
			})
		}
	}
}

// published is how many events a producer publishes.
const published = 20

// A run is one event with its producer and its subscribers on a virtual host.
type run struct {
	*testing.T
	event
	host   *rabbittest.VirtualHost
	source runtime.Source
	stop   context.CancelFunc
	until  context.Context // of consumers
	ended  sync.WaitGroup

	mu      sync.Mutex
	got     map[string][]int32 // by subscriber
	arrived chan struct{}      // something arrived
}

func start(t *testing.T, e event) *run {
	host := rabbittest.New(t)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
	r := &run{
		T: t, event: e, host: host, source: runtime.DedicatedChannel(connection),
		got: map[string][]int32{}, arrived: make(chan struct{}, 1),
	}
	r.until, r.stop = context.WithCancel(context.Background())
	t.Cleanup(func() {
		r.stop()
		r.ended.Wait()
		if err := connection.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

// produce publishes the events. Each publish has to find a queue.
func (r *run) produce() {
	r.Helper()
	p, err := r.newProducer(r.Context(), r.source)
	if err != nil {
		r.Fatal(err)
	}
	for n := range int32(published) {
		if err := p.publish(r.Context(), &messages.Event{Number: n}); err != nil {
			r.Fatal(err)
		}
	}
	if err := p.Close(r.Context()); err != nil {
		r.Fatal(err)
	}
}

func (r *run) consume(subscriber string) {
	r.Helper()
	begin := map[string]newConsumer{"billing": r.billing, "shipping": r.shipping}[subscriber]
	c, err := begin(r.Context(), r.source, func(_ context.Context, e *messages.Event) error {
		r.mu.Lock()
		r.got[subscriber] = append(r.got[subscriber], e.Number)
		r.mu.Unlock()
		select {
		case r.arrived <- struct{}{}:
		default:
		}
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
	r.ended.Go(func() {
		if err := c.Run(r.until); err != nil {
			r.Error(err)
		}
	})
	<-c.Ready()
}

// finish waits until both subscribers have as many events as were published, stops them, and checks
// that each has each event once and that nothing is left.
func (r *run) finish() {
	r.Helper()
	limit, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	for !r.isComplete() {
		select {
		case <-r.arrived:
		case <-limit.Done():
			r.mu.Lock()
			defer r.mu.Unlock()
			r.Fatalf("only these arrived: %v", r.got)
		}
	}
	r.stop()
	r.ended.Wait()
	var want []int32
	for n := range int32(published) {
		want = append(want, n)
	}
	for _, subscriber := range []string{"billing", "shipping"} {
		got := r.got[subscriber]
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			r.Errorf("%s (-published +consumed):\n%s", subscriber, diff)
		}
	}
	for _, line := range r.declared {
		if queue, ok := strings.CutPrefix(line, "queue "); ok {
			queue, _, _ = strings.Cut(queue, " ")
			if n := r.host.Messages(r, queue); n != 0 {
				r.Errorf("%d messages are left in %s", n, queue)
			}
		}
	}
}

// compareDeclared compares what is on the broker with the contract, except for the queues of dead
// letters that consumers declare by themselves.
func (r *run) compareDeclared() {
	r.Helper()
	there := slices.DeleteFunc(r.host.Declared(r), func(line string) bool {
		return strings.HasSuffix(line, "billing.dead") || strings.HasSuffix(line, "shipping.dead")
	})
	if diff := cmp.Diff(r.declared, there); diff != "" {
		r.Errorf("declared on the broker (-in the contract +there):\n%s", diff)
	}
}

func (r *run) isComplete() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got["billing"]) >= published && len(r.got["shipping"]) >= published
}
