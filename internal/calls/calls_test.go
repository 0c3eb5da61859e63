package calls

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/calls/alarms"
	"github.com/scampgen/scampgen/internal/calls/messages"
	"github.com/scampgen/scampgen/internal/calls/moves"
	"github.com/scampgen/scampgen/internal/calls/orders"
	"github.com/scampgen/scampgen/internal/calls/prices"
	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// onBoth runs a test on RabbitMQ and on scamptest.
func onBoth(t *testing.T, test func(*testing.T, runtime.Source)) {
	t.Run("scamptest", func(t *testing.T) { test(t, scamptest.New()) })
	t.Run("RabbitMQ", func(t *testing.T) {
		connection := runtime.DedicatedConnection(runtime.Broker{URL: rabbittest.New(t).URL, Observer: runtime.NoObserver})
		t.Cleanup(func() { closed(t, connection) })
		test(t, runtime.DedicatedChannel(connection))
	})
}

type closer interface {
	Close(ctx context.Context) error
}

// closed closes a client when a test has ended.
func closed(t *testing.T, client closer) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}
}

// run runs a consumer until the test ends.
func run(t *testing.T, consumer *runtime.Consumer, err error) *runtime.Consumer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return consumer
}

// seller answers with each kind of reply.
type seller struct{}

func (seller) HandlePriceAsked(_ context.Context, in prices.Parameters, asked *messages.PriceAsked) (*messages.Price, error) {
	if asked.Sku == "none" {
		return nil, &runtime.ReplyError{Code: "unknown-sku", Text: "no such thing"}
	}
	region := strings.Repeat(string(in.Region), 1000)
	return &messages.Price{Cents: 995, Region: &region}, nil
}

func (seller) HandleNameAsked(_ context.Context, in prices.Parameters, asked *messages.NameAsked) (string, error) {
	return asked.Sku + " in " + string(in.Region), nil
}

func (seller) HandleStockAsked(_ context.Context, _ prices.Parameters, asked *messages.StockAsked) (prices.StockAskedReply, error) {
	switch asked.Sku {
	case "pot":
		return prices.StockAskedReply{InStock: &messages.InStock{Left: 3}}, nil
	case "none":
		return prices.StockAskedReply{}, &runtime.ReplyError{Code: "unknown-sku"}
	}
	return prices.StockAskedReply{SoldOut: &messages.SoldOut{Until: may}}, nil
}

var may = payload.DateOf(time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC))

// TestCalls makes calls with parameters whose replies are JSON, text, one of several, and errors.
func TestCalls(t *testing.T) {
	profile, err := runtime.NewAESGCMProfile("2026", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, source runtime.Source) {
		ctx := t.Context()
		consumer, err := prices.NewConsumer(ctx, source, seller{}, runtime.WithDecryption(profile))
		run(t, consumer, err)
		for name, options := range map[string][]runtime.ProducerOption{"plain": nil, "encrypted": {runtime.WithEncryption(profile)}} {
			t.Run(name, func(t *testing.T) {
				caller, err := prices.NewCaller(ctx, source, options...)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { closed(t, caller) })
				testCalls(t, caller)
			})
		}
	})
}

func testCalls(t *testing.T, caller *prices.Caller) {
	ctx := t.Context()
	for region, want := range map[prices.Region]string{"": "eu", prices.RegionUs: "us"} {
		price, err := caller.CallPriceAsked(ctx, prices.Parameters{Region: region}, &messages.PriceAsked{Sku: "pot"})
		if err != nil || price.Cents != 995 || *price.Region != strings.Repeat(want, 1000) {
			t.Errorf("the price in %q is %v, %v", region, price, err)
		}
	}
	if name, err := caller.CallNameAsked(ctx, prices.Parameters{}, &messages.NameAsked{Sku: "pot"}); err != nil || name != "pot in eu" {
		t.Errorf("the name is %q, %v", name, err)
	}
	if stock, err := caller.CallStockAsked(ctx, prices.Parameters{}, &messages.StockAsked{Sku: "pot"}); err != nil || stock.InStock == nil || stock.InStock.Left != 3 || stock.SoldOut != nil {
		t.Errorf("the stock is %+v, %v", stock, err)
	}
	if stock, err := caller.CallStockAsked(ctx, prices.Parameters{}, &messages.StockAsked{Sku: "cup"}); err != nil || stock.SoldOut == nil || stock.SoldOut.Until != may || stock.InStock != nil {
		t.Errorf("the stock is %+v, %v", stock, err)
	}
	_, ofPrice := caller.CallPriceAsked(ctx, prices.Parameters{}, &messages.PriceAsked{Sku: "none"})
	_, ofStock := caller.CallStockAsked(ctx, prices.Parameters{}, &messages.StockAsked{Sku: "none"})
	for _, err := range []error{ofPrice, ofStock} {
		var refusal *runtime.ReplyError
		if !errors.As(err, &refusal) || refusal.Code != "unknown-sku" || runtime.MayHaveBeenDelivered(err) {
			t.Errorf("an answer with an error gives %v", err)
		}
	}
	if _, err := caller.CallPriceAsked(ctx, prices.Parameters{Region: "mars"}, &messages.PriceAsked{Sku: "pot"}); !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("a region that is none gives %v", err)
	}
	if waiting := caller.Status().Waiting; waiting != 0 {
		t.Errorf("%d calls wait", waiting)
	}
}

// TestReplyQueue makes a call whose reply comes to a queue of the contract, as bytes.
func TestReplyQueue(t *testing.T) {
	onBoth(t, func(t *testing.T, source runtime.Source) {
		consumer, err := orders.NewConsumer(t.Context(), source, orders.HandlerFuncs{
			Order: func(ctx context.Context, order *messages.Order) ([]byte, error) {
				return []byte(order.Sku + " to " + runtime.DeliveryFrom(ctx).ReplyTo), nil
			},
		})
		run(t, consumer, err)
		caller, err := orders.NewCaller(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, caller) })
		if got, err := caller.CallOrder(t.Context(), &messages.Order{Sku: "pot"}); err != nil || string(got) != "pot to receipts" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// TestParameters publishes with a parameter that the payload has. The handler gets the others, also
// when the message comes again. A message with another key is a dead letter.
func TestParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, source runtime.Source) {
		got := make(chan moves.Parameters, 10)
		consumer, err := moves.NewConsumer(t.Context(), source, moves.HandlerFuncs{
			Moved: func(ctx context.Context, in moves.Parameters, _ *messages.Moved) error {
				got <- in
				if len(got) == 1 {
					return errors.New("not yet")
				}
				if key := runtime.DeliveryFrom(ctx).RoutingKey; key != "shelf.12.true.pot.moved" {
					t.Errorf("the key is %q", key)
				}
				return nil
			},
		}, runtime.WithObserver(runtime.NoObserver))
		run(t, consumer, err)
		producer, err := moves.NewProducer(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, producer) })
		moved := &messages.Moved{Article: messages.MovedArticle{Sku: "pot"}}
		want := moves.Parameters{Number: "12", Full: moves.FullTrue}
		if _, err := producer.PublishMoved(t.Context(), want, moved); err != nil {
			t.Fatal(err)
		}
		await(t, "it is handled", func() bool { return consumer.Count(runtime.EventHandled) == 1 })
		if first, second := <-got, <-got; first != want || second != want || consumer.Count(runtime.EventRetried) != 1 {
			t.Errorf("the handler got %v and %v, retried %d times", first, second, consumer.Count(runtime.EventRetried))
		}
		for _, wrong := range []moves.Parameters{{}, {Number: "1.2", Full: moves.FullTrue}, {Number: "*", Full: moves.FullTrue}, {Number: "1", Full: "maybe"}} {
			if _, err := producer.PublishMoved(t.Context(), wrong, moved); !errors.Is(err, runtime.ErrNotSent) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		if _, err := producer.PublishMoved(t.Context(), want, moved, runtime.WithRoutingKey("shelf.1.maybe.pot.moved")); err != nil {
			t.Fatal(err)
		}
		await(t, "the other key is invalid", func() bool { return consumer.Count(runtime.EventInvalid) == 1 })
		if len(got) > 0 {
			t.Errorf("the handler got %v", <-got)
		}
	})
}

// TestEachValueIsBound publishes each value of an enum to a direct exchange.
func TestEachValueIsBound(t *testing.T) {
	onBoth(t, func(t *testing.T, source runtime.Source) {
		var mu sync.Mutex
		var got []string
		consumer, err := alarms.NewConsumer(t.Context(), source, alarms.HandlerFuncs{
			Alarm: func(_ context.Context, in alarms.Parameters, text string) error {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, string(in.Level)+" "+text)
				return nil
			},
		})
		run(t, consumer, err)
		producer, err := alarms.NewProducer(t.Context(), source)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closed(t, producer) })
		for _, level := range []alarms.Level{alarms.LevelRed, alarms.LevelAmber} {
			if _, err := producer.PublishAlarm(t.Context(), alarms.Parameters{Level: level}, "fire"); err != nil {
				t.Error(err)
			}
		}
		await(t, "both are handled", func() bool { return consumer.Count(runtime.EventHandled) == 2 })
		slices.Sort(got)
		if !slices.Equal(got, []string{"amber fire", "red fire"}) {
			t.Errorf("got %q", got)
		}
	})
}

// await waits until what is expected has happened.
func await(t *testing.T, what string, happened func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range 4000 {
		if happened() {
			return
		}
		<-tick.C
	}
	t.Fatalf("not in time: %s", what)
}
