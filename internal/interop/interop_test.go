// Package interop shows on a real RabbitMQ that generated clients and the Node libraries amqplib
// and Rascal can read each other's messages.
package interop_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/examples/orders/messages"
	"github.com/scampgen/scampgen/examples/orders/warehouseorders"
	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

// Where the contract of examples/orders sends OrderPlaced, and where it arrives.
const (
	exchange    = "shop.orders"
	routingKey  = "order.placed"
	queue       = warehouseorders.QueueName
	deadLetters = "warehouse.orders.dead"
)

// goLimit limits each wait for the generated clients. It is long, for a machine that runs the tests
// of all packages at once.
const goLimit = 90 * time.Second

// A shop is a virtual host with the queue of package warehouseorders and its clients.
type shop struct {
	host   *rabbittest.VirtualHost
	source runtime.Source
}

func openShop(t *testing.T) *shop {
	t.Helper()
	modules(t)
	host := rabbittest.New(t)
	connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), goLimit)
		defer cancel()
		if err := connection.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &shop{host, runtime.DedicatedChannel(connection)}
}

// publish publishes an order with a generated producer and returns its message id.
func (s *shop) publish(t *testing.T, order *messages.Order, options ...runtime.ProducerOption) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), goLimit)
	defer cancel()
	producer, err := warehouseorders.NewProducer(ctx, s.source, options...)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := producer.PublishOrderPlaced(ctx, order)
	if err != nil {
		t.Fatal(err)
	}
	if err := producer.Close(ctx); err != nil {
		t.Error(err)
	}
	return receipt.MessageID
}

// An arrival is what a generated consumer's handler was called with.
type arrival struct {
	order    *messages.Order
	delivery *runtime.Delivery
}

// consume runs a generated consumer whose handler returns answer. stop, which must be called, ends
// it and waits for it; after that nothing more is added to arrivals.
func (s *shop) consume(t *testing.T, answer error, options ...runtime.ConsumerOption) (arrivals chan arrival, stop func()) {
	t.Helper()
	arrivals = make(chan arrival, 100)
	handler := orderHandler(func(ctx context.Context, order *messages.Order) error {
		select {
		case arrivals <- arrival{order, runtime.DeliveryFrom(ctx)}:
			return answer
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), goLimit)
	defer cancel()
	consumer, err := warehouseorders.NewConsumer(ctx, s.source, handler, options...)
	if err != nil {
		t.Fatal(err)
	}
	running, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(running) }()
	return arrivals, func() {
		t.Helper()
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// orderHandler handles orders; nobody cancels one here.
type orderHandler func(ctx context.Context, order *messages.Order) error

func (h orderHandler) HandleOrderPlaced(ctx context.Context, order *messages.Order) error {
	return h(ctx, order)
}

func (orderHandler) HandleOrderCancelled(context.Context, *messages.OrderCancelled) error {
	return errors.New("an order was cancelled")
}

// wait returns the next arrival.
func wait(t *testing.T, arrivals <-chan arrival) arrival {
	t.Helper()
	select {
	case a := <-arrivals:
		return a
	case <-time.After(goLimit):
		t.Fatal("nothing arrived at the generated consumer")
		return arrival{}
	}
}

// newOrder returns an order with values that JSON in two languages could disagree on.
func newOrder() *messages.Order {
	price := messages.Money{Amount: 1<<53 - 1, Currency: messages.MoneyCurrencyEUR}
	now := time.Date(2026, 2, 28, 23, 59, 59, 123000000, time.UTC)
	day := payload.DateOf(now)
	return &messages.Order{
		ID:        payload.NewUUID(),
		Customer:  messages.Customer{ID: "c-1", Name: "Ada \U0001f600 \u2028 Łovelace"},
		Lines:     []messages.Line{{SKU: "teapot", Quantity: 2, Price: price}},
		Total:     price,
		PlacedAt:  now,
		DeliverBy: &day,
		Notes:     map[string]string{"gift": "\"yes\"\\\n"},
	}
}

// A nodeMessage is a message as a script reports it.
type nodeMessage struct {
	Exchange     string          `json:"exchange"`
	RoutingKey   string          `json:"routingKey"`
	ContentType  string          `json:"contentType"`
	Type         string          `json:"type"`
	MessageID    string          `json:"messageId"`
	DeliveryMode int             `json:"deliveryMode"`
	Timestamp    int64           `json:"timestamp"`
	Headers      nodeHeaders     `json:"headers"`
	Content      *messages.Order `json:"content"`
}

// nodeHeaders are those headers of a message that both sides know.
type nodeHeaders struct {
	Rascal struct {
		Recovery map[string]struct {
			Republished int `json:"republished"`
		} `json:"recovery"`
		Error struct {
			Message string `json:"message"`
			Code    string `json:"code"`
		} `json:"error"`
		Encryption struct {
			Name                string `json:"name"`
			IV                  string `json:"iv"`
			OriginalContentType string `json:"originalContentType"`
		} `json:"encryption"`
	} `json:"rascal"`
}

// publication is the job to publish an order as a generated producer does.
func publication(order *messages.Order, id string) map[string]any {
	return map[string]any{
		"exchange":   exchange,
		"routingKey": routingKey,
		"content":    order,
		"properties": map[string]any{"messageId": id, "type": "OrderPlaced", "contentType": "application/json", "persistent": true},
	}
}

// checkArrival compares what a generated consumer received with what a script published.
func checkArrival(t *testing.T, got arrival, order *messages.Order, id string) {
	t.Helper()
	if diff := cmp.Diff(order, got.order); diff != "" {
		t.Errorf("order (-published +consumed):\n%s", diff)
	}
	d := got.delivery
	if d.MessageID != id || d.Type != "OrderPlaced" || d.Exchange != exchange || d.RoutingKey != routingKey {
		t.Errorf("consumed id %q, type %q from %q with key %q", d.MessageID, d.Type, d.Exchange, d.RoutingKey)
	}
}

// checkMessage compares what a script received with what a generated producer published.
func checkMessage(t *testing.T, got nodeMessage, order *messages.Order, id string) {
	t.Helper()
	if diff := cmp.Diff(order, got.Content); diff != "" {
		t.Errorf("order (-published +consumed):\n%s", diff)
	}
	if got.MessageID != id || got.Type != "OrderPlaced" || got.Exchange != exchange || got.RoutingKey != routingKey {
		t.Errorf("Node got id %q, type %q from %q with key %q", got.MessageID, got.Type, got.Exchange, got.RoutingKey)
	}
	if got.DeliveryMode != 2 || got.Timestamp == 0 {
		t.Errorf("Node got delivery mode %d, timestamp %d", got.DeliveryMode, got.Timestamp)
	}
}
