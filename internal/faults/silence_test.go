package faults_test

import (
	"context"
	"fmt"
	goruntime "runtime"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// silenceScenarios have a broker that leaves some requests unanswered, forever.
var silenceScenarios = []scenario{
	{id: "F30", fault: "queue.declare is never answered", short: true, environment: scripted, times: 4, pools: true, spare: true, play: playNeverDeclared},
	{id: "F30", fault: "confirm.select is not answered for 1 s", environment: scripted, times: 1, pools: true, spare: true, play: playNeverConfirming},
	{
		id: "F30", fault: "confirm.select is never answered on one channel", environment: scripted, times: 1, spare: true,
		only: []string{channelPool, connections, activePassivePools}, play: playOneNeverConfirming,
	},
	{
		id: "F30", fault: "basic.consume is never answered", environment: scripted, spare: true,
		only: []string{dedicated, activePassive}, play: playNeverConsuming,
	},
	{id: "F31", fault: "a key is never confirmed", short: true, environment: scripted, pools: true, spare: true, play: playNeverConfirmed},
}

const (
	// few is by how much a count may be higher for some time although nothing leaks.
	few = 5
	// clientTimeout is how long clients wait for what never comes.
	clientTimeout = 50 * time.Millisecond
	// dialTimeout limits requests to the broker, in rows that wait for it.
	dialTimeout = 500 * time.Millisecond
)

func dialQuickly(b *runtime.Broker) { b.DialTimeout = dialTimeout }

// startCorrect connects and begins to publish.
func (x *experiment) startCorrect(t *testing.T) {
	t.Helper()
	x.configure = dialQuickly
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = startSenders(x.topology.name, correct, sender{x.producer, publication})
	x.flow(t, warmUp)
}

// playNeverDeclared creates producer after producer whose declarations are never answered: each
// obeys its context, what they leave behind is limited, and the next one works after answers come
// again.
func playNeverDeclared(t *testing.T, x *experiment) {
	const producers, bound = 100, 70 // requests of one connection that may stay unanswered
	x.startCorrect(t)
	channels, goroutines := x.channels(), goruntime.NumGoroutine()
	x.withhold("queue.declare")
	for i := range producers {
		ctx, cancel := context.WithTimeout(t.Context(), clientTimeout)
		begun := time.Now()
		if _, err := runtime.NewProducer(ctx, x.rig.source, declareOne(i)); err == nil || time.Since(begun) > clientTimeout+stall {
			t.Errorf("a producer whose queue is not declared: %v after %v", err, time.Since(begun))
		}
		cancel()
	}
	links := x.topology.connections * len(x.peers)
	if !x.topology.pair {
		links = x.topology.connections
	}
	x.settles(t, channels+links*bound, goroutines+2*links*bound)
	x.withhold("")
	ctx, cancel := context.WithTimeout(t.Context(), settling)
	defer cancel()
	producer, err := runtime.NewProducer(ctx, x.rig.source, declareOne(producers))
	if err != nil {
		t.Fatalf("after the answers came again: %v", err)
	}
	if err := producer.Close(ctx); err != nil {
		t.Error(err)
	}
	x.load.flowWithin(t, warmUp, settling)
	x.keepsAnswering(t, time.Second)
}

// settling is how long it may take until channels and goroutines have ended that wait for what
// never comes.
const settling = 15 * time.Second

func declareOne(i int) *runtime.Declarations {
	return &runtime.Declarations{Queues: []runtime.Queue{{Name: fmt.Sprint("other-", i), Durable: true}}}
}

// settles waits until there are no more channels and goroutines than before, except a few.
func (x *experiment) settles(t *testing.T, channels, goroutines int) {
	t.Helper()
	deadline := time.Now().Add(settling)
	for x.channels() > channels+few || goruntime.NumGoroutine() > goroutines+few {
		if time.Now().After(deadline) {
			t.Errorf("%d channels and %d goroutines %v later, and there were %d and %d",
				x.channels(), goruntime.NumGoroutine(), settling, channels, goroutines)
			return
		}
		<-time.After(10 * time.Millisecond)
	}
}

// keepsAnswering fails the test if no publish was acknowledged for longer than limit.
func (x *experiment) keepsAnswering(t *testing.T, limit time.Duration) {
	t.Helper()
	x.load.mu.Lock()
	defer x.load.mu.Unlock()
	if x.load.silence > limit {
		t.Errorf("nothing was acknowledged for %v, want at most %v", x.load.silence, limit)
	}
}

// playNeverConfirming opens all channels again while confirm.select is not answered: everything
// works after it is answered again.
func playNeverConfirming(t *testing.T, x *experiment) {
	x.startCorrect(t)
	x.withhold("confirm.select")
	x.peers[0].server.Cut()
	<-time.After(2 * dialTimeout) // how long it is not answered
	x.withhold("")
	x.load.flowWithin(t, warmUp, settling)
}

// playOneNeverConfirming leaves one channel of several without that answer: the others continue.
func playOneNeverConfirming(t *testing.T, x *experiment) {
	x.startCorrect(t)
	x.peers[0].withhold("confirm.select", true)
	x.peers[0].server.Cut()
	x.load.flowWithin(t, warmUp, settling)
	x.keepsAnswering(t, 2*time.Second)
}

// playNeverConsuming runs a consumer that never gets an answer: producers on its source continue,
// it does not open more and more channels, and it consumes after answers come again.
func playNeverConsuming(t *testing.T, x *experiment) {
	x.startCorrect(t)
	queue := runtime.Queue{Name: "consumed", Durable: true}
	consumer, err := runtime.NewConsumer(t.Context(), x.rig.source.(runtime.ConsumerSource), runtime.Subscription{
		Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes: []runtime.Route{runtime.RouteText(publication, func(context.Context, string) error { return nil })},
	})
	if err != nil {
		t.Fatal(err)
	}
	channels, goroutines := x.channels(), goruntime.NumGoroutine()
	x.withhold("basic.consume")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	<-time.After(4 * dialTimeout) // how long it is not answered
	x.settles(t, channels+few, goroutines+4*few)
	x.withhold("")
	select {
	case <-consumer.Ready():
	case <-time.After(settling):
		t.Errorf("not consuming %v after the answers came again", settling)
	}
	x.load.flowWithin(t, warmUp, settling)
	x.keepsAnswering(t, time.Second)
	cancel()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("stop the consumer: %v", err)
		}
	case <-time.After(settling):
		t.Errorf("Run has not returned %v after its context", settling)
	}
}

// playNeverConfirmed publishes more messages than a window has room for to a key that is never
// confirmed: those to other keys are acknowledged all the time. They wait for the slots of the
// publishes that are overdue, which is up to a second; the other second is for a busy machine.
func playNeverConfirmed(t *testing.T, x *experiment) {
	const stuck, lasting, timeout, limit = 300, 4 * time.Second, 250 * time.Millisecond, 2 * time.Second
	x.startCorrect(t)
	sick, err := runtime.NewProducer(t.Context(), x.rig.source, nil, runtime.WithPublishTimeout(timeout), runtime.WithAtMostOnce())
	if err != nil {
		t.Fatal(err)
	}
	over := time.Now().Add(lasting)
	var publishing sync.WaitGroup
	for range stuck {
		publishing.Go(func() {
			for time.Now().Before(over) {
				if _, err := sick.Publish(context.Background(), to("", neverConfirmed), "x"); err == nil {
					t.Error("a publish that is never confirmed succeeded")
				}
			}
		})
	}
	publishing.Wait()
	x.load.flowWithin(t, warmUp, settling)
	x.keepsAnswering(t, limit)
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := sick.Close(ctx); err != nil {
		t.Errorf("close the producer: %v", err)
	}
}
