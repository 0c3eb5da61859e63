package interop_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// Rascal reads a message that the generated consumer has republished. It sees the attempts, has
// none left, and dead-letters the message.
func TestRepublishedToRascal(t *testing.T) {
	s := openShop(t)
	t.Run("plain", func(t *testing.T) { republishedToRascal(t, s, nil, nil, nil) })
	t.Run("encrypted", func(t *testing.T) {
		profile, config := newProfile(t, "aes-256-cbc", 32)
		republishedToRascal(t, s, config,
			[]runtime.ProducerOption{runtime.WithEncryption(profile)},
			[]runtime.ConsumerOption{runtime.WithDecryption(profile)})
	})
}

func republishedToRascal(t *testing.T, s *shop, encryption map[string]any, publish []runtime.ProducerOption, consume []runtime.ConsumerOption) {
	order := newOrder()
	id := s.publish(t, order, publish...)
	arrivals, stop := s.consume(t, errors.New("no teapots"),
		append(consume, runtime.WithRecovery(runtime.Republish(10_000, runtime.Backoff{Min: 100 * time.Millisecond, Max: 100 * time.Millisecond})))...)
	wait(t, arrivals)
	wait(t, arrivals)
	stop() // each that arrived is republished now: it waits, or is in the queue again
	attempts := 2 + len(arrivals)

	script := start(t, "rascal.mjs", map[string]any{"url": s.host.URL, "encryption": encryption, "subscribe": map[string]any{
		"queue": queue, "messages": 1, "recovery": []any{map[string]any{"strategy": "republish", "attempts": attempts}},
	}})
	var got nodeMessage
	script.next(t, &got)
	script.end(t)
	checkMessage(t, got, order, id)
	rascal := got.Headers.Rascal
	if n := rascal.Recovery[queue].Republished; n != attempts {
		t.Errorf("Rascal reads that it was republished %d times, want %d", n, attempts)
	}
	if rascal.Error.Message != "no teapots" || rascal.Error.Code != "handler_error" {
		t.Errorf("Rascal reads the error %+v", rascal.Error)
	}
	if encrypted := rascal.Encryption.Name != ""; encrypted != (encryption != nil) {
		t.Errorf("encrypted: %t", encrypted)
	}
	s.host.WaitMessages(t, queue, 0)
	s.host.WaitMessages(t, deadLetters, 1)
	if _, err := s.host.Channel(t).QueuePurge(deadLetters, false); err != nil {
		t.Fatal(err)
	}
}

// The generated consumer continues to count where Rascal stopped.
func TestRepublishedByRascal(t *testing.T) {
	const byRascal, attempts = 2, 3
	s := openShop(t)
	order := newOrder()
	id := s.publish(t, order)
	script := start(t, "rascal.mjs", map[string]any{"url": s.host.URL, "subscribe": map[string]any{
		"queue": queue, "messages": byRascal, "recovery": []any{map[string]any{"strategy": "republish", "attempts": attempts}},
	}})
	for range byRascal {
		var got nodeMessage
		script.next(t, &got)
		checkMessage(t, got, order, id)
	}
	script.end(t)
	s.host.WaitMessages(t, queue, 1)

	arrivals, stop := s.consume(t, errors.New("no teapots"),
		runtime.WithRecovery(runtime.Republish(attempts, runtime.Backoff{Min: 10 * time.Millisecond, Max: 10 * time.Millisecond})))
	s.host.WaitMessages(t, deadLetters, 1)
	stop()
	if n := 1 + attempts - byRascal; len(arrivals) != n {
		t.Fatalf("handled %d times, want %d", len(arrivals), n)
	}
	for before := byRascal; len(arrivals) > 0; before++ {
		got := <-arrivals
		checkArrival(t, got, order, id)
		if n := republished(got.delivery.Headers); n != before {
			t.Errorf("its headers say it was republished %d times, want %d", n, before)
		}
	}
	dead, ok, err := s.host.Channel(t).Get(deadLetters, true)
	if err != nil || !ok {
		t.Fatalf("no dead letter: %v", err)
	}
	if dead.MessageId != id {
		t.Errorf("the dead letter has id %q, want %q", dead.MessageId, id)
	}
}

// republished returns the count in the headers, of any integer type, or -1.
func republished(headers runtime.Headers) int {
	rascal, _ := headers["rascal"].(runtime.Headers)
	recovery, _ := rascal["recovery"].(runtime.Headers)
	own, _ := recovery[queue].(runtime.Headers)
	switch n := own["republished"].(type) {
	case int8: // what amqplib writes for a small number
		return int(n)
	case int64: // what we write
		return int(n)
	}
	return -1
}
