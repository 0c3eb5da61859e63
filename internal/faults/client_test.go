package faults_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

var clientScenarios = []scenario{
	{id: "F15", fault: "callbacks that block", short: true, times: 0, play: playSlowCallbacks},
	{id: "F19", fault: "1000 producers, 100 connections", times: 0, play: func(t *testing.T, x *experiment) { playCrowd(t, x, 100, 10) }},
	{id: "F19", fault: "50 producers, 5 sources", short: true, times: 0, play: func(t *testing.T, x *experiment) { playCrowd(t, x, 5, 10) }},
}

// playSlowCallbacks makes every callback block until the end: publishes and their confirms
// continue.
func playSlowCallbacks(t *testing.T, x *experiment) {
	release := make(chan struct{})
	x.options = []runtime.ProducerOption{
		runtime.WithOnReturned(func(*runtime.ReturnedError) { <-release }),
		runtime.WithOnBusy(func() { <-release }),
		runtime.WithOnReady(func() { <-release }),
	}
	x.start(t)
	nowhere := &runtime.Publication{Name: "Nowhere", RoutingKey: "no such queue"}
	for range 2000 {
		var returned *runtime.ReturnedError
		if _, err := x.producer.Publish(t.Context(), nowhere, "x"); !errors.As(err, &returned) {
			t.Fatalf("publish to nowhere: %v", err)
		}
	}
	x.flow(t, warmUp)
	close(release)
}

// playCrowd creates many producers on many sources, which connect and publish at the same time, all
// from one Broker value.
func playCrowd(t *testing.T, x *experiment, sources, producers int) {
	sources = max(1, sources/x.topology.connections)
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = newLoad()
	active, passive := x.broker(t, 0), x.broker(t, 1)
	var crowd sync.WaitGroup
	for i := range sources {
		crowd.Go(func() {
			one := x.topology.build(active, passive, x.failover)
			ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
			defer cancel()
			var members sync.WaitGroup
			for j := range producers {
				members.Go(func() { x.publishOne(ctx, t, one, fmt.Sprintf("%d-%d", i, j)) })
			}
			members.Wait()
			if err := one.close(ctx); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
	crowd.Wait()
}

// publishOne publishes a few messages on a producer of its own.
func (x *experiment) publishOne(ctx context.Context, t *testing.T, on rig, prefix string) {
	t.Helper()
	producer, err := runtime.NewProducer(ctx, on.source, nil)
	if err != nil {
		t.Errorf("connect: %v", err)
		return
	}
	for i := range 5 {
		x.load.publish(ctx, sender{producer, publication}, fmt.Sprintf("%s-%d", prefix, i))
	}
	if err := producer.Close(ctx); err != nil {
		t.Errorf("close producer: %v", err)
	}
}
