package runtime_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestReturnsOfTwins publishes pairs of messages that differ only in their headers. A headers
// exchange routes one and not the other: each publish gets its own answer.
func TestReturnsOfTwins(t *testing.T) {
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "by region", Type: "headers"}},
		Queues:    []runtime.Queue{{Name: "eu", Durable: true}},
		Bindings:  []runtime.Binding{{Queue: "eu", Exchange: "by region", Arguments: runtime.Headers{"x-match": "all", "region": "eu"}}},
	})
	publication := &runtime.Publication{Name: "twin", Exchange: "by region", Transient: true}
	for i := range 400 {
		var pending [2]*runtime.Pending
		regions := [2]string{"eu", "us"}
		if i%2 == 1 {
			regions = [2]string{"us", "eu"}
		}
		for j, region := range regions {
			pending[j] = producer.PublishAsync(testContext(t), publication, "x",
				runtime.WithMessageID("same"), runtime.WithHeaders(runtime.Headers{"region": region, "n": i, "list": []any{"a", nil, 1.5}}))
		}
		for j, region := range regions {
			_, err := pending[j].Wait(t.Context())
			if _, returned := errors.AsType[*runtime.ReturnedError](err); returned == (region == "eu") {
				t.Fatalf("pair %d: the one to %s: %v", i, region, err)
			}
		}
	}
}

// TestNackMultipliesNothing publishes to two queues of which one is full. The error says that the
// message may be in a queue, and it is, once.
func TestNackMultipliesNothing(t *testing.T) {
	host := rabbittest.New(t)
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "all", Type: "fanout"}},
		Queues: []runtime.Queue{
			{Name: "open", Durable: true},
			{Name: "full", Durable: true, Arguments: runtime.Headers{"x-max-length": 1, "x-overflow": "reject-publish"}},
		},
		Bindings: []runtime.Binding{{Queue: "open", Exchange: "all"}, {Queue: "full", Exchange: "all"}},
	})
	publication := &runtime.Publication{Name: "P", Exchange: "all"}
	if _, err := producer.Publish(testContext(t), publication, "fills it"); err != nil {
		t.Fatal(err)
	}
	host.WaitMessages(t, "full", 1)
	receipt, err := producer.Publish(testContext(t), publication, "x")
	if !errors.Is(err, runtime.ErrNacked) || !runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 1 {
		t.Errorf("%d attempts, %v", receipt.Attempts, err)
	}
	host.WaitMessages(t, "open", 2)

	full := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), nil)
	if receipt, err := full.Publish(testContext(t), to("full"), "x"); !errors.Is(err, runtime.ErrNacked) || receipt.Attempts != 4 {
		t.Errorf("to the full queue alone: %d attempts, %v", receipt.Attempts, err)
	}
	if n := host.Messages(t, "open"); n != 2 {
		t.Errorf("the open queue has %d messages, want 2", n)
	}
}

// TestDeclarationsDeletedUnderProducer deletes what a producer has declared. The next publish
// declares it again; the one that found a queue or binding missing has been returned.
func TestDeclarationsDeletedUnderProducer(t *testing.T) {
	d := &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "x", Type: "direct", Durable: true}},
		Queues:    []runtime.Queue{{Name: "q", Durable: true}},
		Bindings:  []runtime.Binding{{Queue: "q", Exchange: "x", RoutingKey: "k"}},
	}
	bound := &runtime.Publication{Name: "P", Exchange: "x", RoutingKey: "k"}
	for _, test := range []struct {
		name   string
		delete func(*testing.T, *rabbittest.VirtualHost)
		comes  bool // returned
	}{
		{"exchange", func(t *testing.T, host *rabbittest.VirtualHost) {
			if err := host.Channel(t).ExchangeDelete("x", false, false); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"queue", func(t *testing.T, host *rabbittest.VirtualHost) {
			if _, err := host.Channel(t).QueueDelete("q", false, false, false); err != nil {
				t.Fatal(err)
			}
		}, true},
		{"binding", func(t *testing.T, host *rabbittest.VirtualHost) {
			if err := host.Channel(t).QueueUnbind("q", "k", "x", nil); err != nil {
				t.Fatal(err)
			}
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := rabbittest.New(t)
			producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), d)
			if _, err := producer.Publish(testContext(t), bound, "before"); err != nil {
				t.Fatal(err)
			}
			test.delete(t, host)
			_, err := producer.Publish(testContext(t), bound, "under it")
			if _, returned := errors.AsType[*runtime.ReturnedError](err); returned != test.comes || err != nil && !returned {
				t.Errorf("the first after that: %v", err)
			}
			if _, err := producer.Publish(testContext(t), bound, "after"); err != nil {
				t.Errorf("the second after that: %v", err)
			}
		})
	}
}

// TestDeclaredAgainForIsolatedPublishes deletes an exchange. Another producer, which does not
// declare it, notices first: the exchange gets an isolation rule, and is still declared again.
func TestDeclaredAgainForIsolatedPublishes(t *testing.T) {
	host := rabbittest.New(t)
	source := runtime.DedicatedChannel(connect(t, host.URL))
	publication := &runtime.Publication{Name: "P", Exchange: "x", RoutingKey: "k"}
	other := produce(t, source, nil)
	if _, err := other.Publish(testContext(t), publication, "x"); !errors.Is(err, runtime.ErrNotSent) {
		t.Fatal(err)
	}
	producer := produce(t, source, &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "x", Type: "direct", Durable: true}},
		Queues:    []runtime.Queue{{Name: "q", Durable: true}},
		Bindings:  []runtime.Binding{{Queue: "q", Exchange: "x", RoutingKey: "k"}},
	})
	if err := host.Channel(t).ExchangeDelete("x", false, false); err != nil {
		t.Fatal(err)
	}
	if _, err := producer.Publish(testContext(t), publication, "x"); err != nil {
		t.Error(err)
	}
}

// TestVerifyDeclaresNothing deletes an exchange whose producer only verifies: it must not be
// created again.
func TestVerifyDeclaresNothing(t *testing.T) {
	host := rabbittest.New(t)
	channel := host.Channel(t)
	if err := channel.ExchangeDeclare("x", "fanout", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	d := &runtime.Declarations{Exchanges: []runtime.Exchange{{Name: "x", Type: "fanout", Durable: true}}, Mode: runtime.DeclareVerify}
	producer := produce(t, runtime.DedicatedChannel(connect(t, host.URL)), d)
	if err := channel.ExchangeDelete("x", false, false); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range 3 {
		_, err := producer.Publish(testContext(t), &runtime.Publication{Name: "P", Exchange: "x"}, "x")
		if refused, ok := errors.AsType[*runtime.ChannelError](err); !ok || refused.Reply.Code != 404 || runtime.MayHaveBeenDelivered(err) {
			t.Errorf("got %v", err)
		}
	}
	t.Logf("three refusals took %v", time.Since(start))
}
