package main

import (
	"context"
	"errors"

	"github.com/scampgen/scampgen/examples/orders/accountinginvoices"
	"github.com/scampgen/scampgen/examples/orders/shopshipments"
	"github.com/scampgen/scampgen/examples/orders/stocklow"
	"github.com/scampgen/scampgen/examples/orders/warehouselabels"
	"github.com/scampgen/scampgen/examples/orders/warehouseorders"
	"github.com/scampgen/scampgen/runtime"
)

// producers are those of all queues. They share the channels of one source.
type producers struct {
	orders    *warehouseorders.Producer
	invoices  *accountinginvoices.Producer
	shipments *shopshipments.Producer
	labels    *warehouselabels.Producer
	stock     *stocklow.Producer
}

func newProducers(ctx context.Context, source runtime.ProducerSource) (p producers, err error) {
	if p.orders, err = warehouseorders.NewProducer(ctx, source); err != nil {
		return p, err
	}
	if p.invoices, err = accountinginvoices.NewProducer(ctx, source); err != nil {
		return p, err
	}
	if p.shipments, err = shopshipments.NewProducer(ctx, source); err != nil {
		return p, err
	}
	if p.labels, err = warehouselabels.NewProducer(ctx, source); err != nil {
		return p, err
	}
	p.stock, err = stocklow.NewProducer(ctx, source)
	return p, err
}

// close waits for what is being published.
func (p producers) close(ctx context.Context) error {
	return errors.Join(p.orders.Close(ctx), p.invoices.Close(ctx), p.shipments.Close(ctx), p.labels.Close(ctx), p.stock.Close(ctx))
}

// newConsumers returns the consumers of all queues. The queues are there when it returns.
func newConsumers(ctx context.Context, source runtime.ConsumerSource, p producers, l *ledger) ([]*runtime.Consumer, error) {
	orders, err := warehouseorders.NewConsumer(ctx, source, &warehouse{p.invoices, p.shipments, p.labels, p.stock, l})
	if err != nil {
		return nil, err
	}
	invoices, err := accountinginvoices.NewConsumer(ctx, source, accountinginvoices.HandlerFuncs{InvoiceRequested: l.invoice})
	if err != nil {
		return nil, err
	}
	shipments, err := shopshipments.NewConsumer(ctx, source, shopshipments.HandlerFuncs{OrderShipped: l.notify})
	if err != nil {
		return nil, err
	}
	labels, err := warehouselabels.NewConsumer(ctx, source, warehouselabels.HandlerFuncs{LabelPrinted: l.print})
	if err != nil {
		return nil, err
	}
	// The contract names no queue for warnings of low stock: purchasing brings its own.
	purchasing := runtime.Queue{Name: "purchasing.stock", Durable: true}
	stock, err := stocklow.NewConsumer(ctx, source, purchasing, stocklow.HandlerFuncs{StockLow: l.reorder})
	if err != nil {
		return nil, err
	}
	return []*runtime.Consumer{orders, invoices, shipments, labels, stock}, nil
}
