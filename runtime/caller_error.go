package runtime

import (
	"fmt"
	"time"
)

// A CallError says that no reply has come to a request that has been published: the time ran out,
// or the connection was lost on which replies arrive. The request may have been handled, or may yet
// be: MayHaveBeenDelivered is true.
type CallError struct {
	CorrelationID string
	Waited        time.Duration // from the call
	Err           error         // context.DeadlineExceeded, what happened to the connection, or ErrClosed
}

// Error says why there is no reply.
func (e *CallError) Error() string {
	return fmt.Sprintf("no reply to request %q after %v: %v", e.CorrelationID, e.Waited.Round(time.Millisecond), e.Err)
}

// Unwrap returns the reason.
func (e *CallError) Unwrap() error { return e.Err }

// A ReplyError is an error that the handler of a request answers with, instead of a reply. The
// caller gets an equal one. For all other errors of a handler the consumer's recovery decides, and
// the caller gets no reply.
type ReplyError struct {
	Code string // for programs; not empty
	Text string // for people
}

// Error returns the code and the text.
func (e *ReplyError) Error() string {
	if e.Text == "" {
		return e.Code
	}
	return e.Code + ": " + e.Text
}
