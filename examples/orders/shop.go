package main

import (
	"context"
	"time"

	"github.com/scampgen/scampgen/examples/orders/messages"
	"github.com/scampgen/scampgen/examples/orders/warehouseorders"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A shop sells to customers.
type shop struct {
	orders warehouseorders.Publisher
	ledger *ledger
}

// messagesPerOrder are the order itself, and its label, shipment, invoice and warning of low stock.
const messagesPerOrder = 5

// sell takes the orders of three customers, and a cancellation. It returns how many messages will
// have been handled when everybody has done their part.
func (s *shop) sell(ctx context.Context) (int, error) {
	customers := []string{"Ada", "Grace", "Barbara"}
	for _, name := range customers {
		order := newOrder(name)
		receipt, err := s.orders.PublishOrderPlaced(ctx, order)
		if err != nil {
			return 0, err
		}
		s.ledger.producedf("OrderPlaced", receipt, "%d articles for %s", len(order.Lines), name)
	}
	cancelled := &messages.OrderCancelled{
		OrderID: payload.NewUUID(), Reason: messages.OrderCancelledReasonCustomer, CancelledAt: time.Now().UTC(),
	}
	receipt, err := s.orders.PublishOrderCancelled(ctx, cancelled)
	if err != nil {
		return 0, err
	}
	s.ledger.producedf("OrderCancelled", receipt, "by the %s", cancelled.Reason)
	return len(customers)*messagesPerOrder + 1, nil
}

func newOrder(name string) *messages.Order {
	euros := func(cents int64) messages.Money {
		return messages.Money{Amount: cents, Currency: messages.MoneyCurrencyEUR}
	}
	now := time.Now().UTC()
	deliverBy := payload.DateOf(now.AddDate(0, 0, 3))
	return &messages.Order{
		ID:       payload.NewUUID(),
		Customer: messages.Customer{ID: "c-" + name, Name: name},
		Lines: []messages.Line{
			{SKU: "teapot", Quantity: 1, Price: euros(2490)},
			{SKU: "cup", Quantity: 4, Price: euros(650)},
		},
		Total:     euros(5090),
		PlacedAt:  now,
		DeliverBy: &deliverBy,
		Notes:     map[string]string{"gift": "yes"},
	}
}
