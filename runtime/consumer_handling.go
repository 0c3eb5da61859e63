package runtime

import (
	"context"
	"time"
)

// A handling is one delivery on its way through its handler, and the times that events say.
type handling struct {
	delivery *Delivery
	ctx      context.Context // the handler's
	begun    time.Time       // zero: no handler has been called
	took     time.Duration
}

func (s *session) newHandling(delivery *Delivery) handling {
	return handling{delivery: delivery, ctx: ContextWithDelivery(s.handlers, delivery)}
}

// begin notes that the handler is called.
func (h *handling) begin() { h.begun = time.Now() }

// end notes that the handler has returned, if it was called.
func (h *handling) end() {
	if !h.begun.IsZero() {
		h.took = time.Since(h.begun)
	}
}

// event returns what is observed of the end of the handling.
func (h *handling) event(kind ConsumerEventKind, err error) ConsumerEvent {
	event := ConsumerEvent{Kind: kind, Delivery: h.delivery, Err: err, Took: h.took}
	if !h.begun.IsZero() && !h.delivery.Arrived.IsZero() {
		event.Waited = h.begun.Sub(h.delivery.Arrived)
	}
	return event
}

// failure returns what recovery has to deal with.
func (h *handling) failure(err error) *failure {
	return &failure{ctx: h.ctx, delivery: h.delivery, err: err, since: time.Now()}
}

// event returns what is observed of the recovery.
func (f *failure) event(kind ConsumerEventKind, err error) ConsumerEvent {
	return ConsumerEvent{Kind: kind, Delivery: f.delivery, Err: err, Took: time.Since(f.since)}
}
