// Command worker bills the orders of the shop and ships them.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/scampgen/scampgen/examples/shop/internal/fulfilment"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel/otelsdk"
	"github.com/scampgen/scampgen/runtime/service"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/exporters/prometheus"
)

func main() { os.Exit(service.Main(run)) }

func run(ctx context.Context) error {
	telemetry, err := otelsdk.Start(ctx, "shop-worker", otelsdk.WithTraces(otlptracehttp.New(ctx)), otelsdk.WithMetrics(prometheus.New()))
	if err != nil {
		return err
	}
	connection := runtime.DedicatedConnection(telemetry.Instrument(runtime.Broker{
		URL: os.Getenv("AMQP_URL"), Name: "shop-worker", Lazy: true,
		TLS: runtime.TLSFiles(os.Getenv("AMQP_CA"), os.Getenv("AMQP_CERT"), os.Getenv("AMQP_KEY")),
	}))
	telemetry.WatchConnection(connection)
	http.HandleFunc("GET /live", func(http.ResponseWriter, *http.Request) {}) // whoever answers lives
	http.Handle("GET /ready", service.Ready(connection.Healthy))
	http.Handle("GET /metrics", promhttp.Handler())

	warehouse, err := fulfilment.New(ctx, runtime.DedicatedChannel(connection), fulfilment.BankAt(os.Getenv("BANK_URL")))
	if err == nil {
		err = runtime.Run(ctx, warehouse.Run, service.Serve(os.Getenv("PROBES"), nil))
	}
	last := context.WithoutCancel(ctx) // ctx has ended; everything below ends by itself
	return errors.Join(err, connection.Close(last), telemetry.Close(last))
}
