package runtime

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors that a caller may decide by. Compare with errors.Is.
var (
	// ErrNotSent: no broker has the message; publishing it again is safe.
	ErrNotSent = errors.New("the message was not sent")
	// ErrNacked: a queue refused the message. If the exchange routes to several queues, others may
	// have it: RabbitMQ nacks when a single one refuses.
	ErrNacked = errors.New("a queue refused the message")
	// ErrClosed: the owner has closed the producer, consumer or connection.
	ErrClosed = errors.New("closed")
)

// A ReturnedError says that no queue is bound for a mandatory message. The broker does not have it.
type ReturnedError struct {
	Message *Message // the message that came back; do not change it
	Reply   Reply
}

// Error names the address that no queue is bound to.
func (e *ReturnedError) Error() string {
	return fmt.Sprintf("returned: no queue takes routing key %q of exchange %q: %s",
		e.Message.RoutingKey, e.Message.Exchange, e.Reply)
}

// An UnknownError says that it is unknown whether the broker has the message: the connection was
// lost, or time ran out, between the write and the confirm.
type UnknownError struct {
	MessageID  string
	Exchange   string
	RoutingKey string
	Waited     time.Duration // from the call, including retries
	Err        error         // what happened to the connection, or context.DeadlineExceeded
}

// Error says why nothing is known, and what was waited for if time ran out.
func (e *UnknownError) Error() string {
	if errors.Is(e.Err, context.DeadlineExceeded) {
		return fmt.Sprintf("the fate of message %q is unknown: published to exchange %q with routing key %q, it was not confirmed within %v: %v",
			e.MessageID, e.Exchange, e.RoutingKey, e.Waited.Round(time.Millisecond), e.Err)
	}
	return fmt.Sprintf("the fate of message %q is unknown: %v", e.MessageID, e.Err)
}

// Unwrap returns the reason.
func (e *UnknownError) Unwrap() error { return e.Err }

// MayHaveBeenDelivered reports whether a message whose publish failed with err may be in a queue:
// after an *UnknownError, an ErrNacked and a *CallError. Publishing such a message again can
// duplicate it.
func MayHaveBeenDelivered(err error) bool {
	return isType[*UnknownError](err) || isType[*CallError](err) || errors.Is(err, ErrNacked)
}

// A RefusedError says that the broker refuses the connection and that trying again soon will not
// help: a wrong password, a virtual host that does not exist. The connection keeps trying, slowly,
// because an operator may fix it.
type RefusedError struct {
	Reply Reply
}

// Error gives the broker's reply.
func (e *RefusedError) Error() string {
	return "the broker refuses the connection: " + e.Reply.String()
}

// A DeclarationError says that the broker refused to declare an exchange, a queue or a binding,
// usually because it exists with other properties.
type DeclarationError struct {
	Subject string // for example: queue "orders"
	Reply   Reply
}

// Error names what could not be declared.
func (e *DeclarationError) Error() string {
	return fmt.Sprintf("declare %s: %s", e.Subject, e.Reply)
}

// A ChannelError says that the broker closed a channel because of something that was done on it,
// such as publishing to an exchange that does not exist. For some mistakes the broker closes the
// whole connection: their codes are those of AMQP's connection exceptions.
type ChannelError struct {
	Reply Reply
}

// Error says what the broker closed, and gives its reply.
func (e *ChannelError) Error() string {
	closed := "channel"
	if isConnectionException(int(e.Reply.Code)) {
		closed = "connection"
	}
	return "the broker closed the " + closed + ": " + e.Reply.String()
}

// isType reports whether err is or wraps a T.
func isType[T error](err error) bool {
	_, is := errors.AsType[T](err)
	return is
}

// ErrStale is returned for an answer to a delivery whose channel is dead. No frame was sent; the
// broker delivers the message again.
var ErrStale = errors.New("the channel of the delivery is dead")

// ErrAnswered is returned for a second answer to a delivery. No frame was sent.
var ErrAnswered = errors.New("the delivery has been answered")

// An InvalidError says that a delivery can never be handled as it is: no route takes it, or its
// body cannot be decrypted or decoded, or does not match the schema.
type InvalidError struct {
	Reason string // what failed: "no route", "decode OrderPlaced", ...
	Err    error  // may be nil
}

// Error returns the reason and the cause.
func (e *InvalidError) Error() string {
	if e.Err == nil {
		return "invalid content: " + e.Reason
	}
	return fmt.Sprintf("invalid content: %s: %v", e.Reason, e.Err)
}

// Unwrap returns the cause.
func (e *InvalidError) Unwrap() error { return e.Err }

// A PanicError is the error of a handler that panicked, or that ended its goroutine with
// runtime.Goexit, as t.FailNow does.
type PanicError struct {
	Value any
	Stack []byte // as runtime/debug.Stack gives it; nil after runtime.Goexit
}

// Error returns the panic's value without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A RedeliveryError says that a delivery has come too often without an answer.
type RedeliveryError struct {
	Count int // deliveries before this one
	Limit int
}

// Error returns both numbers.
func (e *RedeliveryError) Error() string {
	return fmt.Sprintf("delivered %d times before, the limit is %d", e.Count, e.Limit)
}
