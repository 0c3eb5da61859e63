package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"golang.org/x/sync/errgroup"
)

// Patience is how long a program that stops waits for requests that it has begun to answer, and then
// for the broker.
const Patience = 20 * time.Second

// Main is what a program does: it calls work, and returns the program's exit code. The context of work
// ends with SIGTERM or an interrupt. Probes and metrics are served from the beginning, at PROBES.
func Main(name string, work func(ctx context.Context, source runtime.Source, health *Health) error) (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, name, work); err != nil {
		slog.Error("the program ends", "program", name, "error", err)
		return 1
	}
	return 0
}

func run(ctx context.Context, name string, work func(context.Context, runtime.Source, *Health) error) error {
	telemetry, err := StartTelemetry(ctx, name)
	if err != nil {
		return err
	}
	connection := runtime.DedicatedConnection(telemetry.Instrument(Broker(name)))
	telemetry.WatchConnection(connection)
	health := &Health{telemetry: telemetry, connection: connection}
	probes := http.NewServeMux()
	probes.Handle("GET /live", probe(health.Live))
	probes.Handle("GET /ready", probe(health.Ready))
	probes.Handle("GET /metrics", telemetry)

	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return Serve(running, "PROBES", probes) })
	group.Go(func() error { return work(running, runtime.DedicatedChannel(connection), health) })
	if err = group.Wait(); ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // it was told to stop while it waited for the broker
	}
	return errors.Join(err, Close(ctx, connection.Close, telemetry.Close))
}

// Serve answers HTTP until ctx ends, then waits for the requests that it has begun to answer. variable
// is that of the environment which has the host and port.
func Serve(ctx context.Context, variable string, handler http.Handler) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", os.Getenv(variable))
	if err != nil {
		return err
	}
	slog.Info("listening", variable, listener.Addr().String())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: Patience}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() { stopped <- Close(ctx, server.Shutdown) })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// Close calls functions one after the other. They have Patience together, also if ctx has ended.
func Close(ctx context.Context, functions ...func(context.Context) error) (err error) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), Patience)
	defer cancel()
	for _, function := range functions {
		err = errors.Join(err, function(last))
	}
	return err
}
