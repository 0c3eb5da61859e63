package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// everySecond waits equally long before each attempt.
var everySecond = Backoff{Min: time.Second, Max: time.Second}

func TestRecoveryChain(t *testing.T) {
	short := Backoff{Min: 100 * time.Millisecond, Max: 500 * time.Millisecond}
	for _, test := range []struct {
		name  string
		steps []Recovery
		want  []string
	}{
		{"default", nil, []string{"orders.dead"}},
		{"republish", []Recovery{Republish(5, short)}, []string{"orders.retry.100", "orders.retry.200", "orders.retry.400", "orders.retry.500", "orders.retry.500", "orders.dead"}},
		{"the same wait", []Recovery{Republish(2, everySecond)}, []string{"orders.retry.1000", "orders.retry.1000", "orders.dead"}},
		{"attempts add up", []Recovery{Republish(1, everySecond), Republish(2, short)}, []string{"orders.retry.1000", "orders.retry.100", "orders.retry.200", "orders.dead"}},
		{"then forward", []Recovery{Republish(1, everySecond), Forward("later")}, []string{"orders.retry.1000", "later", "orders.dead"}},
		{"only when", []Recovery{When(isShop, Republish(1, everySecond))}, []string{"orders.retry.1000", "orders.dead"}},
		{"dead letter at once", []Recovery{DeadLetter(), Republish(1, everySecond)}, []string{"orders.dead"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := mustPlan(t, Subscription{Queue: Queue{Name: "orders"}}, WithRecovery(test.steps...))
			if got := recoveryOf(plan, errShop); !slices.Equal(got, test.want) {
				t.Errorf("got %v\nwant %v", got, test.want)
			}
		})
	}
}

// The contract's steps come after those of the program, which can end the chain before them.
func TestContractRecoveryFollowsThePrograms(t *testing.T) {
	contract := Subscription{Queue: Queue{Name: "orders"}, Recovery: []Recovery{Republish(3, everySecond)}}
	for _, test := range []struct {
		name  string
		steps []Recovery
		err   error
		want  []string
	}{
		{"none", nil, errShop, []string{"orders.retry.1000", "orders.retry.1000", "orders.retry.1000", "orders.dead"}},
		{
			"one that does not match",
			[]Recovery{When(isShop, DeadLetter())},
			errors.New("other"),
			[]string{"orders.retry.1000", "orders.retry.1000", "orders.retry.1000", "orders.dead"},
		},
		{"one that matches", []Recovery{When(isShop, DeadLetter())}, errShop, []string{"orders.dead"}},
		{
			"attempts add up",
			[]Recovery{Republish(1, Backoff{Min: time.Minute, Max: time.Minute})},
			errShop,
			[]string{"orders.retry.60000", "orders.retry.1000", "orders.retry.1000", "orders.retry.1000", "orders.dead"},
		},
		{"an end in place of the contract's", []Recovery{DeadLetter()}, errShop, []string{"orders.dead"}},
		{"content that can never be handled", nil, &InvalidError{Err: errShop}, []string{"orders.dead"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var options []ConsumerOption
			if test.steps != nil {
				options = append(options, WithRecovery(test.steps...))
			}
			if got := recoveryOf(mustPlan(t, contract, options...), test.err); !slices.Equal(got, test.want) {
				t.Errorf("got %v\nwant %v", got, test.want)
			}
		})
	}
	config := newConsumerConfig(SourceInfo{}, nil)
	if _, err := newRecoveryPlan(Subscription{Queue: Queue{Name: "orders"}, Recovery: []Recovery{Republish(0, everySecond)}}, &config); err == nil {
		t.Error("steps of a subscription are not checked")
	}
}

// recoveryOf follows one message that always fails with err, as the broker would return it each
// time, and lists where it was published.
func recoveryOf(plan *recoveryPlan, err error) []string {
	var queues []string
	next := message("1")
	for range 20 {
		f := &failure{delivery: &Delivery{Message: next, Queue: "orders"}, err: err}
		action := plan.decide(f)
		queues = append(queues, action.queue)
		if next = *f.message(action); action.kind == EventDeadLettered {
			break
		}
		restoreAddressOf(&next)
	}
	return queues
}

func TestRecoveryHeaders(t *testing.T) {
	original := Message{
		Exchange: "shop", RoutingKey: "order", MessageID: "1", UserID: "guest", Expiration: time.Second, Type: "order.placed",
		Headers: Headers{
			"CC": []any{"copies"}, "x-death": []any{}, "x-delivery-count": int64(3), "x-acquired-count": int64(3), "trace": "t",
			"rascal": Headers{"recovery": Headers{"orders": Headers{"republished": float64(2)}, "bills": Headers{"republished": int32(9)}}},
		},
	}
	before := maps.Clone(original.Headers)
	f := &failure{delivery: &Delivery{Message: original, Queue: "orders"}, err: coded{}}
	got := f.message(action{kind: EventRetried, queue: "orders.retry.100"})
	want := &Message{
		Exchange: "", RoutingKey: "orders.retry.100", MessageID: "1", Type: "order.placed", Mandatory: true, Persistent: true,
		Headers: Headers{"trace": "t", "rascal": Headers{
			"originalQueue": "orders", "originalExchange": "shop", "originalRoutingKey": "order", "restoreRoutingHeaders": true,
			"error":    Headers{"message": "the till is broken", "code": "E_TILL"},
			"recovery": Headers{"orders": Headers{"republished": int64(3)}, "bills": Headers{"republished": int32(9)}},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("published (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, original.Headers); diff != "" {
		t.Errorf("the delivery's own headers changed (-want +got):\n%s", diff)
	}
	dead := f.message(action{kind: EventDeadLettered, queue: "orders.dead"})
	if _, kept := dead.Headers["x-death"]; !kept {
		t.Error("a dead letter lost its history")
	}
}

func TestErrorTextIsCut(t *testing.T) {
	f := &failure{delivery: &Delivery{Queue: "orders"}, err: errors.New(strings.Repeat("é", 1000))}
	headers := f.headers(action{kind: EventDeadLettered, queue: "orders.dead"})
	text := headers["rascal"].(Headers)["error"].(Headers)["message"].(string)
	if len(text) != maxErrorText || !utf8.ValidString(text) {
		t.Errorf("%d bytes, valid %v", len(text), utf8.ValidString(text))
	}
}

func TestRedeliveryLimit(t *testing.T) {
	for _, test := range []struct {
		name        string
		arguments   Headers
		options     []ConsumerOption
		redelivered bool
		count       int
		want        error
	}{
		{name: "first time"},
		{name: "at the default", redelivered: true, count: 15},
		{name: "over the default", redelivered: true, count: 16, want: &RedeliveryError{Count: 16, Limit: 15}},
		{name: "over an option", options: []ConsumerOption{WithRedeliveryLimit(2)}, redelivered: true, count: 3, want: &RedeliveryError{Count: 3, Limit: 2}},
		{name: "below the queue's own limit", arguments: Headers{"x-delivery-limit": 5}, redelivered: true, count: 4},
		{name: "at the queue's own limit", arguments: Headers{"x-delivery-limit": int32(5)}, redelivered: true, count: 5, want: &RedeliveryError{Count: 5, Limit: 4}},
		{name: "queue's own limit dead-letters", arguments: Headers{"x-delivery-limit": 5, "x-dead-letter-exchange": "dlx"}, redelivered: true, count: 5},
		{name: "not counted by default", redelivered: true},
		{name: "counted by option", options: []ConsumerOption{WithRedeliveryLimit(2)}, redelivered: true, want: errUncounted},
		{name: "counted by the broker although asked for", options: []ConsumerOption{WithRedeliveryLimit(2)}, redelivered: true, count: 2},
		{name: "quorum queues count", arguments: Headers{"x-queue-type": "quorum"}, options: []ConsumerOption{WithRedeliveryLimit(2)}, redelivered: true},
		{name: "never twice", options: []ConsumerOption{WithRedeliveryLimit(0)}, redelivered: true, want: &RedeliveryError{Count: 1, Limit: 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := mustPlan(t, Subscription{Queue: Queue{Name: "orders", Arguments: test.arguments}}, test.options...)
			delivery := &Delivery{Queue: "orders", Redelivered: test.redelivered, DeliveryCount: test.count}
			got := plan.checkRedeliveries(delivery)
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestUncountedRedeliveryIsMoved checks what becomes of a redelivered message that the broker does
// not count: it is moved, and only its origin is added.
func TestUncountedRedeliveryIsMoved(t *testing.T) {
	plan := mustPlan(t, Subscription{Queue: Queue{Name: "orders"}}, WithRedeliveryLimit(2))
	f := &failure{delivery: &Delivery{Message: message("1"), Queue: "orders", Redelivered: true}, err: errUncounted}
	action := plan.decide(f)
	moved := f.message(action)
	rascal := moved.Headers["rascal"].(Headers)
	if moved.RoutingKey != "orders.suspect" || rascal["error"] != nil || rascal["recovery"] != nil || rascal["originalExchange"] != "shop" {
		t.Errorf("published to %q with headers %v", moved.RoutingKey, moved.Headers)
	}
}

func TestRecoveryQueues(t *testing.T) {
	own := &Declarations{Mode: DeclareVerify, Queues: []Queue{{Name: "orders", Durable: true, Arguments: Headers{"x-queue-type": "quorum"}}}}
	plan := mustPlan(t, Subscription{Queue: Queue{Name: "orders"}, Declarations: own},
		WithRecovery(Republish(4, Backoff{Min: time.Second, Max: 2 * time.Second})), WithInvalidRecovery(Republish(3, everySecond)))
	waiting := func(ms int64) Queue {
		return Queue{Name: fmt.Sprintf("orders.retry.%d", ms), Durable: true, Arguments: Headers{
			"x-queue-type": "quorum", "x-message-ttl": ms, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "orders",
			"x-dead-letter-strategy": "at-least-once", "x-overflow": "reject-publish",
		}}
	}
	want := &Declarations{Mode: DeclareVerify, Queues: []Queue{
		own.Queues[0], waiting(1000), waiting(2000),
		{Name: "orders.dead", Durable: true, Arguments: Headers{"x-queue-type": "quorum"}},
	}, later: 3}
	if diff := cmp.Diff(want, plan.joined(own), cmp.AllowUnexported(Declarations{})); diff != "" {
		t.Errorf("declarations (-want +got):\n%s", diff)
	}
}

// TestRecoveryNeverAcknowledgesFirst plays every kind of failed publish before a successful one.
func TestRecoveryNeverAcknowledgesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer = settled(
			Settlement{Outcome: OutcomeUnknown, Err: context.DeadlineExceeded},
			Settlement{Outcome: OutcomeNotSent, Err: errors.New("no connection")},
			Settlement{Outcome: OutcomeNacked},
			Settlement{Outcome: OutcomeReturned, Reply: Reply{Code: 312, Text: "NO_ROUTE"}},
			Settlement{Outcome: OutcomeAcked},
		)
		consumer := newTestConsumer(t, newFakeSource(channel), fail)
		queues := within(consumer).recovery.currentQueues()
		stop := start(t, consumer)
		channel.deliver(message("1"))
		for published := 0; published < 5; {
			synctest.Wait()
			if published = len(channel.producer.messages()); published < 5 && len(channel.answered()) > 0 {
				t.Fatalf("acknowledged after %d publishes", published)
			}
			time.Sleep(10 * time.Millisecond)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if got := len(channel.answered()); got != 1 {
			t.Errorf("acknowledged %d deliveries, want 1", got)
		}
		if consumer.Count(EventHeld) != 4 || consumer.Count(EventDeadLettered) != 1 {
			t.Errorf("held %d, dead-lettered %d", consumer.Count(EventHeld), consumer.Count(EventDeadLettered))
		}
		if within(consumer).recovery.currentQueues() == queues {
			t.Error("the queues are not declared again although a message came back")
		}
	})
}

// TestRecoveryDoesNotWaitForeverForConfirm loses the confirm of a dead letter: it is published
// again after the timeout, and a stop does not wait for what never comes.
func TestRecoveryDoesNotWaitForeverForConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer.answer = func(n int, _ *Message, settle func(Settlement)) {
			if n == 1 { // the first publish, and all after the second, are never answered
				settle(Settlement{Outcome: OutcomeAcked})
			}
		}
		consumer := newTestConsumer(t, newFakeSource(channel), fail)
		stop := start(t, consumer)
		channel.deliver(message("1"))
		time.Sleep(confirmTimeout + time.Second)
		synctest.Wait()
		if got := len(channel.producer.messages()); got != 2 || consumer.Count(EventHeld) != 1 || consumer.Count(EventDeadLettered) != 1 {
			t.Errorf("published %d times, held %d, dead-lettered %d", got, consumer.Count(EventHeld), consumer.Count(EventDeadLettered))
		}
		channel.deliver(message("2"))
		synctest.Wait()
		stopped := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(stopped); took > within(consumer).config.stopTimeout {
			t.Errorf("the stop took %v", took)
		}
		if got := channel.answered(); !slices.Equal(got, []uint64{1}) {
			t.Errorf("acknowledged %v, want what was confirmed", got)
		}
	})
}

// TestUnsendableRetryIsDeadLettered uses a delivery that cannot be published again, because its
// headers are too large together with those of recovery. Its queue has a dead-letter exchange, so
// it need not be held.
func TestUnsendableRetryIsDeadLettered(t *testing.T) {
	for exchange, want := range map[string][]uint64{"dlx": {1}, "": nil} {
		synctest.Test(t, func(t *testing.T) {
			channel := newFakeChannel(t)
			channel.producer = settled(Settlement{Outcome: OutcomeNotSent, Err: unsendable{errors.New("too large")}})
			queue := Queue{Name: "orders"}
			if exchange != "" {
				queue.Arguments = Headers{"x-dead-letter-exchange": exchange}
			}
			consumer := subscribe(t, newFakeSource(channel), Subscription{Queue: queue, Routes: []Route{RouteJSON(orderPlaced, fail)}}, WithRecovery(Republish(3, everySecond)))
			stop := start(t, consumer)
			channel.deliver(message("1"))
			time.Sleep(time.Minute)
			if got := channel.refused(); !slices.Equal(got, want) || len(channel.answered()) > 0 {
				t.Errorf("dead-letter exchange %q: rejected %v, acknowledged %v, want rejected %v", exchange, got, channel.answered(), want)
			}
			if held := consumer.Count(EventHeld) > 0; held == (exchange != "") {
				t.Errorf("dead-letter exchange %q: held %d", exchange, consumer.Count(EventHeld))
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReturnedForwardIsDeadLettered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer = settled(Settlement{Outcome: OutcomeReturned}, Settlement{Outcome: OutcomeAcked})
		stop := start(t, newTestConsumer(t, newFakeSource(channel), fail, WithRecovery(Forward("nowhere"))))
		channel.deliver(message("1"))
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		messages := channel.producer.messages()
		if len(messages) != 2 || messages[1].RoutingKey != "orders.dead" || len(channel.answered()) != 1 {
			t.Errorf("published %d messages, acknowledged %v", len(messages), channel.answered())
		}
	})
}

func mustPlan(t *testing.T, s Subscription, options ...ConsumerOption) *recoveryPlan {
	t.Helper()
	config := newConsumerConfig(SourceInfo{}, options)
	plan, err := newRecoveryPlan(s, &config)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// restoreAddressOf does for a message what a consumer does on arrival.
func restoreAddressOf(m *Message) {
	d := &Delivery{Message: *m}
	restoreAddress(d)
	*m = d.Message
}

type coded struct{}

func (coded) Error() string { return "the till is broken" }
func (coded) Code() string  { return "E_TILL" }

// TestTransientQueueLeavesNothing runs consumers of queues that are deleted with them: no queue may
// stay.
func TestTransientQueueLeavesNothing(t *testing.T) {
	exclusive, autoDelete := Queue{Name: "replies", Exclusive: true}, Queue{Name: "replies", AutoDelete: true}
	for name, s := range map[string]Subscription{
		"exclusive": {Queue: exclusive}, "auto-delete": {Queue: autoDelete},
		"declared so": {Queue: Queue{Name: "replies"}, Declarations: &Declarations{Queues: []Queue{exclusive}}},
	} {
		plan := mustPlan(t, s, WithRecovery(Republish(1, everySecond)))
		if plan.deadLetters != "" {
			t.Errorf("%s: dead letters go to %q, want a reject", name, plan.deadLetters)
		}
		for _, queue := range plan.currentQueues().Queues {
			if queue.Arguments["x-expires"] == nil {
				t.Errorf("%s: queue %q is never deleted", name, queue.Name)
			}
		}
		if plan = mustPlan(t, s, WithDeadLetterQueue("grave")); plan.deadLetters != "grave" {
			t.Errorf("%s: dead letters go to %q, want the queue that was named", name, plan.deadLetters)
		}
	}
}

// TestDeadLetterStaysInItsQueue fails a message of a dead-letter queue again and again: it goes to
// the end of that queue, later each time, and no further queue is declared.
func TestDeadLetterStaysInItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		consumer := subscribe(t, newFakeSource(channel), Subscription{Queue: Queue{Name: "orders.dead"}, Routes: []Route{RouteJSON(orderPlaced, fail)}})
		if queues := within(consumer).declarations.Queues; len(queues) > 0 {
			t.Errorf("declares %v", queues)
		}
		stop := start(t, consumer)
		next := message("1")
		for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			channel.deliver(next)
			time.Sleep(wait / 2)
			before := len(channel.producer.messages())
			time.Sleep(wait)
			synctest.Wait()
			published := channel.producer.messages()
			if len(published) != before+1 || published[before].RoutingKey != "orders.dead" {
				t.Fatalf("after %v: published %d more", wait, len(published)-before)
			}
			next = published[before]
		}
		channel.deliver(next)
		synctest.Wait()
		start := time.Now()
		if err := stop(); err != nil || time.Since(start) > time.Second {
			t.Errorf("stopped after %v: %v", time.Since(start), err)
		}
		if got := len(channel.answered()); got != 3 {
			t.Errorf("acknowledged %d, want the three that were published", got)
		}
	})
}

// TestStopHoldsNothing stops a consumer whose failed deliveries wait until the broker accepts what
// recovery publishes. Those that were not tried again are not reported.
func TestStopHoldsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer = settled(Settlement{Outcome: OutcomeNotSent, Err: &ChannelError{Reply: Reply{Code: 403}}})
		consumer := newTestConsumer(t, newFakeSource(channel), fail)
		stop := start(t, consumer)
		for range 20 {
			channel.deliver(message("1"))
		}
		time.Sleep(time.Minute)
		held := consumer.Count(EventHeld)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if more := consumer.Count(EventHeld) - held; held == 0 || more > 0 {
			t.Errorf("held %d before the stop and %d more because of it, want none", held, more)
		}
	})
}

// TestLargeHeadersAreDropped fails a message whose headers leave no room for those of recovery. It
// is dead-lettered at once without them, and what is left says which they were; headers for
// decryption are kept.
func TestLargeHeadersAreDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		channel.producer = settled(Settlement{Outcome: OutcomeNotSent, Err: unsendable{errors.New("too large")}}, Settlement{Outcome: OutcomeAcked})
		stop := start(t, newTestConsumer(t, newFakeSource(channel), fail, WithRecovery(Republish(3, everySecond))))
		large := message("1")
		encryption := Headers{"name": "profile", "iv": "00"}
		large.Headers = Headers{"trace": "t", "big": strings.Repeat("x", 130_000), "rascal": Headers{
			"encryption": encryption, "note": strings.Repeat("x", 1000),
			"recovery": Headers{"orders": Headers{"republished": int64(1)}, "others": Headers{"republished": int64(5)}},
		}}
		channel.deliver(large)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Error(err)
		}
		published := channel.producer.messages()
		if len(published) != 2 || len(channel.answered()) != 1 {
			t.Fatalf("published %d messages, acknowledged %v", len(published), channel.answered())
		}
		want := Headers{"rascal": Headers{
			"originalQueue": "orders", "originalExchange": "shop", "originalRoutingKey": "order", "restoreRoutingHeaders": true,
			"encryption": encryption, "recovery": Headers{"orders": Headers{"republished": int64(1)}},
			"error": Headers{"message": "invalid content: decrypt", "code": "invalid_content", "droppedHeaders": "big, trace"},
		}}
		if diff := cmp.Diff(want, published[1].Headers); diff != "" || published[1].RoutingKey != "orders.dead" {
			t.Errorf("published to %q (-want +got):\n%s", published[1].RoutingKey, diff)
		}
	})
}

// TestUncountableIsHandled redelivers a message whose headers leave no room for what the suspect
// queue needs.
func TestUncountableIsHandled(t *testing.T) {
	plan := mustPlan(t, Subscription{Queue: Queue{Name: "orders"}}, WithRedeliveryLimit(2))
	d := &Delivery{Queue: "orders", Redelivered: true, Message: Message{Headers: Headers{"big": strings.Repeat("x", frame.Max-100)}}}
	if err := plan.checkRedeliveries(d); err != nil {
		t.Errorf("got %v, want it handled here", err)
	}
}
