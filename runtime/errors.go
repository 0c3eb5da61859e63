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
