// Package fulfilment bills orders and ships them.
package fulfilment

import (
	"context"

	"github.com/scampgen/scampgen/examples/shop/clients/billingorders"
	"github.com/scampgen/scampgen/examples/shop/clients/messages"
	"github.com/scampgen/scampgen/examples/shop/clients/shippinglabels"
	"github.com/scampgen/scampgen/examples/shop/clients/shippingorders"
	"github.com/scampgen/scampgen/examples/shop/clients/shoppayments"
	"github.com/scampgen/scampgen/examples/shop/clients/shopshipments"
	"github.com/scampgen/scampgen/runtime"
)

// A Bank charges customers. It is called again with the same order after a failure.
type Bank func(ctx context.Context, order *messages.OrderPlaced) error

// A Warehouse bills, packs and labels. Make one with New.
type Warehouse struct {
	charge    Bank
	payments  *shoppayments.Producer
	labels    *shippinglabels.Producer
	shipments *shopshipments.Producer

	bills, packs, labelling *runtime.Consumer
}

// New returns a warehouse that publishes and consumes on source.
func New(ctx context.Context, source runtime.Source, charge Bank) (*Warehouse, error) {
	w := &Warehouse{charge: charge}
	var err error
	if w.payments, err = shoppayments.NewProducer(ctx, source); err != nil {
		return nil, err
	}
	if w.labels, err = shippinglabels.NewProducer(ctx, source); err != nil {
		return nil, err
	}
	if w.shipments, err = shopshipments.NewProducer(ctx, source); err != nil {
		return nil, err
	}
	workers := runtime.WithWorkers(4)
	if w.bills, err = billingorders.NewConsumer(ctx, source, billingorders.HandlerFuncs{OrderPlaced: w.bill}, workers); err != nil {
		return nil, err
	}
	if w.packs, err = shippingorders.NewConsumer(ctx, source, shippingorders.HandlerFuncs{OrderPlaced: w.pack}, workers); err != nil {
		return nil, err
	}
	w.labelling, err = shippinglabels.NewConsumer(ctx, source, shippinglabels.HandlerFuncs{LabelWanted: w.label}, workers)
	return w, err
}

// Run works until ctx ends, and returns when all handlers have.
func (w *Warehouse) Run(ctx context.Context) error {
	return runtime.Run(ctx, w.bills.Run, w.packs.Run, w.labelling.Run)
}

// bill charges the customer. After an error the contract's x-retry calls it again, and in the end the
// order is in billing.orders.dead.
func (w *Warehouse) bill(ctx context.Context, order *messages.OrderPlaced) error {
	if err := w.charge(ctx, order); err != nil {
		return err
	}
	_, err := w.payments.PublishPaymentTaken(ctx, &messages.PaymentTaken{OrderID: order.OrderID, Cents: order.Cents})
	return err
}

func (w *Warehouse) pack(ctx context.Context, order *messages.OrderPlaced) error {
	_, err := w.labels.PublishLabelWanted(ctx, &messages.LabelWanted{OrderID: order.OrderID, Customer: order.Customer})
	return err
}

func (w *Warehouse) label(ctx context.Context, wanted *messages.LabelWanted) error {
	tracking := "TR-" + wanted.OrderID.String()[:8] // the same after a retry
	_, err := w.shipments.PublishOrderShipped(ctx, &messages.OrderShipped{OrderID: wanted.OrderID, Tracking: tracking})
	return err
}
