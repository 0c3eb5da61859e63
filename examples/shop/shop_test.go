package shop_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/examples/shop/internal/ordering"
	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(tests{rabbittest.Main(m)}) }

// tests removes the binaries that they have built.
type tests struct{ *rabbittest.Tests }

func (t tests) Run() int {
	defer func() {
		os.RemoveAll(builds.folder)
		http.DefaultClient.CloseIdleConnections()
	}()
	return t.Tests.Run()
}

// A world has both programs and what they need.
type world struct {
	*bank
	shop         string // the address of the API
	waitMessages func(t testing.TB, queue string, n int)
	consumers    func(t testing.TB, queue string) int // how many there are now
	startWorker  func(t *testing.T)
	stopWorker   func(t *testing.T) // returns when it has ended without an error
}

// worlds runs a test in memory and on RabbitMQ.
func worlds(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) { test(t, inMemory(t)) })
	t.Run("RabbitMQ", func(t *testing.T) { test(t, onRabbitMQ(t)) })
}

func TestOrder(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.startWorker(t)
		order := w.place(t, "Ada")
		w.wait(t, order, "be paid and shipped", func(o ordering.Order) bool { return o.Paid && o.Tracking != "" })

		if status, _ := w.post(t, `{"customer": "", "cents": 0}`); status != http.StatusBadRequest {
			t.Errorf("an order that breaks the contract: %d", status)
		}
	})
}

// A bank that fails a few times is asked again. An order that it never takes ends as a dead letter of
// billing, and shipping, the other subscriber, does not mind.
func TestFailingBank(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.refuse(2)
		w.startWorker(t)
		order := w.place(t, "Grace")
		w.wait(t, order, "be paid", func(o ordering.Order) bool { return o.Paid })
		if calls := w.asked(); calls != 3 {
			t.Errorf("the bank was asked %d times, want 3", calls)
		}

		w.refuse(100)
		order = w.place(t, "Barbara")
		w.waitMessages(t, "billing.orders.dead", 1)
		if calls := w.asked() - 3; calls != 4 {
			t.Errorf("the bank was asked %d times before the dead letter, want 4", calls)
		}
		w.wait(t, order, "be shipped, but not paid", func(o ordering.Order) bool { return !o.Paid && o.Tracking != "" })
	})
}

// A worker that is told to stop finishes what it has begun, and the next one does the rest.
func TestStopLosesNothing(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		w.startWorker(t)
		w.hold()
		const orders = 40
		placed := make([]string, orders)
		for i := range placed {
			placed[i] = w.place(t, "Edsger")
		}
		w.waitAsked(t, 4) // all workers of billing are busy
		waitFor(t, "a known consumer", func() bool { return w.consumers(t, "billing.orders") == 1 })
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			w.stopWorker(t)
		}()
		waitFor(t, "an end of deliveries", func() bool { return w.consumers(t, "billing.orders") == 0 })
		w.release()
		<-stopped
		if calls := w.asked(); calls != 4 {
			t.Errorf("the bank was asked %d times by the worker that was stopped, want 4", calls)
		}

		w.startWorker(t)
		for _, order := range placed {
			w.wait(t, order, "be paid and shipped", func(o ordering.Order) bool { return o.Paid && o.Tracking != "" })
		}
		if calls := w.asked(); calls != orders {
			t.Errorf("the bank was asked %d times for %d orders", calls, orders)
		}
	})
}

// post places an order, in JSON, and returns the answer's status and location.
func (w *world) post(t *testing.T, body string) (status int, order string) {
	t.Helper()
	answer, err := http.Post(w.shop+"/orders", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location")
}

// place returns the path of a new order.
func (w *world) place(t *testing.T, customer string) string {
	t.Helper()
	status, order := w.post(t, `{"customer": "`+customer+`", "cents": 4990}`)
	if status != http.StatusAccepted {
		t.Fatalf("the order was not taken: %d", status)
	}
	return order
}

// wait waits until the API says of an order what is wanted.
func (w *world) wait(t *testing.T, order, what string, wanted func(ordering.Order) bool) {
	t.Helper()
	var is ordering.Order
	waitFor(t, what, func() bool {
		answer, err := http.Get(w.shop + order)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if err := json.NewDecoder(answer.Body).Decode(&is); err != nil {
			t.Fatal(err)
		}
		return wanted(is)
	})
}

// waitFor asks until the answer is yes.
func waitFor(t *testing.T, what string, yes func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !yes(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come to %s", what)
		}
	}
}

// A bank takes money, unless it refuses.
type bank struct {
	*httptest.Server
	mu      sync.Mutex
	calls   int
	refuses int           // how many of the next calls
	held    chan struct{} // closed when calls may be answered; nil: at once
}

func newBank(t *testing.T) *bank {
	t.Helper()
	b := new(bank)
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b.mu.Lock()
		b.calls++
		refused := b.refuses > 0
		if refused {
			b.refuses--
		}
		held := b.held
		b.mu.Unlock()
		if held != nil {
			<-held
		}
		if refused {
			http.Error(w, "no", http.StatusServiceUnavailable)
		}
	}))
	t.Cleanup(func() {
		b.release() // if the test has failed
		b.Close()
	})
	return b
}

// refuse makes the bank refuse the next n calls.
func (b *bank) refuse(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuses = n
}

// hold makes the bank leave calls without an answer until release.
func (b *bank) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.held = make(chan struct{})
}

func (b *bank) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held != nil {
		close(b.held)
		b.held = nil
	}
}

// asked returns how often the bank has been called.
func (b *bank) asked() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

func (b *bank) waitAsked(t *testing.T, n int) {
	t.Helper()
	waitFor(t, "calls of the bank", func() bool { return b.asked() >= n })
}
