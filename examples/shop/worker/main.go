// Command worker bills the orders of the shop and ships them.
package main

import (
	"context"
	"errors"
	"os"

	"github.com/scampgen/scampgen/examples/shop/internal/fulfilment"
	"github.com/scampgen/scampgen/examples/shop/internal/service"
	"github.com/scampgen/scampgen/runtime"
)

func main() { os.Exit(service.Main("shop-worker", work)) }

func work(ctx context.Context, source runtime.Source, health *service.Health) error {
	warehouse, err := fulfilment.Open(ctx, source, fulfilment.BankAt(os.Getenv("BANK_URL")))
	if err != nil {
		return err
	}
	health.Watch(warehouse.Consumers)
	err = warehouse.Consumers.Run(ctx) // until ctx has ended and all handlers have returned
	return errors.Join(err, service.Close(ctx, warehouse.Close))
}
