package runtime

import (
	"errors"
	"fmt"
)

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
