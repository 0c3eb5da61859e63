package shop_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/scampgen/scampgen/examples/shop/internal/fulfilment"
	"github.com/scampgen/scampgen/examples/shop/internal/ordering"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// inMemory returns a world whose programs run in this process, on a broker in memory.
func inMemory(t *testing.T) *world {
	t.Helper()
	broker := scamptest.New()
	shop, err := ordering.New(t.Context(), broker)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(shop)
	stop := inBackground(t, shop.Run)
	t.Cleanup(func() {
		server.Close()
		stop()
	})

	w := &world{bank: newBank(t), shop: server.URL}
	w.waitMessages = func(t testing.TB, queue string, n int) {
		t.Helper()
		if _, err := broker.WaitMessages(t.Context(), queue, n); err != nil {
			t.Fatal(err)
		}
	}
	w.consumers = func(_ testing.TB, queue string) int { return len(broker.Consumers(queue)) }
	w.startWorker = func(t *testing.T) {
		t.Helper()
		warehouse, err := fulfilment.New(t.Context(), broker, fulfilment.BankAt(w.URL))
		if err != nil {
			t.Fatal(err)
		}
		stop := inBackground(t, warehouse.Run)
		w.stopWorker = func(*testing.T) { stop() }
	}
	return w
}

// inBackground runs a function until stop is called, which returns when the function has.
func inBackground(t *testing.T, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(cancel)
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
