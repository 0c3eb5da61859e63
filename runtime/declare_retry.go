package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// awaitRetry waits until it makes sense to try again what failed on the connection with err. It
// returns an error if it never will, or when ctx ends.
func (c *conn) awaitRetry(ctx context.Context, err error) error {
	var over error
	switch {
	case isType[*temporaryRefusal](err):
		over = c.awaitRedeclare(ctx)
	case isType[*DeclarationError](err), errors.Is(err, amqp.ErrChannelMax), ctx.Err() != nil:
		return err
	default: // the connection is dying, and done is closed in a moment
		over = pause(ctx, c.done)
	}
	if over != nil {
		return fmt.Errorf("%w (last attempt: %w)", over, err)
	}
	return nil
}

// awaitRedeclare waits before a declaration is made again that the broker refused temporarily.
func (c *conn) awaitRedeclare(ctx context.Context) error {
	timer := time.NewTimer(Backoff{Min: redeclareDelay, Max: redeclareDelay}.jittered(0))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.done:
	case <-ctx.Done():
		return cause(ctx)
	}
	return nil
}

// redeclareDelay is the longest wait before a declaration is made again that the broker refused
// temporarily.
const redeclareDelay = 500 * time.Millisecond

// temporaryRefusal is a refused declaration that will work later: the queue exists but its node is
// down, or what was to be bound has been deleted since it was declared.
type temporaryRefusal struct {
	refused *DeclarationError
}

func (e *temporaryRefusal) Error() string { return e.refused.Error() }

// isNodeDown reports whether a 404 is about a queue that exists: the cluster node that hosts it is
// down, or still boots.
func isNodeDown(exception *amqp.Error) bool {
	return exception.Code == amqp.NotFound &&
		(strings.Contains(exception.Reason, "is down or inaccessible") || strings.Contains(exception.Reason, "is stopped by supervisor"))
}
