package main

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/examples/orders/accountinginvoices"
	"github.com/scampgen/scampgen/examples/orders/messages"
	"github.com/scampgen/scampgen/examples/orders/servers"
	"github.com/scampgen/scampgen/examples/orders/shopshipments"
	"github.com/scampgen/scampgen/examples/orders/stocklow"
	"github.com/scampgen/scampgen/examples/orders/warehouselabels"
	"github.com/scampgen/scampgen/examples/orders/warehouseorders"
	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

func TestRun(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { testRun(t, "") })
	t.Run("RabbitMQ", func(t *testing.T) { testRun(t, rabbittest.New(t).URL) })
}

// A broker that a generated function returns connects to a virtual host with a slash in its name, by a
// password with characters that mean something in a URL.
func TestServer(t *testing.T) {
	host := rabbittest.New(t).Suffixed(t, "/shop & orders")
	const password = "p@ss/w:rd%2F?#"
	address, err := url.Parse(host.AddUser(t, "user/"+host.Name, password))
	if err != nil {
		t.Fatal(err)
	}
	order := newOrder("Ada")
	invoice := &messages.InvoiceRequested{OrderID: order.ID, Customer: order.Customer, Total: order.Total}
	variables := servers.DevelopmentVariables{Host: address.Hostname(), Port: address.Port(), VirtualHost: host.Name}
	broker, err := servers.Development(variables, runtime.PasswordLogin{User: "user/" + host.Name, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	connection := runtime.DedicatedConnection(broker)
	defer func() {
		if err := connection.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	producer, err := accountinginvoices.NewProducer(t.Context(), runtime.DedicatedChannel(connection))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := producer.PublishInvoiceRequested(t.Context(), invoice); err != nil {
		t.Fatal(err)
	}
	host.WaitMessages(t, accountinginvoices.QueueName, 1)
	if err := producer.Close(t.Context()); err != nil {
		t.Error(err)
	}

	variables.Host = "not a host"
	if broker, err = servers.Development(variables, runtime.PasswordLogin{User: "u", Password: password}); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("got %v, %v", broker, err)
	}
	if _, err = servers.Production(servers.ProductionVariables{Region: "mars"}, runtime.PasswordLogin{User: "u", Password: password}); err == nil {
		t.Error("a region was taken that the contract does not have")
	}
}

func testRun(t *testing.T, url string) {
	var out bytes.Buffer
	if err := run(url, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if !strings.HasSuffix(out.String(), "produced 16 messages, consumed 16\n") {
		t.Errorf("it printed\n%s", &out)
	}
	for _, message := range []string{"OrderPlaced", "OrderCancelled", "OrderShipped", "LabelPrinted", "InvoiceRequested", "StockLow"} {
		for _, what := range []string{"produced", "consumed"} {
			if !strings.Contains(out.String(), what+"  "+message+" ") {
				t.Errorf("no %s was %s:\n%s", message, what, &out)
			}
		}
	}
}

// Every message comes out of its generated consumer as it went into its generated producer.
func TestRoundTrip(t *testing.T) {
	t.Run("in memory", func(t *testing.T) { testRoundTrip(t, scamptest.New()) })
	t.Run("RabbitMQ", func(t *testing.T) {
		connection := runtime.DedicatedConnection(runtime.Broker{URL: rabbittest.New(t).URL})
		defer func() {
			if err := connection.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		testRoundTrip(t, runtime.DedicatedChannel(connection))
	})
}

func testRoundTrip(t *testing.T, source runtime.Source) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := newProducers(ctx, source)
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(inbox, 1)
	running, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	for _, consumer := range arrived.consumers(ctx, t, source) {
		group.Go(func() error { return consumer.Run(running) })
	}
	for _, m := range testMessages(p) {
		receipt, err := m.publish(ctx)
		if err != nil {
			t.Fatalf("publish %T: %v", m.want, err)
		}
		select {
		case got := <-arrived:
			if diff := cmp.Diff(m.want, got.message, cmp.AllowUnexported(payload.Optional[string]{})); diff != "" {
				t.Errorf("%T (-published +consumed):\n%s", m.want, diff)
			}
			if got.delivery.MessageID != receipt.MessageID {
				t.Errorf("%T: published with id %s, consumed with %s", m.want, receipt.MessageID, got.delivery.MessageID)
			}
		case <-ctx.Done():
			t.Fatalf("%T did not arrive", m.want)
		}
	}
	stop()
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if err := p.close(ctx); err != nil {
		t.Error(err)
	}
}

// What breaks the contract is not published, and the error says where it does.
func TestInvalid(t *testing.T) {
	producer, err := warehouseorders.NewProducer(t.Context(), scamptest.New())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = producer.Close(t.Context()) }()
	order := newOrder("Ada")
	order.Lines[1].Quantity = 0
	order.Customer.Email = new("ada")
	_, err = producer.PublishOrderPlaced(t.Context(), order)
	var violations *payload.Violations
	if !errors.Is(err, runtime.ErrNotSent) || !errors.As(err, &violations) {
		t.Fatalf("the error is %v", err)
	}
	var where []string
	for _, violation := range violations.List {
		where = append(where, violation.Pointer)
	}
	if want := []string{"/customer/email", "/lines/1/quantity"}; !slices.Equal(where, want) {
		t.Errorf("violations at %v, want %v", where, want)
	}
}

// A testMessage is one message and how it is published.
type testMessage struct {
	want    any
	publish func(ctx context.Context) (runtime.Receipt, error)
}

func testMessages(p producers) []testMessage {
	euros := messages.Money{Amount: 9007199254740993, Currency: messages.MoneyCurrencyEUR}
	email := "ada.o'lovelace+tea@example.com"
	ada := messages.Customer{ID: "c-1", Name: "Ada \U0001f600 \u2028 Lovelace", Email: &email}
	id, now := payload.NewUUID(), time.Date(2026, 2, 28, 23, 59, 59, 123456789, time.UTC)
	day := payload.DateOf(now)

	small := &messages.Order{
		ID: id, Customer: messages.Customer{ID: "c-2", Name: "Grace"}, Total: euros, PlacedAt: now,
		Lines: []messages.Line{{SKU: "cup", Quantity: 1, Price: euros}},
	}
	large := &messages.Order{
		ID: id, Customer: ada, Total: euros, PlacedAt: now, DeliverBy: &day, Notes: map[string]string{"": "empty", "gift": "\x00\"\\/"},
		Lines: []messages.Line{{SKU: "cup", Quantity: 1, Price: euros}, {SKU: "teapot", Quantity: 1<<31 - 1, Price: euros}},
	}
	cancelled := func(comment payload.Optional[string]) *messages.OrderCancelled {
		return &messages.OrderCancelled{OrderID: id, Reason: messages.OrderCancelledReasonStock, CancelledAt: now, Comment: comment}
	}
	shipped := &messages.OrderShipped{OrderID: id, ShippedOn: day, Parcels: []messages.Parcel{{Tracking: "T", Weight: 0.1}}}
	invoice := &messages.InvoiceRequested{OrderID: id, Customer: ada, Total: euros}
	low := &messages.StockLow{SKU: "cup", Left: 0}

	list := []testMessage{
		{"a label\nof two lines ✓", func(ctx context.Context) (runtime.Receipt, error) {
			return p.labels.PublishLabelPrinted(ctx, "a label\nof two lines ✓")
		}},
		{shipped, func(ctx context.Context) (runtime.Receipt, error) {
			return p.shipments.PublishOrderShipped(ctx, shipped)
		}},
		{invoice, func(ctx context.Context) (runtime.Receipt, error) {
			return p.invoices.PublishInvoiceRequested(ctx, invoice)
		}},
		{low, func(ctx context.Context) (runtime.Receipt, error) {
			return p.stock.PublishStockLow(ctx, stocklow.Parameters{Warehouse: "south"}, low)
		}},
	}
	for _, order := range []*messages.Order{small, large} {
		list = append(list, testMessage{order, func(ctx context.Context) (runtime.Receipt, error) {
			return p.orders.PublishOrderPlaced(ctx, order)
		}})
	}
	for _, comment := range []payload.Optional[string]{{}, payload.Null[string](), payload.Some("no more tea")} {
		m := cancelled(comment)
		list = append(list, testMessage{m, func(ctx context.Context) (runtime.Receipt, error) {
			return p.orders.PublishOrderCancelled(ctx, m)
		}})
	}
	return list
}

// An inbox takes what arrives, one message at a time.
type inbox chan arrival

type arrival struct {
	message  any
	delivery *runtime.Delivery
}

func (i inbox) put(ctx context.Context, message any) error {
	select {
	case i <- arrival{message, runtime.DeliveryFrom(ctx)}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (i inbox) HandleOrderPlaced(ctx context.Context, m *messages.Order) error { return i.put(ctx, m) }

func (i inbox) HandleOrderCancelled(ctx context.Context, m *messages.OrderCancelled) error {
	return i.put(ctx, m)
}

// consumers returns those of all queues.
func (i inbox) consumers(ctx context.Context, t *testing.T, source runtime.ConsumerSource) []*runtime.Consumer {
	t.Helper()
	orders, err := warehouseorders.NewConsumer(ctx, source, i)
	if err != nil {
		t.Fatal(err)
	}
	invoices, err := accountinginvoices.NewConsumer(ctx, source, accountinginvoices.HandlerFuncs{
		InvoiceRequested: func(ctx context.Context, m *messages.InvoiceRequested) error { return i.put(ctx, m) },
	})
	if err != nil {
		t.Fatal(err)
	}
	shipments, err := shopshipments.NewConsumer(ctx, source, shopshipments.HandlerFuncs{
		OrderShipped: func(ctx context.Context, m *messages.OrderShipped) error { return i.put(ctx, m) },
	})
	if err != nil {
		t.Fatal(err)
	}
	labels, err := warehouselabels.NewConsumer(ctx, source, warehouselabels.HandlerFuncs{
		LabelPrinted: func(ctx context.Context, m string) error { return i.put(ctx, m) },
	})
	if err != nil {
		t.Fatal(err)
	}
	queue := runtime.Queue{Name: "test.stock", Durable: true}
	stock, err := stocklow.NewConsumer(ctx, source, queue, stocklow.HandlerFuncs{
		StockLow: func(ctx context.Context, _ stocklow.Parameters, m *messages.StockLow) error { return i.put(ctx, m) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return []*runtime.Consumer{orders, invoices, shipments, labels, stock}
}
