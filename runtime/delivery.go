package runtime

// A Delivery is one message that arrived, and the way to answer it. It must be
// answered once: a second answer is an error and sends nothing.
type Delivery struct {
	Message
	Queue         string
	Redelivered   bool
	DeliveryCount int // x-delivery-count of a quorum queue; 0 where the broker does not count
	Tag           uint64

	// Acknowledger is the channel that the delivery came on. Sources set it.
	Acknowledger Acknowledger
}

// An Acknowledger sends the answers to deliveries. An answer to a delivery
// whose channel is dead returns ErrStale and sends no frame.
type Acknowledger interface {
	Ack(tag uint64, multiple bool) error
	Reject(tag uint64, requeue bool) error
}
