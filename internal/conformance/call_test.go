package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

var (
	asked = &runtime.Publication{Name: "Asked", RoutingKey: "q", ContentType: "text/plain"}
	given = &runtime.Publication{Name: "Given", ContentType: "text/plain", Transient: true}
)

// reply runs a consumer of the queue q whose handler replies, until the test ends.
func (b *broker) reply(t *testing.T, handle func(context.Context, string) (string, error)) *runtime.Consumer {
	t.Helper()
	consumer, stop := b.run(t, nil, runtime.ReplyWith(given, handle))
	t.Cleanup(stop)
	return consumer
}

// caller returns a Caller that is closed when the test ends.
func (b *broker) caller(t *testing.T) *runtime.Caller {
	t.Helper()
	caller, err := runtime.NewCaller(t.Context(), b.Source, runtime.CallerSpec{})
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
		defer cancel()
		must(t, caller.Close(ctx))
	})
	return caller
}

func testCall(t *testing.T, b *broker) {
	b.reply(t, func(_ context.Context, text string) (string, error) {
		if text == "" {
			return "", &runtime.ReplyError{Code: "empty"}
		}
		return text + "!", nil
	})
	caller := b.caller(t)
	for _, text := range []string{"hello", "again"} {
		var got string
		if must(t, caller.Call(t.Context(), asked, text, &got)); got != text+"!" {
			t.Errorf("the reply to %q is %q", text, got)
		}
	}
	var refusal *runtime.ReplyError
	if err := caller.Call(t.Context(), asked, "", new(string)); !errors.As(err, &refusal) || refusal.Code != "empty" {
		t.Errorf("an empty request gives %v", err)
	}
	b.eventually(t, "q", 0)
}

// testCallUnroutable calls a queue that does not exist: the request comes back.
func testCallUnroutable(t *testing.T, b *broker) {
	caller := b.caller(t)
	err := caller.Call(t.Context(), asked, "hello", new(string))
	if !errors.As(err, new(*runtime.ReturnedError)) || runtime.MayHaveBeenDelivered(err) {
		t.Errorf("got %v", err)
	}
}

// testCallCut cuts all connections while a call waits. The call ends, and the next ones work.
func testCallCut(t *testing.T, b *broker) {
	started, proceed := make(chan string, 10), make(chan struct{})
	b.reply(t, func(_ context.Context, text string) (string, error) {
		started <- text
		<-proceed
		return text, nil
	})
	caller := b.caller(t)
	ended := make(chan error, 1)
	go func() { ended <- caller.Call(t.Context(), asked, "first", new(string)) }()
	if got := <-started; got != "first" {
		t.Fatalf("the handler got %q", got)
	}
	b.cutOff(t, "the call", func() bool { return len(ended) > 0 })
	err := <-ended
	if !errors.As(err, new(*runtime.CallError)) || !runtime.MayHaveBeenDelivered(err) {
		t.Errorf("the call that was cut off ended with %v", err)
	}
	close(proceed)
	var got string
	if must(t, caller.Call(t.Context(), asked, "second", &got)); got != "second" {
		t.Errorf("the next call got %q", got)
	}
}

// testReplyDropped sends requests whose replies nobody can receive. They are acknowledged.
func testReplyDropped(t *testing.T, b *broker) {
	consumer := b.reply(t, func(context.Context, string) (string, error) { return "x", nil })
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Mandatory: true})
	b.mustPublish(t, runtime.Message{RoutingKey: "q", Mandatory: true, ReplyTo: "nowhere"})
	happens(t, consumer, runtime.EventReplyDropped, 2)
	b.eventually(t, "q", 0)
	if n := consumer.Count(runtime.EventHandled); n != 2 {
		t.Error(fmt.Sprint(n), "requests were handled, want 2")
	}
}
