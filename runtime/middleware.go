package runtime

import (
	"context"
	"slices"
	"time"
)

// A Handler handles one delivery. If it returns nil, the delivery is acknowledged; an error, or a
// panic, sends it through the consumer's recovery. Routes are handlers that decode the body and
// call the function that was passed to On.
type Handler func(ctx context.Context, delivery *Delivery) error

// A Middleware wraps a handler. It runs after the route has been chosen and before the body is
// decoded, so that an *InvalidError passes through it.
//
// It may replace Headers of the delivery by a copy with other contents: if the handler fails, what
// recovery publishes has these. Nothing else of the delivery may be changed.
//
// The middleware of a connection (Broker.Middleware) precede those of a consumer (WithMiddleware);
// the first is outermost. Of an active/passive pair the active side's are called, from whichever
// side a delivery comes.
type Middleware func(next Handler) Handler

// HandlerTimeout ends the handler's context after limit. The handler still decides the result: nil
// acknowledges.
func HandlerTimeout(limit time.Duration) Middleware {
	return func(next Handler) Handler {
		return func(ctx context.Context, delivery *Delivery) error {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			return next(ctx, delivery)
		}
	}
}

// chain makes the first middleware the outermost.
func chain(handler Handler, middleware []Middleware) Handler {
	for _, wrap := range slices.Backward(middleware) {
		handler = wrap(handler)
	}
	return handler
}
