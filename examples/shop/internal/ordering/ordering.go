// Package ordering takes the orders of customers and knows how far they are.
package ordering

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"sync"

	"github.com/scampgen/scampgen/examples/shop/clients/messages"
	"github.com/scampgen/scampgen/examples/shop/clients/orderplaced"
	"github.com/scampgen/scampgen/examples/shop/clients/shoppayments"
	"github.com/scampgen/scampgen/examples/shop/clients/shopshipments"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A Shop answers POST /orders and GET /orders/{id}. Make one with New; many goroutines may use it.
type Shop struct {
	http.ServeMux

	placed    *orderplaced.Producer
	payments  *runtime.Consumer
	shipments *runtime.Consumer
	mu        sync.Mutex
	orders    map[payload.UUID]*Order
}

// An Order is what a customer may know of it.
type Order struct {
	Paid     bool   `json:"paid"`
	Tracking string `json:"tracking,omitempty"` // once it has been shipped
}

// New returns a shop that publishes and consumes on source.
func New(ctx context.Context, source runtime.Source) (*Shop, error) {
	shop := &Shop{orders: make(map[payload.UUID]*Order)}
	shop.HandleFunc("POST /orders", shop.place)
	shop.HandleFunc("GET /orders/{id}", shop.show)
	var err error
	if shop.placed, err = orderplaced.NewProducer(ctx, source); err != nil {
		return nil, err
	}
	shop.payments, err = shoppayments.NewConsumer(ctx, source, shoppayments.HandlerFuncs{PaymentTaken: shop.paid})
	if err != nil {
		return nil, err
	}
	shop.shipments, err = shopshipments.NewConsumer(ctx, source, shopshipments.HandlerFuncs{OrderShipped: shop.shipped})
	return shop, err
}

// Run learns what becomes of orders, until ctx ends.
func (s *Shop) Run(ctx context.Context) error {
	return runtime.Run(ctx, s.payments.Run, s.shipments.Run)
}

// place publishes an order. It answers with 202 when every subscriber has the order in its queue.
func (s *Shop) place(w http.ResponseWriter, r *http.Request) {
	order := &messages.OrderPlaced{OrderID: payload.NewUUID()}
	var wanted struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&wanted); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	order.Customer, order.Cents = wanted.Customer, wanted.Cents
	s.update(order.OrderID, func(*Order) {}) // before anybody tells of it
	_, err := s.placed.PublishOrderPlaced(r.Context(), order)
	var violations *payload.Violations
	switch {
	case errors.As(err, &violations):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case err != nil && !runtime.MayHaveBeenDelivered(err):
		http.Error(w, "the order was not taken: try again", http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, "the order "+order.OrderID.String()+" may have been taken", http.StatusGatewayTimeout)
	default:
		w.Header().Set("Location", "/orders/"+order.OrderID.String())
		w.WriteHeader(http.StatusAccepted)
	}
}

func (s *Shop) show(w http.ResponseWriter, r *http.Request) {
	id, err := payload.ParseUUID(r.PathValue("id"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	order, known := s.orders[id]
	var found Order
	if known {
		found = *order
	}
	s.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(found); err != nil {
		slog.Debug("the client has gone", "error", err)
	}
}

// paid and shipped may be called twice for one order: what they do the second time changes nothing.
func (s *Shop) paid(_ context.Context, payment *messages.PaymentTaken) error {
	s.update(payment.OrderID, func(order *Order) { order.Paid = true })
	return nil
}

func (s *Shop) shipped(_ context.Context, parcel *messages.OrderShipped) error {
	s.update(parcel.OrderID, func(order *Order) { order.Tracking = parcel.Tracking })
	return nil
}

// update changes an order, which may be of an earlier run of the program. A service has a database
// here.
func (s *Shop) update(id payload.UUID, change func(*Order)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders[id] == nil {
		s.orders[id] = new(Order)
	}
	change(s.orders[id])
}
