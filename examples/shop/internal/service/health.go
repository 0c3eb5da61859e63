package service

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/scampgen/scampgen/runtime"
)

// Health answers the probes of an orchestrator. Many goroutines may use it.
type Health struct {
	telemetry  *Telemetry
	connection *runtime.Connection
	consumers  atomic.Pointer[Consumers]
}

var errStarting = errors.New("the program is starting")

// Watch makes the program ready whenever all of consumers are, and measures them. Before, it is not.
func (h *Health) Watch(consumers Consumers) {
	h.consumers.Store(&consumers)
	for queue, consumer := range consumers {
		h.telemetry.WatchConsumer(queue, consumer)
	}
}

// Live says why the program has to be started again. A broker that is away is no reason: the
// connection comes back by itself.
func (h *Health) Live() error {
	if h.connection.Status().Producing.State == runtime.StateClosed {
		return runtime.ErrClosed
	}
	return nil
}

// Ready says why the program cannot do its work now.
func (h *Health) Ready() error {
	if producing := h.connection.Status().Producing; !producing.Connected {
		return fmt.Errorf("cannot publish: %w", cmp.Or(producing.Err, errStarting))
	}
	consumers := h.consumers.Load()
	if consumers == nil {
		return errStarting
	}
	for queue, consumer := range *consumers {
		if status := consumer.Status(); status.Consuming == 0 {
			return fmt.Errorf("cannot consume from %s: %w", queue, cmp.Or(status.Err, errStarting))
		}
	}
	return nil
}

// probe answers with 200, or with 503 and what is wrong.
func probe(wrong func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if err := wrong(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	}
}
