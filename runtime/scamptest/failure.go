package scamptest

import (
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// A Fault is what happens to one publish instead of success.
type Fault uint8

// The faults for FailNext.
const (
	// Nack makes the broker refuse the message.
	Nack Fault = iota + 1
	// Return makes the broker return the message as unroutable, even if a queue would take it.
	Return
	// LoseMessage cuts the connection before the broker has the message: the outcome is
	// OutcomeUnknown and the message is in no queue.
	LoseMessage
	// LoseConfirm cuts the connection after the broker has received the message: the outcome is
	// Unknown and the message is in its queues. A retry duplicates it.
	LoseConfirm
	// ForgetConfirm makes the broker accept the message and never answer: the outcome is
	// OutcomeUnknown when the publish's context ends or the connection is cut.
	ForgetConfirm
	// Succeed is no fault: use it for successful publishes between others.
	Succeed
)

// FailNext makes the next publishes fail, one for each fault, in order. Faults that have not
// happened yet come first.
func (b *Broker) FailNext(faults ...Fault) {
	b.update(func() { b.faults = append(b.faults, faults...) })
}

// nextFault removes the next fault and returns it. The broker is locked.
func (b *Broker) nextFault() Fault {
	if len(b.faults) == 0 {
		return Succeed
	}
	next := b.faults[0]
	b.faults = b.faults[1:]
	return next
}

// DelayConfirms delays the broker's answer to each further publish; 0 ends that.
func (b *Broker) DelayConfirms(delay time.Duration) {
	b.update(func() { b.delay = delay })
}

// Cut cuts every connection and returns how many there were. Publishes in flight become
// OutcomeUnknown, unacknowledged deliveries go back to their queues. Clients may connect again at
// once.
func (b *Broker) Cut() (n int) {
	b.update(func() { n = b.cutAll() })
	return n
}

func (b *Broker) cutAll() int {
	n := len(b.open)
	for c := range b.open {
		c.cut(errLost)
	}
	return n
}

// Stop cuts every connection, and no client can connect until Start. Messages and declarations
// stay, as on a durable broker.
func (b *Broker) Stop() {
	b.setState(func() {
		b.stopped = true
		b.cutAll()
	})
}

// Start undoes Stop.
func (b *Broker) Start() { b.setState(func() { b.stopped = false }) }

// Block makes the broker accept no publishes, like RabbitMQ when it runs out of memory or disk:
// publishes wait until Unblock. Consumers continue.
func (b *Broker) Block() { b.setState(func() { b.blocked = true }) }

// Unblock undoes Block.
func (b *Broker) Unblock() { b.setState(func() { b.blocked = false }) }

// Close cuts every connection, and no client can connect again: their calls return
// runtime.ErrClosed, as after the Close of a runtime.Connection. Messages can still be inspected. A
// single broker need not be closed; runtime.ActivePassive has a goroutine that ends when both its
// brokers have been closed, and testing/synctest waits for it.
func (b *Broker) Close() {
	b.setState(func() {
		b.closed = true
		b.cutAll()
	})
}

// errClosed returns runtime.ErrClosed after Close has been called, otherwise nil. The broker is
// locked.
func (b *Broker) errClosed() error {
	if b.closed {
		return runtime.ErrClosed
	}
	return nil
}

func (b *Broker) setState(change func()) {
	b.update(func() {
		change()
		close(b.stateChanged)
		b.stateChanged = make(chan struct{})
	})
}

// DeleteQueue deletes a queue with its messages, as an operator may do. The broker cancels its
// consumers. It returns whether there was such a queue.
func (b *Broker) DeleteQueue(name string) (found bool) {
	b.update(func() {
		var q *queue
		if q, found = b.queues[name]; found {
			b.removeQueue(q)
		}
	})
	return found
}
