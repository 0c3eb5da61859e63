package interop_test

import "testing"

func TestPlain(t *testing.T) {
	s := openShop(t)

	t.Run("from amqplib", func(t *testing.T) {
		arrivals, stop := s.consume(t, nil)
		defer stop()
		order := newOrder()
		publish(t, "amqplib.mjs", map[string]any{"url": s.host.URL, "publish": publication(order, "node-1")})
		got := wait(t, arrivals)
		checkArrival(t, got, order, "node-1")
		if got.delivery.ContentType != "application/json" {
			t.Errorf("content type %q", got.delivery.ContentType)
		}
	})

	t.Run("to amqplib", func(t *testing.T) {
		order := newOrder()
		id := s.publish(t, order)
		script := start(t, "amqplib.mjs", map[string]any{"url": s.host.URL, "consume": map[string]any{"queue": queue}})
		var got nodeMessage
		script.next(t, &got)
		script.end(t)
		checkMessage(t, got, order, id)
		if got.ContentType != "application/json" {
			t.Errorf("content type %q", got.ContentType)
		}
		s.host.WaitMessages(t, queue, 0)
	})
}
