package scampotel

import (
	"context"

	"github.com/scampgen/scampgen/runtime"
)

// defaultLog logs what a Broker without an observer logs: not the ends of single publishes, whose
// callers get the error.
type defaultLog struct{ log runtime.Observer }

func (l defaultLog) Observe(ctx context.Context, event runtime.Event) {
	switch event := event.(type) {
	case runtime.PublishedEvent, runtime.PublishRetriedEvent:
		return
	case runtime.ConsumerEvent:
		if event.Kind == runtime.EventHandled {
			return
		}
	}
	l.log.Observe(ctx, event)
}
