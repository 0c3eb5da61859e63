package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHandlerAnswers(t *testing.T) {
	for _, test := range []struct {
		name      string
		body      string
		handle    func(context.Context, *order) error
		arguments Headers
		options   []ConsumerOption
		acked     bool
		rejected  bool
		published string // the queue that the message is published to
		code      string // of the error in the headers
		count     ConsumerEventKind
	}{
		{name: "nil acknowledges", handle: succeed, acked: true, count: Handled},
		{name: "error is dead-lettered", handle: fail, acked: true, published: "orders.dead", code: "handler_error", count: DeadLettered},
		{name: "panic is an error", handle: func(context.Context, *order) error { panic("no") }, acked: true, published: "orders.dead", code: "panic", count: Failed},
		{name: "invalid body", body: `{"id":7}`, handle: neverCalled, acked: true, published: "orders.dead", code: "invalid_content", count: Invalid},
		{name: "queue with dead-letter exchange", handle: fail, arguments: Headers{"x-dead-letter-exchange": "dlx"}, rejected: true, count: DeadLettered},
		{name: "dead-letter policy", handle: fail, options: []ConsumerOption{WithDeadLetterPolicy()}, rejected: true, count: DeadLettered},
		{name: "dead-letter queue by name", handle: fail, arguments: Headers{"x-dead-letter-exchange": "dlx"}, options: []ConsumerOption{WithDeadLetterQueue("grave")}, acked: true, published: "grave", code: "handler_error", count: DeadLettered},
		{name: "discard", handle: fail, options: []ConsumerOption{WithRecovery(Discard())}, acked: true, count: Discarded},
		{name: "forward", handle: fail, options: []ConsumerOption{WithRecovery(Forward("later"))}, acked: true, published: "later", code: "handler_error", count: Forwarded},
		{name: "invalid is forwarded, failures are not", body: `[`, handle: neverCalled, options: []ConsumerOption{OnInvalid(Forward("odd")), WithRecovery(Discard())}, acked: true, published: "odd", code: "invalid_content", count: Forwarded},
		{name: "when matches", handle: fail, options: []ConsumerOption{WithRecovery(When(isShop, Forward("shop")), Discard())}, acked: true, published: "shop", code: "handler_error", count: Forwarded},
		{name: "when does not match", body: `[`, handle: neverCalled, options: []ConsumerOption{OnInvalid(When(isShop, Forward("shop")))}, acked: true, published: "orders.dead", code: "invalid_content", count: DeadLettered},
		{name: "handler acknowledges by itself", handle: func(ctx context.Context, _ *order) error { return DeliveryFrom(ctx).Ack() }, acked: true, count: Handled},
		{name: "handler rejects by itself", handle: func(ctx context.Context, _ *order) error { return DeliveryFrom(ctx).Reject(false) }, rejected: true, count: Handled},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				consumer := subscribe(t, newFakeSource(channel), Subscription{
					Queue:  Queue{Name: "orders", Arguments: test.arguments},
					Routes: []Route{On(orderPlaced, test.handle)},
				}, test.options...)
				stop := start(t, consumer)
				m := message("1")
				if test.body != "" {
					m.Body = []byte(test.body)
				}
				channel.deliver(m)
				time.Sleep(gatherFor)
				synctest.Wait()
				if got := len(channel.answered()) == 1; got != test.acked {
					t.Errorf("acknowledged: %v, want %v", got, test.acked)
				}
				if got := len(channel.refused()) == 1; got != test.rejected {
					t.Errorf("rejected: %v, want %v", got, test.rejected)
				}
				checkPublished(t, channel.producer.messages(), test.published, test.code)
				if got := consumer.Count(test.count); got != 1 {
					t.Errorf("%v happened %d times, want 1", test.count, got)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func checkPublished(t *testing.T, published []*Message, queue, code string) {
	t.Helper()
	if queue == "" {
		if len(published) > 0 {
			t.Errorf("published %+v, want nothing", published[0])
		}
		return
	}
	if len(published) != 1 {
		t.Fatalf("published %d messages, want 1", len(published))
	}
	m := published[0]
	if m.Exchange != "" || m.RoutingKey != queue || !m.Mandatory || !m.Persistent || m.MessageID != "1" {
		t.Errorf("published %+v, want a mandatory, persistent copy to queue %q", m, queue)
	}
	rascal := m.Headers["rascal"].(Headers)
	if got := rascal["error"].(Headers)["code"]; got != code {
		t.Errorf("error code %q, want %q", got, code)
	}
	if rascal["originalExchange"] != "shop" || rascal["originalRoutingKey"] != "order" || rascal["originalQueue"] != "orders" {
		t.Errorf("headers %v do not tell where the message came from", rascal)
	}
}

func TestHandlerSeesDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var seen *Delivery
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, o *order) error {
			seen = DeliveryFrom(ctx)
			return nil
		})
		stop := start(t, consumer)
		m := message("7")
		m.Exchange, m.RoutingKey = "", "orders"
		m.Headers = Headers{"rascal": Headers{"restoreRoutingHeaders": true, "originalExchange": "shop", "originalRoutingKey": "order"}}
		channel.deliverAs(Delivery{Message: m, Redelivered: true, DeliveryCount: 2})
		<-consumer.Ready()
		synctest.Wait()
		if seen.MessageID != "7" || seen.Exchange != "shop" || seen.RoutingKey != "order" || seen.Queue != "orders" || !seen.Redelivered || seen.DeliveryCount != 2 {
			t.Errorf("handler saw %+v", seen)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if err := seen.Ack(); !errors.Is(err, ErrStale) {
			t.Errorf("an answer after the stop: %v, want ErrStale", err)
		}
	})
}

func TestSecondAnswerIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var second error
		stop := start(t, newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, _ *order) error {
			_ = DeliveryFrom(ctx).Ack()
			second = DeliveryFrom(ctx).Reject(true)
			return errShop
		}))
		channel.deliver(message("1"))
		synctest.Wait()
		if published := channel.producer.messages(); len(published) > 0 {
			t.Errorf("what the handler has acknowledged is dead-lettered: %+v", published[0])
		}
		if !errors.Is(second, ErrAnswered) {
			t.Errorf("second answer: %v, want ErrAnswered", second)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStopLetsStartedHandlersFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, _ *order) error {
			time.Sleep(3 * time.Second)
			return ctx.Err()
		}, WithWorkers(2))
		stop := start(t, consumer)
		for i := range 10 {
			channel.deliver(message(fmt.Sprint(i)))
		}
		synctest.Wait()
		began := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("the stop took %v, want 3s", took)
		}
		if got, want := channel.answered(), []uint64{1, 2}; !slices.Equal(got, want) {
			t.Errorf("acknowledged %v, want %v", got, want)
		}
		if !channel.cancelled || !channel.closed {
			t.Errorf("cancelled %v, closed %v", channel.cancelled, channel.closed)
		}
	})
}

func TestStopTimeoutEndsHandlers(t *testing.T) {
	for _, test := range []struct {
		name   string
		handle func(context.Context, *order) error
		want   string // of Run's error
	}{
		{"obedient", func(ctx context.Context, _ *order) error { <-ctx.Done(); return ctx.Err() }, ""},
		{"deaf", func(context.Context, *order) error { time.Sleep(time.Hour); return nil }, "1 handlers still ran"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				channel.cancelHang = test.name == "deaf"
				consumer := newTestConsumer(t, newFakeSource(channel), test.handle, WithStopTimeout(5*time.Second))
				stop := start(t, consumer)
				channel.deliver(message("1"))
				synctest.Wait()
				began := time.Now()
				err := stop()
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("Run returned %v, want %q", err, test.want)
				}
				if took := time.Since(began); took > 5*time.Second+handlerGrace {
					t.Errorf("the stop took %v", took)
				}
				if got := len(channel.answered()) + len(channel.refused()) + len(channel.producer.messages()); got != 0 {
					t.Errorf("%d answers to a handler that was not let finish, want 0", got)
				}
				time.Sleep(2 * time.Hour) // lets the deaf handler return: its answer is stale
			})
		})
	}
}

func TestChannelDeathEndsHandlersAndResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		var cause error
		var calls int
		consumer := newTestConsumer(t, newFakeSource(first, second), func(ctx context.Context, _ *order) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		stop := start(t, consumer)
		first.deliver(message("1"))
		synctest.Wait()
		time.Sleep(2 * time.Second)
		died := time.Now()
		first.die()
		second.deliver(message("1"))
		synctest.Wait()
		if !errors.Is(cause, ErrStale) {
			t.Errorf("the handler's context ended with %v, want ErrStale", cause)
		}
		if took := time.Since(died); took != 0 {
			t.Errorf("resumed after %v, want at once", took)
		}
		if consumer.Count(Interrupted) != 1 || consumer.Count(Consuming) != 2 || calls != 2 {
			t.Errorf("interrupted %d, consuming %d, called %d", consumer.Count(Interrupted), consumer.Count(Consuming), calls)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := first.frames; got != 0 {
			t.Errorf("%d frames on the dead channel, want 0", got)
		}
		if got := second.answered(); !slices.Equal(got, []uint64{1}) {
			t.Errorf("acknowledged %v on the second channel, want 1", got)
		}
	})
}

func TestBrokerCancelConsumesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newFakeChannel(t), newFakeChannel(t)
		source := newFakeSource(first, second)
		consumer := newTestConsumer(t, source, func(ctx context.Context, _ *order) error {
			time.Sleep(10 * time.Second)
			return ctx.Err()
		}, WithWorkers(2))
		stop := start(t, consumer)
		first.deliver(message("1"))
		synctest.Wait()
		first.cancelByBroker()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := consumer.Count(Cancelled); got != 1 {
			t.Errorf("cancelled %d times, want 1", got)
		}
		if second.consumes() != "orders" {
			t.Error("not consuming again although a handler of the first channel still runs")
		}
		time.Sleep(10 * time.Second)
		if got := first.answered(); !slices.Equal(got, []uint64{1}) {
			t.Errorf("acknowledged %v on the first channel, want 1", got)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestEndsAreToldApart(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*fakeChannel)
		want ConsumerEventKind
	}{
		{"cancelled by the broker", (*fakeChannel).cancelByBroker, Cancelled},
		{"died", (*fakeChannel).die, Interrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := newFakeChannel(t), newFakeChannel(t)
				consumer := newTestConsumer(t, newFakeSource(first, second), succeed)
				stop := start(t, consumer)
				synctest.Wait()
				test.end(first)
				time.Sleep(time.Second)
				synctest.Wait()
				if consumer.Count(test.want) != 1 || consumer.Count(Cancelled)+consumer.Count(Interrupted) != 1 {
					t.Errorf("cancelled %d, interrupted %d", consumer.Count(Cancelled), consumer.Count(Interrupted))
				}
				if !first.closed || second.consumes() != "orders" {
					t.Errorf("first closed %v, second consumes %q", first.closed, second.consumes())
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestRefusalIsNoHotLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := newFakeSource()
		consumer := newTestConsumer(t, source, succeed)
		source.refuse = errors.New("406")
		stop := start(t, consumer)
		time.Sleep(time.Hour)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := source.timesAsked(); got > 300 {
			t.Errorf("asked %d times in an hour", got)
		}
		if consumer.Count(Interrupted) == 0 {
			t.Error("nobody was told")
		}
	})
}

func TestOrderedLanes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		var mu sync.Mutex
		handled := make(map[string][]string)
		running := make(map[string]bool)
		consumer := newTestConsumer(t, newFakeSource(channel), func(ctx context.Context, o *order) error {
			key := DeliveryFrom(ctx).RoutingKey
			mu.Lock()
			if running[key] {
				t.Errorf("two handlers of %s at a time", key)
			}
			running[key] = true
			mu.Unlock()
			time.Sleep(time.Duration(len(o.ID)) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			running[key] = false
			handled[key] = append(handled[key], o.ID)
			return nil
		}, WithWorkers(4), WithOrderedBy(func(d *Delivery) string { return d.RoutingKey }))
		stop := start(t, consumer)
		want := make(map[string][]string)
		for i := range 90 {
			m := message(fmt.Sprint(i * 37 % 90))
			m.RoutingKey = fmt.Sprint("customer", i%7)
			want[m.RoutingKey] = append(want[m.RoutingKey], m.MessageID)
			channel.deliver(m)
		}
		time.Sleep(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		for key := range want {
			if !slices.Equal(handled[key], want[key]) {
				t.Errorf("%s: handled %v, want %v", key, handled[key], want[key])
			}
		}
		if got := len(channel.answered()); got != 90 {
			t.Errorf("acknowledged %d, want 90", got)
		}
	})
}

func TestPanickingKeyIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		stop := start(t, newTestConsumer(t, newFakeSource(channel), neverCalled,
			WithWorkers(2), WithOrderedBy(func(*Delivery) string { panic("no key") })))
		channel.deliver(message("1"))
		synctest.Wait()
		checkPublished(t, channel.producer.messages(), "orders.dead", "panic")
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestSeveralSourcesShareTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newFakeChannel(t), newFakeChannel(t)
		var running, most int
		var mu sync.Mutex
		consumer := newTestConsumer(t, several{newFakeSource(a), newFakeSource(b)}, func(context.Context, *order) error {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return nil
		}, WithPrefetch(10))
		stop := start(t, consumer)
		for i := range 5 {
			a.deliver(message(fmt.Sprint("a", i)))
			b.deliver(message(fmt.Sprint("b", i)))
		}
		time.Sleep(time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if most != 1 || len(a.answered()) != 5 || len(b.answered()) != 5 || a.prefetch != 5 {
			t.Errorf("at most %d at a time, handled %v and %v, prefetch %d", most, a.answered(), b.answered(), a.prefetch)
		}
	})
}

func TestOneOfSeveralSourcesIsEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up, down := newFakeSource(newFakeChannel(t)), newFakeSource()
		s := Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{On(orderPlaced, succeed)}}
		if _, err := NewConsumer(t.Context(), several{down, up}, s); err != nil {
			t.Errorf("one side is down: %v", err)
		}
		synctest.Wait()
		down.refuse = errors.New("down")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := NewConsumer(ctx, several{down, newFakeSource()}, s); err == nil || !strings.Contains(err.Error(), "down") {
			t.Errorf("both sides are down: %v", err)
		}
		synctest.Wait()
		down.refuse = &DeclarationError{Subject: "queue"}
		up.channels <- newFakeChannel(t)
		if _, err := NewConsumer(t.Context(), several{down, newFakeSource()}, s); !isDeclarationError(err) {
			t.Errorf("a declaration is refused: %v", err)
		}
	})
}

func TestConsumerRefusesNonsense(t *testing.T) {
	good := Subscription{Queue: Queue{Name: "orders"}, Routes: []Route{On(orderPlaced, succeed)}}
	for _, test := range []struct {
		name         string
		subscription Subscription
		option       ConsumerOption
		want         string
	}{
		{"no queue", Subscription{Routes: good.Routes}, WithWorkers(1), "the queue has no name"},
		{"no routes", Subscription{Queue: good.Queue}, WithWorkers(1), "no routes"},
		{"no handler", Subscription{Queue: good.Queue, Routes: []Route{On[order](orderPlaced, nil)}}, WithWorkers(1), "route OrderPlaced: no handler"},
		{"same type twice", Subscription{Queue: good.Queue, Routes: []Route{good.Routes[0], good.Routes[0]}}, WithWorkers(1), "have the same type"},
		{"prefetch 0", good, WithPrefetch(0), "prefetch 0"},
		{"prefetch too large", good, WithPrefetch(70_000), "prefetch 70000"},
		{"no workers", good, WithWorkers(0), "0 workers"},
		{"no time to stop", good, WithStopTimeout(0), "stop timeout"},
		{"no attempts", good, WithRecovery(Republish(0, Backoff{})), "0 attempts"},
		{"no wait", good, WithRecovery(RequeueAfter(0, 1)), "wanted at least 1ms"},
		{"too many waits", good, WithRecovery(Republish(100, Backoff{Max: time.Hour, Factor: 1.01})), "more than 32 different waits"},
		{"backoff shrinks", good, WithRecovery(Republish(3, Backoff{Factor: 0.5})), "Factor must be at least 1"},
		{"forward nowhere", good, WithRecovery(Forward("")), "Forward has no queue"},
		{"nested", good, WithRecovery(When(isShop, Forward(""))), "Forward has no queue"},
		{"dead letters to itself", good, WithDeadLetterQueue("orders"), "own queue"},
		{"limit below 0", good, WithRedeliveryLimit(-1), "redelivery limit -1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewConsumer(t.Context(), newFakeSource(), test.subscription, test.option)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func succeed(context.Context, *order) error     { return nil }
func fail(context.Context, *order) error        { return errShop }
func neverCalled(context.Context, *order) error { panic("the handler was called") }
func isShop(err error) bool                     { return errors.Is(err, errShop) }

type several []ConsumerSource

func (several) ConsumerChannel(context.Context, *Declarations) (ConsumerChannel, error) {
	return nil, errors.New("several")
}
func (s several) ConsumerSources() []ConsumerSource { return s }
