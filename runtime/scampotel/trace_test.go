package scampotel_test

import (
	"context"
	"errors"
	"maps"
	"net/url"
	goruntime "runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scampotel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

var errPayment = errors.New("the payment service is down")

// retryOnce is a recovery of two attempts.
func retryOnce() runtime.ConsumerOption {
	return runtime.WithRecovery(runtime.Republish(1, runtime.Backoff{Min: 20 * time.Millisecond, Max: 20 * time.Millisecond}))
}

// TestOneTrace follows a message through a retry and a dead letter to the consumer of dead letters.
func TestOneTrace(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		ctx, request := l.request(limited(t))
		publish(ctx, t, p.produce(t, queue("q")), to("q"))
		request.End()
		p.consume(t, "q", func(context.Context, string) error { return errPayment }, retryOnce())
		l.wait(t, 6)
		p.consume(t, "q.dead", func(context.Context, string) error { return nil })
		spans := l.tree(t, 7, `1 request (internal)
└─ 2 send q (producer)
   ├─ 3 process q (consumer) error: the payment service is down
   │  └─ 4 retry q.retry.20 (client)
   ├─ 5 process q (consumer) error: the payment service is down [failed attempt: 3]
   │  └─ 6 dead-letter q.dead (client)
   └─ 7 process q:q.dead (consumer) [failed attempt: 5]
`)
		for _, span := range spans {
			if span.SpanContext().TraceID() != request.SpanContext().TraceID() {
				t.Errorf("%s is in another trace", span.Name())
			}
		}
	})
}

// TestDeadLetterExchange: the broker dead-letters a message itself, with the headers that it came
// with.
func TestDeadLetterExchange(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		q := runtime.Queue{Name: "q", Durable: true, Arguments: runtime.Headers{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": "graveyard"}}
		p.consume(t, "graveyard", func(context.Context, string) error { return nil })
		p.subscribe(t, q, runtime.RouteText(to("q"), func(context.Context, string) error { return errPayment }))
		publish(limited(t), t, p.produce(t, nil), to("q"))
		spans := l.tree(t, 4, `1 send q (producer)
├─ 2 process q (consumer) error: the payment service is down
│  └─ 3 dead-letter q (client)
└─ 4 process graveyard (consumer)
`)
		for _, span := range spans {
			if got := attributes(span)["messaging.operation.type"].AsString(); span.Name() == "dead-letter q" && got != "settle" {
				t.Errorf("a reject is of type %q", got)
			}
		}
	})
}

// TestFailureBeforeHandler: what recovery does is below the span that sent the message if no handler
// was called.
func TestFailureBeforeHandler(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		p.consume(t, "q", func(context.Context, string) error { return nil }, runtime.WithRecovery(runtime.Discard()),
			runtime.WithWorkers(2), runtime.WithOrderedBy(func(*runtime.Delivery) string { panic("no key") }))
		publish(limited(t), t, p.produce(t, nil), to("q"))
		l.tree(t, 2, "1 send q (producer)\n└─ 2 discard q (client)\n")
	})
}

// TestAmbientSpan: the span of the program that Run has been called in is linked, and is the parent
// of what came without the context of a trace.
func TestAmbientSpan(t *testing.T) {
	l := newLab()
	p := places["scamptest"](t, l)
	ctx, worker := l.tracer.Start(limited(t), "worker")
	process := l.Middleware()(func(context.Context, *runtime.Delivery) error { return nil })
	if err := process(ctx, &runtime.Delivery{Queue: "q"}); err != nil {
		t.Error(err)
	}
	sent := runtime.Headers{}
	_, err := p.produce(t, queue("q"), runtime.WithPublishMiddleware(func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
		maps.Copy(sent, m.Headers)
		return nil, nil
	})).Publish(limited(t), to("q"), "x")
	if err != nil {
		t.Error(err)
	}
	if err := process(ctx, &runtime.Delivery{Queue: "q", Message: runtime.Message{Headers: sent}}); err != nil {
		t.Error(err)
	}
	worker.End()
	spans := l.tree(t, 4, `1 worker (internal)
└─ 2 process q (consumer)
3 send q (producer)
└─ 4 process q (consumer) [ambient: 1]
`)
	if links := spans[0].Links(); len(links) != 0 { // it has ended first
		t.Errorf("the message came with no context, and yet its span has links: %v", links)
	}
}

// TestTwoHops: what a handler publishes continues the trace, with another message.
func TestTwoHops(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		producer := p.produce(t, queue("second"))
		p.consume(t, "first", func(ctx context.Context, _ string) error {
			_, err := producer.Publish(ctx, to("second"), "y")
			return err
		})
		p.consume(t, "second", func(context.Context, string) error { return nil })
		publish(limited(t), t, producer, to("first"))
		l.tree(t, 4, `1 send first (producer)
└─ 2 process first (consumer)
   └─ 3 send second (producer)
      └─ 4 process second (consumer)
`)
	})
}

// TestCall: the reply continues the trace of the request.
func TestCall(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		answer := runtime.ReplyWith(&runtime.Publication{Name: "answer"}, func(context.Context, string) (string, error) { return "yes", nil })
		p.consume(t, "questions", answer)
		options := p.producer
		for _, option := range p.consumer { // those of the caller's replies
			if both, ok := option.(runtime.ProducerOption); ok {
				options = append(options, both)
			}
		}
		caller, err := runtime.NewCaller(limited(t), p.source, runtime.CallerSpec{}, options...)
		if err != nil {
			t.Fatal(err)
		}
		defer caller.Close(context.Background())
		ctx, request := l.request(limited(t))
		var reply string
		if err := caller.Call(ctx, to("questions"), "?", &reply); err != nil || reply != "yes" {
			t.Errorf("got %q, %v", reply, err)
		}
		request.End()
		want := `1 request (internal)
└─ 2 send questions (producer)
   └─ 3 process questions (consumer)
      └─ 4 send (anonymous) (producer)
`
		if len(p.consumer) == 0 { // the connection's middleware are those of the caller's consumer too
			want += "         └─ 5 process (anonymous) (consumer)\n"
		}
		spans := l.tree(t, strings.Count(want, "\n"), want)
		for _, span := range spans {
			if strings.HasSuffix(span.Name(), "(anonymous)") && !attributes(span)["messaging.destination.anonymous"].AsBool() {
				t.Errorf("%s: %v", span.Name(), span.Attributes())
			}
		}
	})
}

// TestReplyDropped: the span of a reply that nobody can receive has failed.
func TestReplyDropped(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		p.consume(t, "questions", runtime.ReplyWith(&runtime.Publication{Name: "answer"}, func(context.Context, string) (string, error) { return "yes", nil }))
		publish(limited(t), t, p.produce(t, nil), to("questions"), runtime.WithReplyTo("nobody"))
		for _, span := range l.wait(t, 3) {
			if failed := span.Status().Code == codes.Error; failed != (span.Name() == "send nobody") {
				t.Errorf("%s: %v", span.Name(), span.Status())
			}
		}
	})
}

// TestPublishFails looks at the error of each way in which a publish can fail, and at a publish
// that succeeds after that.
func TestPublishFails(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		full := runtime.Queue{Name: "full", Durable: true, Arguments: runtime.Headers{"x-max-length": 1, "x-overflow": "reject-publish"}}
		errBudget := errors.New("over the budget")
		refuse := func(_ context.Context, m *runtime.Message) (func(runtime.Receipt, error), error) {
			if m.RoutingKey == "refused" {
				return nil, errBudget
			}
			return nil, nil
		}
		producer := p.produce(t, &runtime.Declarations{Queues: []runtime.Queue{full}}, runtime.WithNackRetries(0), runtime.WithPublishMiddleware(refuse))
		publish(limited(t), t, producer, to("full"))
		for _, c := range []struct{ queue, errorType string }{{"nowhere", "returned"}, {"full", "nacked"}, {"refused", "not_sent"}} {
			for range 2 {
				before := len(l.spans.spans)
				if _, err := producer.PublishAsync(limited(t), to(c.queue), "x").Wait(limited(t)); err == nil {
					t.Errorf("%s: published", c.queue)
				}
				span := l.wait(t, before+1)[before]
				if got := attributes(span)["error.type"].AsString(); span.Status().Code != codes.Error || got != c.errorType {
					t.Errorf("%s: %v, %s", c.queue, span.Status(), got)
				}
			}
		}
	})
}

// TestHandlerFails looks at the error of each way in which a handler can fail.
func TestHandlerFails(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		producer := p.produce(t, nil)
		for name, c := range map[string]struct {
			handle      func() error
			errorType   string
			description string
		}{
			"error": {func() error { return errPayment }, "*errors.errorString", "the payment service is down"},
			"code":  {func() error { return codedError("out_of_stock") }, "out_of_stock", "out_of_stock"},
			"panic": {func() error { panic("no stock") }, "panic", "panic: no stock"},
			"exit":  {func() error { goruntime.Goexit(); return nil }, "panic", "panic: the handler ended its goroutine"},
		} {
			p.consume(t, name, func(context.Context, string) error { return c.handle() }, runtime.WithRecovery(runtime.Discard()))
			publish(limited(t), t, producer, to(name))
			for found, n := false, 1; !found; n++ {
				for _, span := range l.wait(t, n) {
					if span.Name() == "discard "+name {
						found = true // so it has failed for the consumer too
					}
					if span.Name() != "process "+name {
						continue
					}
					if status := span.Status(); status.Code != codes.Error || status.Description != c.description {
						t.Errorf("%s: %v", name, status)
					}
					if got := attributes(span)["error.type"].AsString(); got != c.errorType {
						t.Errorf("%s: error.type %q", name, got)
					}
				}
			}
		}
	})
}

type codedError string

func (e codedError) Error() string { return string(e) }
func (e codedError) Code() string  { return string(e) }

// TestInvalidContent: what cannot be decoded has a span too.
func TestInvalidContent(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		route := runtime.RouteJSON(to("q"), func(context.Context, *struct{}) error { return nil })
		p.subscribe(t, runtime.Queue{Name: "q", Durable: true}, route)
		publish(limited(t), t, p.produce(t, nil), to("q"))
		for _, span := range l.wait(t, 3) {
			if span.Name() == "process q" && attributes(span)["error.type"].AsString() != "invalid_content" {
				t.Errorf("%v", span.Attributes())
			}
		}
	})
}

// TestGivenContext: a message that has the context of a trace keeps it.
func TestGivenContext(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		p.consume(t, "q", func(context.Context, string) error { return nil })
		_, elsewhere := l.tracer.Start(limited(t), "elsewhere")
		elsewhere.End()
		id := elsewhere.SpanContext()
		given := "00-" + id.TraceID().String() + "-" + id.SpanID().String() + "-01"
		publish(limited(t), t, p.produce(t, nil), to("q"), runtime.WithHeaders(runtime.Headers{"traceparent": given}))
		spans := l.wait(t, 3)
		for _, span := range spans {
			switch {
			case span.Name() == "send q" && (span.SpanKind() != trace.SpanKindClient || len(span.Links()) != 1 || !span.Links()[0].SpanContext.Equal(id.WithRemote(true))):
				t.Errorf("%v %v", span.SpanKind(), span.Links())
			case span.Name() == "process q" && span.Parent().SpanID() != id.SpanID():
				t.Errorf("the parent is %v", span.Parent())
			}
		}
	})
}

// TestBaggage: the configured propagator carries more than the trace.
func TestBaggage(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		got := make(chan string, 1)
		p.consume(t, "q", func(ctx context.Context, _ string) error {
			got <- baggage.FromContext(ctx).Member("tenant").Value()
			return nil
		})
		member, err := baggage.NewMember("tenant", "acme")
		if err != nil {
			t.Fatal(err)
		}
		bag, err := baggage.New(member)
		if err != nil {
			t.Fatal(err)
		}
		publish(baggage.ContextWithBaggage(limited(t), bag), t, p.produce(t, nil), to("q"))
		if tenant := <-got; tenant != "acme" {
			t.Errorf("got %q", tenant)
		}
	})
}

// TestLinkedConsumers: each delivery begins a trace.
func TestLinkedConsumers(t *testing.T) {
	everywhere(t, func(t *testing.T, l *lab, p place) {
		p.consume(t, "q", func(context.Context, string) error { return errPayment }, runtime.WithRecovery(runtime.Discard()))
		publish(limited(t), t, p.produce(t, nil), to("q"))
		l.tree(t, 3, `1 send q (producer)
2 process q (consumer) error: the payment service is down [creation: 1]
└─ 3 discard q (client)
`)
	}, scampotel.WithLinkedConsumers())
}

// TestRoutingKeys: with an exchange, names have the routing key only if it has few values.
func TestRoutingKeys(t *testing.T) {
	declarations := &runtime.Declarations{
		Exchanges: []runtime.Exchange{{Name: "shop", Type: "topic"}},
		Queues:    []runtime.Queue{{Name: "q"}},
		Bindings:  []runtime.Binding{{Exchange: "shop", Queue: "q", RoutingKey: "#"}},
	}
	publication := &runtime.Publication{Name: "order", Exchange: "shop", RoutingKey: "order.7"}
	for want, options := range map[string][]scampotel.Option{
		"1 send shop:{routing_key} (producer)\n└─ 2 process shop:{routing_key}:q (consumer)\n": nil,
		"1 send shop:order.7 (producer)\n└─ 2 process shop:order.7:q (consumer)\n":             {scampotel.WithRoutingKeys()},
	} {
		everywhere(t, func(t *testing.T, l *lab, p place) {
			producer := p.produce(t, declarations)
			publish(limited(t), t, producer, publication)
			consumer, err := runtime.NewConsumer(limited(t), p.source, runtime.Subscription{
				Queue: declarations.Queues[0], Routes: []runtime.Route{runtime.RouteText(publication, func(context.Context, string) error { return nil })},
			}, p.consumer...)
			if err != nil {
				t.Fatal(err)
			}
			ctx, stop := context.WithCancel(limited(t))
			ran := make(chan error, 1)
			go func() { ran <- consumer.Run(ctx) }()
			for _, span := range l.tree(t, 2, want) {
				if a := attributes(span); a["messaging.rabbitmq.destination.routing_key"].AsString() != "order.7" || !strings.HasPrefix(a["messaging.destination.name"].AsString(), "shop:order.7") {
					t.Errorf("%v", span.Attributes())
				}
			}
			stop()
			if err := <-ran; err != nil {
				t.Error(err)
			}
		}, options...)
	}
}

// TestPair publishes on both sides of a pair and consumes from both: one span for each, with the
// node that was used.
func TestPair(t *testing.T) {
	l := newLab()
	hosts := []*rabbittest.VirtualHost{rabbittest.New(t), rabbittest.New(t)}
	parsed, err := url.Parse(hosts[1].URL)
	if err != nil {
		t.Fatal(err)
	}
	address := parsed.Host
	proxy := rabbittest.NewProxy(t, address)
	pair := runtime.ActivePassive(
		runtime.DedicatedChannel(l.connect(t, hosts[0].URL)),
		runtime.DedicatedChannel(l.connect(t, proxy.URL(t, hosts[1].URL))),
		runtime.Failover{})
	p := place{source: pair}
	var handled atomic.Int64
	p.consume(t, "q", func(context.Context, string) error { handled.Add(1); return nil })
	producer := p.produce(t, queue("q"))
	publish(limited(t), t, producer, to("q"))
	l.wait(t, 2)
	for !pair.FailOver() {
		goruntime.Gosched() // until the other side is connected
	}
	publish(limited(t), t, producer, to("q"))
	ports := map[string][]string{}
	for _, span := range l.wait(t, 4) {
		a := attributes(span)
		ports[span.Name()] = append(ports[span.Name()], a["server.address"].AsString()+":"+a["server.port"].String())
	}
	for _, name := range []string{"send q", "process q"} {
		if got := ports[name]; len(got) != 2 || got[0] != address || got[1] != proxy.Addr() {
			t.Errorf("%s at %v, want %s and %s", name, got, address, proxy.Addr())
		}
	}
	if n := handled.Load(); n != 2 {
		t.Errorf("%d handled", n)
	}
}
