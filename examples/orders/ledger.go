package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/scampgen/scampgen/examples/orders/messages"
	"github.com/scampgen/scampgen/examples/orders/stocklow"
	"github.com/scampgen/scampgen/runtime"
)

// A ledger prints what is produced and consumed, and counts it. Many goroutines may use it.
type ledger struct {
	mu      sync.Mutex
	out     io.Writer
	sent    int
	handled int
	wanted  int           // how many messages are to be handled; 0: not known yet
	done    chan struct{} // closed when they are
}

func newLedger(out io.Writer) *ledger {
	return &ledger{out: out, done: make(chan struct{})}
}

// producedf notes a message that the broker has taken.
func (l *ledger) producedf(message string, receipt runtime.Receipt, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent++
	l.line("produced", message, receipt.MessageID, fmt.Sprintf(format, args...))
}

// consumedf notes a message that has been handled.
func (l *ledger) consumedf(ctx context.Context, message, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handled++
	l.line("consumed", message, runtime.DeliveryFrom(ctx).MessageID, fmt.Sprintf(format, args...))
	l.check()
}

func (l *ledger) line(what, message, id, about string) {
	fmt.Fprintf(l.out, "%s  %-16s  %s  %s\n", what, message, id, about)
}

// check closes done when enough has been handled.
func (l *ledger) check() {
	if l.handled == l.wanted {
		close(l.done)
	}
}

// wait waits until n messages have been handled. It may be called once.
func (l *ledger) wait(ctx context.Context, n int) error {
	l.mu.Lock()
	l.wanted = max(n, l.handled) // there may be some of an earlier run
	l.check()
	l.mu.Unlock()
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %d messages: %w", n, ctx.Err())
	}
}

// total prints how many messages there were.
func (l *ledger) total() {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "produced %d messages, consumed %d\n", l.sent, l.handled)
}

// invoice is what accounting does.
func (l *ledger) invoice(ctx context.Context, invoice *messages.InvoiceRequested) error {
	l.consumedf(ctx, "InvoiceRequested", "of %d %s", invoice.Total.Amount, invoice.Total.Currency)
	return nil
}

// notify is what the shop does when an order is on its way.
func (l *ledger) notify(ctx context.Context, shipped *messages.OrderShipped) error {
	l.consumedf(ctx, "OrderShipped", "%d parcel on %s", len(shipped.Parcels), shipped.ShippedOn)
	return nil
}

// print is what the warehouse's printer does.
func (l *ledger) print(ctx context.Context, label string) error {
	l.consumedf(ctx, "LabelPrinted", "%s", strings.ReplaceAll(label, "\n", ", "))
	return nil
}

// reorder is what purchasing does.
func (l *ledger) reorder(ctx context.Context, in stocklow.Parameters, low *messages.StockLow) error {
	l.consumedf(ctx, "StockLow", "%d of %s left in %s", low.Left, low.SKU, in.Warehouse)
	return nil
}
