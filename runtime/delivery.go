package runtime

import (
	"context"
	"time"
)

// A Delivery is one message that arrived, and the way to answer it. It must be answered once: a
// second answer is an error and sends nothing. Handlers usually answer with what they return.
type Delivery struct {
	Message
	Queue         string    // that it came from
	Redelivered   bool      // it was delivered before, to this consumer or another
	DeliveryCount int       // number of earlier deliveries: x-delivery-count of a quorum queue; 0 if the broker does not count
	Arrived       time.Time // in this process; the zero time if its source does not say
	Tag           uint64    // its number on the channel, which identifies it in answers

	// Acknowledger is the channel that the delivery arrived on. Sources set it.
	Acknowledger Acknowledger

	invalid   error              // why its properties could not be read
	profile   *EncryptionProfile // that it was encrypted with; nil if it was not
	encodings contentEncodings   // of its consumer, for the reply
	reply     *reply             // to publish before it is acknowledged; nil if there is none
}

// An Acknowledger sends the answers to deliveries. An answer to a delivery whose channel is dead
// returns ErrStale and sends no frame.
type Acknowledger interface {
	Ack(tag uint64, multiple bool) error
	Reject(tag uint64, requeue bool) error
}

// Ack acknowledges the delivery before the handler returns. If the handler returns an error
// afterwards, the error is only reported. Ack returns ErrStale when the channel has died and
// ErrAnswered when the delivery has an answer.
func (d *Delivery) Ack() error { return d.Acknowledger.Ack(d.Tag, false) }

// Reject rejects the delivery before the handler returns: the broker puts it back into its queue,
// or dead-letters it (or drops it, if the queue has no dead-letter exchange). Its errors are those
// of Ack.
func (d *Delivery) Reject(requeue bool) error { return d.Acknowledger.Reject(d.Tag, requeue) }

// Address returns host and port of the node that the delivery came from, or "" if its source does
// not say.
func (d *Delivery) Address() string { return nodeOf(d.Acknowledger) }

// DeliveryFrom returns the delivery that a handler was called for: its message id, headers, routing
// key and redelivery count. The delivery and its contents must not be changed. It returns nil if
// ctx is not a handler's (see ContextWithDelivery).
func DeliveryFrom(ctx context.Context) *Delivery {
	delivery, _ := ctx.Value(deliveryKey{}).(*Delivery)
	return delivery
}

// ContextWithDelivery returns a context from which DeliveryFrom returns delivery. Consumers call
// handlers with one; tests of a handler make their own.
func ContextWithDelivery(ctx context.Context, delivery *Delivery) context.Context {
	return context.WithValue(ctx, deliveryKey{}, delivery)
}

type deliveryKey struct{}
