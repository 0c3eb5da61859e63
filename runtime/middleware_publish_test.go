package runtime

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// passes is what a test's middleware have done, in order.
type passes []string

// note returns a middleware that notes that a message passes it, and the end of the publish.
func (p *passes) note(name string) PublishMiddleware {
	return func(_ context.Context, m *Message) (func(Receipt, error), error) {
		*p = append(*p, name)
		m.Headers[name] = true
		return func(r Receipt, err error) {
			*p = append(*p, fmt.Sprintf("%s done after %d: %v", name, r.Attempts, err))
		}, nil
	}
}

func (p *passes) check(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*p, want) {
		t.Errorf("got  %q\nwant %q", *p, want)
	}
}

var modes = []string{"sync", "async"}

// TestPublishMiddleware publishes through three middleware, the second of which changes everything.
// The publish takes two attempts, which they do not see.
func TestPublishMiddleware(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			source := settled(Settlement{Outcome: OutcomeUnknown, Err: errShop}, Settlement{Outcome: OutcomeAcked})
			var got passes
			change := func(_ context.Context, m *Message) (func(Receipt, error), error) {
				if string(m.Body) != `{"id":"7"}` || m.ContentType != "application/json" || m.MessageID != "id" || m.Headers["outer"] != true {
					t.Errorf("saw %+v", m)
				}
				m.Exchange, m.RoutingKey, m.MessageID, m.AppID, m.Headers = "other", "key", "new", "app", nil
				m.Body = []byte("body")
				return nil, nil
			}
			p := newTestProducer(t, source, WithPublishMiddleware(got.note("outer"), change), WithPublishMiddleware(got.note("inner")))
			receipt, err := publishBy(mode, p, map[string]string{"id": "7"}, WithMessageID("id"))
			if err != nil || receipt != (Receipt{MessageID: "new", Attempts: 2}) {
				t.Errorf("got %+v, %v", receipt, err)
			}
			got.check(t, "outer", "inner", "inner done after 2: <nil>", "outer done after 2: <nil>")
			sent := source.messages()
			if len(sent) != 2 {
				t.Fatalf("%d attempts", len(sent))
			}
			for _, m := range sent {
				if m.Exchange != "other" || m.RoutingKey != "key" || m.MessageID != "new" || m.AppID != "app" ||
					string(m.Body) != "body" || m.Headers["outer"] != nil || m.Headers["inner"] != true {
					t.Errorf("sent %+v", m)
				}
			}
		})
	}
}

// TestPublishMiddlewareHasContext looks for the caller's value and for the publish's own deadline.
func TestPublishMiddlewareHasContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := func(ctx context.Context, _ *Message) (func(Receipt, error), error) {
			if ctx.Value(valueKey{}) != "caller's" {
				t.Error("ctx is not the caller's")
			}
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		p := newTestProducer(t, settled(Settlement{Outcome: OutcomeAcked}), WithPublishMiddleware(wait))
		_, err := p.Publish(context.WithValue(t.Context(), valueKey{}, "caller's"), testPublication, "x")
		if !errors.Is(err, ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

type valueKey struct{}

// TestPublishMiddlewareRefuses: the publish has ended, without an attempt and without a wait.
func TestPublishMiddlewareRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		refuse PublishMiddleware
		want   func(error) bool
	}{
		"error": {
			func(context.Context, *Message) (func(Receipt, error), error) {
				return func(Receipt, error) { panic("the middleware that refuses is done already") }, errShop
			},
			func(err error) bool { return errors.Is(err, errShop) },
		},
		"panic": {
			func(context.Context, *Message) (func(Receipt, error), error) { panic(errShop) },
			func(err error) bool { return errors.Is(err, errShop) && isType[*PanicError](err) },
		},
		"no message id": {
			func(_ context.Context, m *Message) (func(Receipt, error), error) { m.MessageID = ""; return nil, nil },
			func(err error) bool { return errors.Is(err, errNoMessageID) },
		},
		"a routing key that AMQP cannot carry": {
			func(_ context.Context, m *Message) (func(Receipt, error), error) {
				m.RoutingKey = strings.Repeat("k", 256)
				return nil, nil
			},
			func(err error) bool { return isType[unsendable](err) },
		},
	} {
		for _, mode := range modes {
			t.Run(name+", "+mode, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					source := settled(Settlement{Outcome: OutcomeAcked})
					var ended error
					outer := func(context.Context, *Message) (func(Receipt, error), error) {
						return func(_ Receipt, err error) { ended = err }, nil
					}
					p := newTestProducer(t, source, WithPublishMiddleware(outer, test.refuse))
					receipt, err := publishBy(mode, p, "x")
					if !test.want(err) || !errors.Is(err, ErrNotSent) || MayHaveBeenDelivered(err) || receipt.Attempts != 0 {
						t.Errorf("got %+v, %v", receipt, err)
					}
					if len(source.messages()) > 0 || ended != err { //nolint:errorlint // the same one
						t.Errorf("sent %v; done was called with %v", source.messages(), ended)
					}
					if err := p.Close(t.Context()); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

// TestPublishMiddlewareEndsItsGoroutine: nobody gets the result, but the producer can be closed.
func TestPublishMiddlewareEndsItsGoroutine(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			var got passes
			exit := func(context.Context, *Message) (func(Receipt, error), error) { runtime.Goexit(); return nil, nil }
			p := newTestProducer(t, settled(Settlement{Outcome: OutcomeAcked}), WithPublishMiddleware(got.note("outer"), exit))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				_, _ = publishBy(mode, p, "x", WithMessageID("1"))
			}()
			<-ended
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
			got.check(t, "outer", `outer done after 0: publish P: the fate of message "1" is unknown: `+errEscaped.Error())
		})
	}
}

// TestSourcePanicsAfterMiddleware: the panic reaches the caller, and the middleware are done.
func TestSourcePanicsAfterMiddleware(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			var got passes
			source := settled(Settlement{Outcome: OutcomeAcked})
			p := newTestProducer(t, source, WithPublishMiddleware(got.note("m")))
			source.answer = func(int, *Message, func(Settlement)) { panic("no") }
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic is lost")
					}
				}()
				_, _ = publishBy(mode, p, "x", WithMessageID("1"))
			}()
			got.check(t, "m", `m done after 1: publish P: the fate of message "1" is unknown: `+errEscaped.Error())
			if err := p.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDonePanics: the result is what it was, the others are called, and an event says it.
func TestDonePanics(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			var got passes
			var events []Event
			bad := func(context.Context, *Message) (func(Receipt, error), error) {
				return func(Receipt, error) { panic(errShop) }, nil
			}
			p := newTestProducer(t, settled(Settlement{Outcome: OutcomeAcked}),
				WithPublishMiddleware(got.note("outer"), bad), WithObserver(observerFunc(func(e Event) { events = append(events, e) })))
			if _, err := publishBy(mode, p, "x", WithMessageID("1")); err != nil {
				t.Error(err)
			}
			got.check(t, "outer", "outer done after 1: <nil>")
			panicked, ok := events[0].(MiddlewarePanickedEvent)
			if !ok || panicked.Publication != "P" || panicked.MessageID != "1" || !errors.Is(panicked.Err, errShop) || !isType[*PanicError](panicked.Err) {
				t.Errorf("observed %+v", events)
			}
		})
	}
}

// TestPublishMiddlewareBeforeEncryption reads the body that is encrypted afterwards.
func TestPublishMiddlewareBeforeEncryption(t *testing.T) {
	profile, err := NewAESGCMProfile("p", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	source := settled(Settlement{Outcome: OutcomeAcked})
	var seen string
	see := func(_ context.Context, m *Message) (func(Receipt, error), error) {
		seen = string(m.Body)
		return nil, nil
	}
	p := newTestProducer(t, source, WithEncryption(profile), WithPublishMiddleware(see))
	if _, err := publishBy("sync", p, "plain"); err != nil {
		t.Fatal(err)
	}
	if sent := string(source.messages()[0].Body); seen != "plain" || strings.Contains(sent, "plain") {
		t.Errorf("saw %q, sent %q", seen, sent)
	}
}

// TestNoPublishMiddleware: what has no body, and a middleware that is nil.
func TestNoPublishMiddleware(t *testing.T) {
	never := func(context.Context, *Message) (func(Receipt, error), error) {
		t.Error("called")
		return nil, nil
	}
	source := settled(Settlement{Outcome: OutcomeAcked})
	p := newTestProducer(t, source, WithPublishMiddleware(never))
	if _, err := publishBy("sync", p, make(chan int)); !errors.Is(err, ErrNotSent) {
		t.Error(err)
	}
	_ = p.Close(t.Context())
	if _, err := publishBy("sync", p, "x"); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	for _, source := range []ProducerSource{source, InterceptProducers(source, nil)} {
		if _, err := NewProducer(t.Context(), source, nil, WithPublishMiddleware(nil)); err == nil || !strings.Contains(err.Error(), "one is nil") {
			t.Error(err)
		}
	}
}

// informedFake is a source with everything that is optional.
type informedFake struct {
	*fakeProducer
	released []*Declarations
	events   Observer
}

func (s *informedFake) Info() SourceInfo {
	return SourceInfo{
		State:    func() (State, <-chan struct{}) { return StateFull, nil },
		Observer: s.events,
		NoWait:   true,
		Release:  func(d *Declarations) { s.released = append(s.released, d) },
	}
}

// TestInterceptLosesNothing looks for everything optional behind two wrappers, and for the order of
// the middleware.
func TestInterceptLosesNothing(t *testing.T) {
	var got passes
	counters := &Counters{}
	fake := &informedFake{fakeProducer: settled(Settlement{Outcome: OutcomeAcked}), events: counters}
	source := InterceptProducers(InterceptProducers(fake, got.note("first")), got.note("second"))
	declarations := &Declarations{}
	p, err := NewProducer(t.Context(), source, declarations, WithPublishMiddleware(got.note("third")))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Busy() {
		t.Error("the state is lost")
	}
	if _, err := p.Publish(t.Context(), testPublication, "x"); err != nil {
		t.Error(err)
	}
	got.check(t, "first", "second", "third", "third done after 1: <nil>", "second done after 1: <nil>", "first done after 1: <nil>")
	if counters.Counts().Acked != 1 {
		t.Error("the observer is lost")
	}
	if err := p.Close(t.Context()); err != nil || !slices.Equal(fake.released, []*Declarations{declarations}) {
		t.Errorf("%v, released %v", err, fake.released)
	}
	if !source.Info().NoWait {
		t.Error("the channel that is there at once is lost")
	}
}

// twoFakes is a source for producers and consumers.
type twoFakes struct {
	*fakeProducer
	*fakeSource
}

func (twoFakes) Info() SourceInfo { return SourceInfo{} }

// TestInterceptPair: a consumer of the wrapper consumes from both sides, a producer passes the
// active side's middleware once, whichever side is in use.
func TestInterceptPair(t *testing.T) {
	var got passes
	side := func(name string) Source {
		return Intercept(twoFakes{settled(Settlement{Outcome: OutcomeAcked}), newFakeSource()}, got.note(name))
	}
	pair := ActivePassive(side("active"), side("passive"), Failover{Observer: NoObserver})
	source := Intercept(pair, got.note("pair"))
	if n := len(virtualHostsOf(source)); n != 2 {
		t.Errorf("a consumer consumes from %d virtual hosts", n)
	}
	p := newTestProducer(t, source)
	for range 2 {
		if _, err := p.Publish(t.Context(), testPublication, "x"); err != nil {
			t.Error(err)
		}
		got.check(t, "active", "pair", "pair done after 1: <nil>", "active done after 1: <nil>")
		got = nil
		pair.FailOver()
	}
}
