//go:build unix

package amqpbench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// BenchmarkTenProducersNull publishes from ten producers on one source, which declare different
// queues, and from one.
func BenchmarkTenProducersNull(b *testing.B) {
	url := startNullBroker(b)
	for _, l := range []load{{100, 1}, {100, 10}} {
		b.Run(l.String(), func(b *testing.B) {
			one := newProducer(b, newSource(b, url, runtime.WithWindow(l.window)), queue)
			ten := newProducers(b, newSource(b, url, runtime.WithWindow(l.window)), 10)
			compare(b, publishing(b, "one", l, one), publishing(b, "ten", l, ten...))
		})
	}
}

// BenchmarkPairNull publishes from one and from ten producers on an active/passive pair, and from
// one on a source like one of its sides.
func BenchmarkPairNull(b *testing.B) {
	url := startNullBroker(b)
	l := load{100, 1}
	for _, n := range []int{1, 10} {
		b.Run(fmt.Sprintf("%v/producers=%d", l, n), func(b *testing.B) {
			source := func() runtime.Source { return newSource(b, url, runtime.WithWindow(l.window)) }
			plain, pair := newProducer(b, source(), queue), runtime.ActivePassive(source(), source(), runtime.Failover{})
			compare(b, publishing(b, "plain", l, plain), publishing(b, "pair", l, newProducers(b, pair, n)...))
		})
	}
}

// newProducers returns n producers on one source that declare different queues.
func newProducers(b *testing.B, source runtime.ProducerSource, n int) []scamp {
	return each(n, func(i int) scamp { return newProducer(b, source, fmt.Sprint(queue, i)) })
}

// publishing is a side that publishes on producers in turn.
func publishing(b *testing.B, name string, l load, producers ...scamp) side {
	body := make([]byte, bodySize)
	return side{name: name, work: func(d time.Duration) (int, []time.Duration) {
		return drive(b, l, d, each(l.goroutines, func(i int) func(int) (func() error, error) {
			next := i
			return func(share int) (func() error, error) {
				next++
				return producers[next%len(producers)].publish(body, share)
			}
		})...)
	}}
}

// each returns the results of give for 0 to n-1.
func each[T any](n int, give func(i int) T) []T {
	var all []T
	for i := range n {
		all = append(all, give(i))
	}
	return all
}

// BenchmarkWaitingNull lets more and more goroutines publish and wait on one channel with a window
// of 128, against as many as that window has room for.
func BenchmarkWaitingNull(b *testing.B) {
	url := startNullBroker(b)
	for _, n := range crowds {
		b.Run(fmt.Sprint("goroutines=", n), func(b *testing.B) { compareCrowd(b, url, n) })
	}
}

// BenchmarkWaitingRabbitMQ does the same with a queue whose messages are consumed at once.
func BenchmarkWaitingRabbitMQ(b *testing.B) {
	for _, n := range crowds {
		b.Run(fmt.Sprint("goroutines=", n), func(b *testing.B) {
			host := rabbittest.New(b)
			newRaw(b, host.URL, false) // declares the queue
			startDrain(b, host.URL)
			compareCrowd(b, host.URL, n)
		})
	}
}

var crowds = []int{1000, 4000, 10_000}

func compareCrowd(b *testing.B, url string, n int) {
	const window = 128
	sides := each(2, func(i int) side {
		scamp := newScamp(b, url, runtime.WithWindow(window))
		return side{name: []string{"128", "many"}[i], work: newCrowd(b, []int{window, n}[i], scamp).work}
	})
	compare(b, sides...)
}

// A crowd is many goroutines that publish and wait. They live as long as the benchmark, so that
// starting them is not measured.
type crowd struct {
	turns   []chan time.Time // one for each goroutine: publish until then
	times   [][]time.Duration
	working sync.WaitGroup
}

func newCrowd(b *testing.B, n int, on scamp) *crowd {
	c := &crowd{turns: make([]chan time.Time, n), times: make([][]time.Duration, n)}
	body := make([]byte, bodySize)
	for i := range c.turns {
		c.turns[i] = make(chan time.Time)
		go func() {
			for deadline := range c.turns[i] {
				for now := time.Now(); now.Before(deadline); now = time.Now() {
					if _, err := on.publish(body, 1); err != nil {
						b.Error(err)
					}
					c.times[i] = append(c.times[i], time.Since(now))
				}
				c.working.Done()
			}
		}()
	}
	b.Cleanup(func() {
		for _, turn := range c.turns {
			close(turn)
		}
	})
	return c
}

// work makes all goroutines publish for d, and for long enough that each has several turns.
func (c *crowd) work(d time.Duration) (int, []time.Duration) {
	c.working.Add(len(c.turns))
	deadline := time.Now().Add(max(d, time.Second))
	for _, turn := range c.turns {
		turn <- deadline
	}
	c.working.Wait()
	var all []time.Duration
	for i, times := range c.times {
		all = append(all, times...)
		c.times[i] = times[:0]
	}
	return len(all), all
}

// nowhere is a publication that no queue takes.
var nowhere = &runtime.Publication{Name: "Nowhere", RoutingKey: "nowhere"}

// BenchmarkReturnsNull makes the broker return each second publish. The cost at a window of 128 is
// compared with publishes that are all routed, and with larger windows.
func BenchmarkReturnsNull(b *testing.B) {
	const small = 128
	url := startProcess(b, envServe+"="+returning)
	b.Run(fmt.Sprint("window=", small), func(b *testing.B) {
		compare(b, returningSide(b, "routed", url, small, publication), returningSide(b, "half", url, small, nowhere))
	})
	for _, window := range []int{1000, 5000, 20_000} {
		b.Run(fmt.Sprint("window=", window), func(b *testing.B) {
			compare(b, returningSide(b, "128", url, small, nowhere), returningSide(b, "large", url, window, nowhere))
		})
	}
}

// returningSide is a side that sends each second publish to other.
func returningSide(b *testing.B, name, url string, window int, other *runtime.Publication) side {
	scamp := newScamp(b, url, runtime.WithWindow(window))
	body := make([]byte, bodySize)
	next := 0
	return side{name: name, work: func(d time.Duration) (int, []time.Duration) {
		return drive(b, load{window, 1}, d, func(int) (func() error, error) {
			next++
			to := publication
			if next%2 == 0 {
				to = other
			}
			pending := scamp.producer.PublishAsync(context.Background(), to, body)
			return func() error { return resultAt(pending, to) }, nil
		})
	}}
}

// resultAt returns nil if a publish ended as it must: as returned if it went nowhere.
func resultAt(pending *runtime.Pending, to *runtime.Publication) error {
	_, err := pending.Wait(context.Background())
	var returned *runtime.ReturnedError
	if (to == nowhere) == errors.As(err, &returned) && (to == nowhere || err == nil) {
		return nil
	}
	return fmt.Errorf("a publish to %q ended so: %w", to.RoutingKey, err)
}
