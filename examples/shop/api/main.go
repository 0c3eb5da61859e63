// Command api takes the orders of the shop over HTTP, at LISTEN.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/scampgen/scampgen/examples/shop/internal/ordering"
	"github.com/scampgen/scampgen/examples/shop/internal/service"
	"github.com/scampgen/scampgen/runtime"
	"golang.org/x/sync/errgroup"
)

func main() { os.Exit(service.Main("shop-api", work)) }

func work(ctx context.Context, source runtime.Source, health *service.Health) error {
	shop, err := ordering.Open(ctx, source)
	if err != nil {
		return err
	}
	health.Watch(shop.Consumers)
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return service.Serve(running, "LISTEN", shop) })
	group.Go(func() error { return shop.Consumers.Run(running) })
	err = group.Wait() // all requests have their answers, and all handlers have returned
	return errors.Join(err, service.Close(ctx, shop.Close))
}
