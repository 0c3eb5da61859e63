package faults_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

const (
	// workers publish at the same time. There are slots in the windows for twice as many publishes:
	// after a long alarm those that timed out still wait for their confirm.
	workers = 60
	// stall is how much longer than its context a call may take, because the machine runs other
	// things too. A call that ignores its context takes far longer.
	stall = 5 * time.Second
)

// testTimeout limits every wait of these tests. A node that boots on a busy machine takes some time.
var testTimeout = rabbittest.Patient(90 * time.Second)

var publication = &runtime.Publication{Name: "Numbered", RoutingKey: "load", ContentType: "text/plain"}

// A sender is a producer with what it publishes.
type sender struct {
	producer    *runtime.Producer
	publication *runtime.Publication
}

// A load publishes from many goroutines, each message with its own id, and notes how each publish
// ended.
type load struct {
	stop chan struct{}
	done sync.WaitGroup

	published atomic.Int64
	acks      atomic.Int64

	mu       sync.Mutex
	acked    []entry
	failures map[string]int // by outcome
	errs     []error        // the first few
	last     time.Time      // of an acknowledgement
	silence  time.Duration  // the longest between two
	silent   time.Time      // when that ended
}

// newLoad returns a load without publishing goroutines.
func newLoad() *load {
	return &load{stop: make(chan struct{}), failures: map[string]int{}, last: time.Now()}
}

// startLoad begins to publish from all workers. prefix distinguishes its messages from those of
// other loads.
func startLoad(producer *runtime.Producer, prefix string) *load {
	return startSenders(prefix, workers, sender{producer, publication})
}

// startSenders begins to publish from n goroutines, which use the senders in turn.
func startSenders(prefix string, n int, senders ...sender) *load {
	l := newLoad()
	for worker := range n {
		from := senders[worker%len(senders)]
		l.done.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-l.stop:
					return
				default:
					l.publish(context.Background(), from, fmt.Sprintf("%s-%d-%d", prefix, worker, i))
				}
			}
		})
	}
	return l
}

// publish publishes one message and notes how that ended.
func (l *load) publish(ctx context.Context, from sender, id string) {
	l.published.Add(1)
	begun := time.Now()
	receipt, err := from.producer.Publish(ctx, from.publication, id, runtime.WithMessageID(id))
	l.note(begun, receipt, err)
	if err != nil {
		<-time.After(10 * time.Millisecond) // do not hammer a source that refuses at once
	}
}

// note notes how a publish that began at a time has ended.
func (l *load) note(begun time.Time, receipt runtime.Receipt, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.failures[outcome(err)]++
		if len(l.errs) < 5 {
			l.errs = append(l.errs, err)
		}
		return
	}
	l.acked = append(l.acked, newEntry(begun, receipt))
	l.acks.Add(1)
	l.heard()
}

// heard notes that time has passed since the last acknowledgement. l is locked.
func (l *load) heard() {
	now := time.Now()
	if silence := now.Sub(l.last); silence > l.silence {
		l.silence, l.silent = silence, now
	}
	l.last = now
}

// resetSilence forgets the silences so far.
func (l *load) resetSilence() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.silence, l.silent = time.Now(), 0, time.Time{}
}

// flow waits until n more messages have been acknowledged.
func (l *load) flow(t *testing.T, n int) {
	t.Helper()
	if !l.flowWithin(t, n, testTimeout) {
		t.FailNow()
	}
}

// flowWithin does the same as flow. It fails the test if that takes longer than limit, and returns
// whether it has not.
func (l *load) flowWithin(t *testing.T, n int, limit time.Duration) bool {
	t.Helper()
	goal := l.acks.Load() + int64(n)
	deadline := time.Now().Add(limit)
	for l.acks.Load() < goal {
		if time.Now().After(deadline) {
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Errorf("only %d of %d messages acknowledged in %v; %v", int64(n)-goal+l.acks.Load(), n, limit, l.errs)
			return false
		}
		<-time.After(time.Millisecond)
	}
	return true
}

// end stops publishing and waits until every publish has ended.
func (l *load) end() {
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.done.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.acks.Load() < l.published.Load() {
		l.heard()
	}
}

// memory returns how many bytes the load itself remembers.
func (l *load) memory() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := cap(l.acked) * int(unsafe.Sizeof(entry{}))
	for _, e := range l.acked {
		size += (len(e.id) + 15) &^ 15 // the allocator's size classes
	}
	return size
}

// outcome returns the name of an error of Publish.
func outcome(err error) string {
	var unknown *runtime.UnknownError
	var returned *runtime.ReturnedError
	switch {
	case err == nil:
		return "acked"
	case errors.As(err, &unknown):
		return "unknown"
	case errors.As(err, &returned):
		return "returned"
	case errors.Is(err, runtime.ErrNacked):
		return "nacked"
	case errors.Is(err, runtime.ErrNotSent):
		return "not sent"
	}
	return "other"
}

// harmed returns how many publishes have failed.
func (l *load) harmed() int {
	n := 0
	for _, failures := range l.failures {
		n += failures
	}
	return n
}

// failed lists the failures by outcome.
func (l *load) failed() string {
	var parts []string
	for _, name := range []string{"unknown", "not sent", "nacked", "returned", "other"} {
		if n := l.failures[name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
	}
	return strings.Join(parts, ", ")
}
