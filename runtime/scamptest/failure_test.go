package scamptest_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var orders = &runtime.Declarations{Queues: []runtime.Queue{{Name: "orders", Durable: true}}}

var order = &runtime.Publication{Name: "Order", RoutingKey: "orders"}

// producer returns a producer on source that is closed when the test ends.
func producer(t *testing.T, source runtime.ProducerSource, options ...runtime.ProducerOption) *runtime.Producer {
	t.Helper()
	p, err := runtime.NewProducer(t.Context(), source, orders, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return p
}

func consumer(t *testing.T, b *scamptest.Broker) (runtime.ConsumerChannel, <-chan *runtime.Delivery) {
	t.Helper()
	channel, err := b.ConsumerChannel(t.Context(), runtime.ConsumerRequest{Declarations: orders})
	if err != nil {
		t.Fatal(err)
	}
	deliveries, err := channel.Consume(t.Context(), runtime.ConsumeRequest{Queue: "orders", Prefetch: 10})
	if err != nil {
		t.Fatal(err)
	}
	return channel, deliveries.Deliveries
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   scamptest.Fault
		check   func(error) bool
		arrived int // without retries
		retried int // with retries
	}{
		{"nack", scamptest.Nack, func(err error) bool { return errors.Is(err, runtime.ErrNacked) }, 0, 1},
		{"return", scamptest.Return, isReturned, 0, 0},
		{"lose message", scamptest.LoseMessage, runtime.MayHaveBeenDelivered, 0, 1},
		{"lose confirm", scamptest.LoseConfirm, runtime.MayHaveBeenDelivered, 1, 2},
		{"forget confirm", scamptest.ForgetConfirm, runtime.MayHaveBeenDelivered, 1, 1},
		{"succeed", scamptest.Succeed, func(err error) bool { return err == nil }, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := scamptest.New()
				once := producer(t, b, runtime.WithAtMostOnce(), runtime.WithNackRetries(0))
				b.FailNext(c.fault)
				if _, err := once.Publish(t.Context(), order, "1"); !c.check(err) {
					t.Errorf("publish: %v", err)
				}
				if n := len(b.Messages("orders")); n != c.arrived {
					t.Errorf("%d messages arrived, want %d", n, c.arrived)
				}
			})
			synctest.Test(t, func(t *testing.T) {
				b := scamptest.New()
				again := producer(t, b)
				b.FailNext(c.fault)
				_, err := again.Publish(t.Context(), order, "1")
				if failed := c.fault == scamptest.Return || c.fault == scamptest.ForgetConfirm; (err != nil) != failed {
					t.Errorf("publish with retries: %v", err)
				}
				if n := len(b.Messages("orders")); n != c.retried {
					t.Errorf("%d messages arrived, want %d", n, c.retried)
				}
			})
		})
	}
}

func isReturned(err error) bool {
	var returned *runtime.ReturnedError
	return errors.As(err, &returned)
}

func TestStopAndStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := scamptest.New()
		p := producer(t, b)
		channel, deliveries := consumer(t, b)
		b.Stop()
		<-channel.Done()
		if _, open := <-deliveries; open {
			t.Error("a delivery from a stopped broker")
		}
		if state, _ := b.Info().State(); state != runtime.StateDown {
			t.Errorf("state is %v", state)
		}
		published := make(chan error, 1)
		go func() {
			_, err := p.Publish(t.Context(), order, "1")
			published <- err
		}()
		synctest.Wait()
		select {
		case err := <-published:
			t.Errorf("published to a stopped broker: %v", err)
		default:
		}
		b.Start()
		if err := <-published; err != nil {
			t.Error(err)
		}
	})
}

// A pair of brokers leaves no goroutine in the bubble after both are closed; nobody waits for a
// closed one.
func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		active, passive := scamptest.New(), scamptest.New()
		p := producer(t, runtime.ActivePassive(active, passive, runtime.Failover{}))
		if _, err := p.Publish(t.Context(), order, "1"); err != nil {
			t.Error(err)
		}
		active.Close()
		active.Start()
		if _, err := p.Publish(t.Context(), order, "2"); err != nil {
			t.Errorf("publish to the passive broker: %v", err)
		}
		passive.Close()
		if _, err := p.Publish(t.Context(), order, "3"); !errors.Is(err, runtime.ErrClosed) || !errors.Is(err, runtime.ErrNotSent) {
			t.Errorf("publish to a closed pair: %v", err)
		}
		if _, err := active.ConsumerChannel(t.Context(), runtime.ConsumerRequest{Declarations: &runtime.Declarations{}}); !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("consume from a closed broker: %v", err)
		}
		if one, other := len(active.Messages("orders")), len(passive.Messages("orders")); one != 1 || other != 1 {
			t.Errorf("%d messages are on the active broker and %d on the passive one", one, other)
		}
	})
}

func TestBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := scamptest.New()
		p := producer(t, b, runtime.WithPublishTimeout(time.Second))
		_, deliveries := consumer(t, b)
		b.Block()
		if !p.Busy() {
			t.Error("a blocked producer is not busy")
		}
		if _, err := p.Publish(t.Context(), order, "1"); !errors.Is(err, runtime.ErrNotSent) {
			t.Errorf("publish to a blocked broker: %v", err)
		}
		if _, err := b.Publish(runtime.Message{RoutingKey: "orders"}); err != nil {
			t.Error(err)
		}
		if d := <-deliveries; d.Ack() != nil {
			t.Error("a blocked broker takes no acknowledgement")
		}
		b.Unblock()
		if _, err := p.Publish(t.Context(), order, "2"); err != nil {
			t.Error(err)
		}
	})
}

func TestDelayConfirms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := scamptest.New()
		p := producer(t, b)
		b.DelayConfirms(3 * time.Second)
		start := time.Now()
		if _, err := p.Publish(t.Context(), order, "1"); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("the confirm took %v", took)
		}
	})
}

func TestCutGivesBack(t *testing.T) {
	b := scamptest.New()
	p := producer(t, b.Pool(2, 3))
	_, deliveries := consumer(t, b)
	if _, err := p.Publish(t.Context(), order, "1"); err != nil {
		t.Fatal(err)
	}
	d := <-deliveries
	if n := b.Unacknowledged("orders"); n != 1 {
		t.Errorf("%d messages are unacknowledged", n)
	}
	if n := b.Cut(); n != 3 {
		t.Errorf("cut %d connections, want 3: two of the pool and one of the consumer", n)
	}
	if err := d.Ack(); !errors.Is(err, runtime.ErrStale) {
		t.Errorf("acknowledged on a lost connection: %v", err)
	}
	if n := len(b.Messages("orders")); n != 1 {
		t.Errorf("%d messages are back", n)
	}
}

func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := scamptest.New()
		p := producer(t, b)
		channel, deliveries := consumer(t, b)
		if _, err := p.Publish(t.Context(), order, "1"); err != nil {
			t.Fatal(err)
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.WaitEmpty(short, "orders"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited for what is not acknowledged: %v", err)
		}
		go func() { _ = (<-deliveries).Ack() }()
		if err := b.WaitEmpty(t.Context(), "orders"); err != nil {
			t.Error(err)
		}
		if err := channel.Cancel(t.Context()); err != nil {
			t.Error(err)
		}
		p.PublishAsync(t.Context(), order, "2")
		if got, err := b.WaitMessages(t.Context(), "orders", 1); err != nil || string(got[0].Body) != "2" {
			t.Errorf("waited for %v, %v", got, err)
		}
	})
}

func TestLifetimesFollowTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := scamptest.New()
		err := b.Declare(&runtime.Declarations{Queues: []runtime.Queue{
			{Name: "dead"},
			{Name: "q", Arguments: runtime.Headers{"x-message-ttl": 3600_000, "x-dead-letter-exchange": "", "x-dead-letter-routing-key": "dead"}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if outcome, err := b.Publish(runtime.Message{RoutingKey: "q"}); outcome != runtime.OutcomeAcked || err != nil {
			t.Fatal(outcome, err)
		}
		time.Sleep(time.Hour - time.Nanosecond)
		if len(b.Messages("q")) != 1 {
			t.Error("expired too early")
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if len(b.Messages("dead")) != 1 {
			t.Error("did not expire")
		}
	})
}
