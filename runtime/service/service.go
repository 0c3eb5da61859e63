// Package service has what a program around a runtime.Connection needs besides: an end by signal,
// HTTP that stops gracefully, and an answer to readiness probes. Only programs that import it have
// net/http in them.
//
//	func main() { os.Exit(service.Main(run)) }
//
//	func run(ctx context.Context) error {
//		connection := runtime.DedicatedConnection(runtime.Broker{URL: os.Getenv("AMQP_URL"), Lazy: true})
//		orders, err := orderplaced.NewConsumer(ctx, runtime.DedicatedChannel(connection), handler)
//		if err != nil {
//			return err
//		}
//		http.Handle("GET /ready", service.Ready(connection.Healthy))
//		err = runtime.Run(ctx, orders.Run, service.Serve(os.Getenv("PROBES"), nil))
//		return errors.Join(err, connection.Close(context.WithoutCancel(ctx)))
//	}
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Main calls run with a context that ends with SIGTERM or an interrupt, and returns the exit code of
// the program: 0, or 1 after an error, which it logs to slog.Default(). A second signal ends the
// program at once.
func Main(run func(ctx context.Context) error) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	if err := run(ctx); err != nil {
		slog.Error("the program ends", "error", err)
		return 1
	}
	return 0
}

const (
	// stopTimeout is how long a server waits for the requests that it has begun to answer.
	stopTimeout = 30 * time.Second
	// headerTimeout limits the time to read the header of a request.
	headerTimeout = 10 * time.Second
)

// Serve returns a function, for runtime.Run, that serves HTTP until its context ends. Then it accepts
// no more requests, waits for those that it has begun to answer, for 30 s at most, and returns nil.
// It returns an error if it cannot listen or if requests take longer.
//
// address is host and port; the port is a free one if it is 0 or if address is empty. What it listens
// at is logged. If handler is nil, it is http.DefaultServeMux.
func Serve(address string, handler http.Handler) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		if ctx.Err() != nil {
			return nil
		}
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err != nil {
			return err
		}
		slog.Info("listening", "for", address, "at", listener.Addr().String())
		server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
		stopped := make(chan error, 1)
		defer context.AfterFunc(ctx, func() { stopped <- shutDown(ctx, server) })()
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return <-stopped
	}
}

// shutDown stops a server. ctx has ended.
func shutDown(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests still ran %v after the stop: %w", stopTimeout, errors.Join(err, server.Close()))
	}
	return nil
}

// Ready returns a handler for the readiness probe of an orchestrator: it answers with 200 while
// healthy returns nil, such as the method of a runtime.Connection, and otherwise with 503 and the
// error's text.
func Ready(healthy func() error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := healthy(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
}
