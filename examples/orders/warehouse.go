package main

import (
	"context"
	"fmt"
	"time"

	"github.com/scampgen/scampgen/examples/orders/accountinginvoices"
	"github.com/scampgen/scampgen/examples/orders/messages"
	"github.com/scampgen/scampgen/examples/orders/shopshipments"
	"github.com/scampgen/scampgen/examples/orders/stocklow"
	"github.com/scampgen/scampgen/examples/orders/warehouselabels"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A warehouse ships what the shop sells. It handles both messages of the queue warehouse.orders.
type warehouse struct {
	invoices  accountinginvoices.Publisher
	shipments shopshipments.Publisher
	labels    warehouselabels.Publisher
	stock     stocklow.Publisher
	ledger    *ledger
}

// HandleOrderPlaced ships an order. An error leaves it in the queue's dead-letter queue.
func (w *warehouse) HandleOrderPlaced(ctx context.Context, order *messages.Order) error {
	label := fmt.Sprintf("%s\norder %s", order.Customer.Name, order.ID)
	receipt, err := w.labels.PublishLabelPrinted(ctx, label)
	if err != nil {
		return err
	}
	w.ledger.producedf("LabelPrinted", receipt, "for %s", order.Customer.Name)

	shipped := &messages.OrderShipped{
		OrderID: order.ID, ShippedOn: payload.DateOf(time.Now().UTC()),
		Parcels: []messages.Parcel{{Tracking: "TR" + order.ID.String()[:8], Weight: 1.25}},
	}
	if receipt, err = w.shipments.PublishOrderShipped(ctx, shipped); err != nil {
		return err
	}
	w.ledger.producedf("OrderShipped", receipt, "%d parcel", len(shipped.Parcels))

	invoice := &messages.InvoiceRequested{OrderID: order.ID, Customer: order.Customer, Total: order.Total}
	if receipt, err = w.invoices.PublishInvoiceRequested(ctx, invoice); err != nil {
		return err
	}
	w.ledger.producedf("InvoiceRequested", receipt, "of %d %s", invoice.Total.Amount, invoice.Total.Currency)

	low := &messages.StockLow{SKU: order.Lines[0].SKU, Left: 2}
	if receipt, err = w.stock.PublishStockLow(ctx, stocklow.Parameters{Warehouse: "north"}, low); err != nil {
		return err
	}
	w.ledger.producedf("StockLow", receipt, "%d of %s left in north", low.Left, low.SKU)
	w.ledger.consumedf(ctx, "OrderPlaced", "%d articles for %s", len(order.Lines), order.Customer.Name)
	return nil
}

// HandleOrderCancelled takes an order back.
func (w *warehouse) HandleOrderCancelled(ctx context.Context, cancelled *messages.OrderCancelled) error {
	w.ledger.consumedf(ctx, "OrderCancelled", "by the %s", cancelled.Reason)
	return nil
}
