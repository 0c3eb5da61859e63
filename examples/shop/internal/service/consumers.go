package service

import (
	"context"

	"github.com/scampgen/scampgen/runtime"
	"golang.org/x/sync/errgroup"
)

// Consumers are those of a program, by the names of their queues.
type Consumers map[string]*runtime.Consumer

// Run runs all of them until ctx ends or one of them fails, and returns when their handlers have.
func (c Consumers) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, consumer := range c {
		group.Go(func() error { return consumer.Run(ctx) })
	}
	return group.Wait()
}
