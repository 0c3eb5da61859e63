package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

func TestOutcomes(t *testing.T) {
	arrived, overdue := afterArrival(t)
	answers := byKey(map[string]nullbroker.Answer{"nack": nullbroker.Nack, "return": nullbroker.Return, "silent": nullbroker.Silent})
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		if p.RoutingKey == "silent" {
			arrived()
		}
		return answers(p)
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil, runtime.WithNackRetries(2))

	receipt, err := producer.Publish(testContext(t), to("ack"), "x")
	if err != nil || receipt.Attempts != 1 {
		t.Errorf("acked: %+v, %v", receipt, err)
	}
	receipt, err = producer.Publish(testContext(t), to("nack"), "x")
	if !errors.Is(err, runtime.ErrNacked) || !runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 3 {
		t.Errorf("nacked: %+v, %v", receipt, err)
	}
	receipt, err = producer.Publish(testContext(t), to("return"), "x")
	var returned *runtime.ReturnedError
	if !errors.As(err, &returned) || returned.Reply != (runtime.Reply{Code: 312, Text: "NO_ROUTE"}) ||
		returned.Message.MessageID != receipt.MessageID || runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 1 {
		t.Errorf("returned: %+v, %v", receipt, err)
	}
	_, err = producer.Publish(overdue, to("silent"), "x")
	if !runtime.MayHaveBeenDelivered(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
	want := runtime.Counts{Connected: 1, Acked: 1, Nacked: 1, Returned: 1, Unknown: 1, Retried: 2}
	got := counters.Counts()
	got.Publishing = 0
	if got != want {
		t.Errorf("counted %+v\nwant    %+v", got, want)
	}
}

// TestLateConfirm checks that a confirm that nobody waits for any more is not taken for the confirm
// of the next publish.
func TestLateConfirm(t *testing.T) {
	arrived, overdue := afterArrival(t)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived()
		return nullbroker.Silent
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	if _, err := producer.Publish(overdue, to("q"), "first"); !runtime.MayHaveBeenDelivered(err) {
		t.Fatal(err)
	}
	second := producer.PublishAsync(testContext(t), to("q"), "second")
	server.Send(ack(1))
	select {
	case <-second.Done():
		t.Fatal("the confirm of the first publish settled the second")
	case <-time.After(50 * time.Millisecond):
	}
	server.Send(ack(2))
	if _, err := second.Wait(context.Background()); err != nil {
		t.Error(err)
	}
}

// TestReturnedAmongEqualIDs publishes two messages with one id, as the event and the reply of one
// request may have. The second comes back: the first must not count as returned, nor the second as
// delivered.
func TestReturnedAmongEqualIDs(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: byKey(map[string]nullbroker.Answer{
		"taken": nullbroker.Silent, "not taken": nullbroker.Return,
	})})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	first := producer.PublishAsync(testContext(t), to("taken"), "x", runtime.WithMessageID("same"))
	_, err := producer.Publish(testContext(t), to("not taken"), "x", runtime.WithMessageID("same"))
	if _, returned := errors.AsType[*runtime.ReturnedError](err); !returned {
		t.Errorf("the second: %v, want a *ReturnedError", err)
	}
	server.Send(ack(1))
	if _, err := first.Wait(context.Background()); err != nil {
		t.Errorf("the first: %v", err)
	}
}

// TestConfirmsOutOfOrder answers three publishes in the wrong order.
func TestConfirmsOutOfOrder(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	var pending [3]*runtime.Pending
	for i := range pending {
		pending[i] = producer.PublishAsync(testContext(t), to("q"), "x")
	}
	for _, tag := range []uint64{3, 1, 2} {
		server.Send(ack(tag))
		if _, err := pending[tag-1].Wait(context.Background()); err != nil {
			t.Errorf("publish %d: %v", tag, err)
		}
	}
}

func TestNotConfirmed(t *testing.T) {
	got := make(chan nullbroker.Publish, 10)
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		p.Body = bytes.Clone(p.Body)
		got <- p
		return nullbroker.Return
	}})
	events := &recorder{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), events), runtime.WithoutConfirms()), nil)
	receipt, err := producer.Publish(testContext(t), to("q"), "x")
	if err != nil {
		t.Fatal(err)
	}
	if p := <-got; string(p.Body) != "x" || p.MessageID != receipt.MessageID {
		t.Errorf("%+v arrived", p)
	}
	for count[runtime.UnconfirmedReturnedEvent](events) == 0 {
		time.Sleep(time.Millisecond)
	}
	want := runtime.UnconfirmedReturnedEvent{
		Connection: t.Name() + " producer", MessageID: receipt.MessageID, RoutingKey: "q", Reply: runtime.Reply{Code: 312, Text: "NO_ROUTE"},
	}
	if returned := all[runtime.UnconfirmedReturnedEvent](events)[0]; returned != want {
		t.Errorf("got %+v, want %+v", returned, want)
	}
}
