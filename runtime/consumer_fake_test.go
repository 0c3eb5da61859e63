package runtime

import (
	"context"
	"slices"
	"sync"
	"testing"
)

// fakeSource returns the channels that a test has prepared, one after the other.
type fakeSource struct {
	channels chan *fakeChannel
	refuse   error // returned instead of a channel, if set

	mu       sync.Mutex
	asked    int
	declared []*Declarations
}

func newFakeSource(channels ...*fakeChannel) *fakeSource {
	s := &fakeSource{channels: make(chan *fakeChannel, 100)}
	for _, channel := range channels {
		s.channels <- channel
	}
	return s
}

func (s *fakeSource) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	s.mu.Lock()
	s.asked++
	s.declared = append(s.declared, request.Declarations)
	s.mu.Unlock()
	if s.refuse != nil {
		return nil, s.refuse
	}
	select {
	case channel := <-s.channels:
		return channel, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *fakeSource) Info() SourceInfo { return SourceInfo{} }

func (s *fakeSource) timesAsked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// fakeChannel is a ConsumerChannel with deliveries from a test. It keeps the broker's rules:
// answering a tag that is not outstanding fails the test.
type fakeChannel struct {
	t          *testing.T
	producer   *fakeProducer
	deliveries chan *Delivery
	byBroker   chan struct{} // closed by cancelByBroker
	done       chan struct{}
	cancelHang bool // Cancel waits for its context

	mu          sync.Mutex
	request     ConsumeRequest
	lastTag     uint64
	outstanding []uint64
	acked       []uint64
	rejected    []uint64
	frames      int
	ended       bool
	cancelled   bool
	closed      bool
}

func newFakeChannel(t *testing.T) *fakeChannel {
	return &fakeChannel{t: t, producer: settled(Settlement{Outcome: OutcomeAcked}), deliveries: make(chan *Delivery, 10_000), byBroker: make(chan struct{}), done: make(chan struct{})}
}

// deliver delivers a message.
func (c *fakeChannel) deliver(m Message) { c.deliverAs(Delivery{Message: m}) }

func (c *fakeChannel) deliverAs(d Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.lastTag++
	c.outstanding = append(c.outstanding, c.lastTag)
	d.Tag, d.Acknowledger = c.lastTag, c
	c.deliveries <- &d
}

func (c *fakeChannel) Consume(_ context.Context, request ConsumeRequest) (Consumption, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.request = request
	return Consumption{Deliveries: c.deliveries, Cancelled: c.byBroker}, nil
}

func (c *fakeChannel) Cancel(ctx context.Context) error {
	if c.cancelHang {
		<-ctx.Done()
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cancelled = true
	c.endDeliveries()
	return nil
}

func (c *fakeChannel) Producer(context.Context, ProducerRequest) (ProducerChannel, error) {
	return c.producer, nil
}

func (c *fakeChannel) Err() error { return nil }

func (c *fakeChannel) Done() <-chan struct{} { return c.done }

func (c *fakeChannel) Close(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.kill()
	}
	return nil
}

// die plays a lost connection.
func (c *fakeChannel) die() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill()
}

// cancelByBroker plays a deleted queue.
func (c *fakeChannel) cancelByBroker() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !isClosed(c.byBroker) {
		close(c.byBroker)
	}
	c.endDeliveries()
}

func (c *fakeChannel) kill() {
	if !c.isDead() {
		close(c.done)
	}
	c.endDeliveries()
}

func (c *fakeChannel) endDeliveries() {
	if !c.ended {
		c.ended = true
		close(c.deliveries)
	}
}

func (c *fakeChannel) isDead() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

func (c *fakeChannel) Ack(tag uint64, multiple bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isDead() {
		return ErrStale
	}
	c.frames++
	if !c.settle(tag) {
		return nil
	}
	c.acked = append(c.acked, tag)
	for multiple && len(c.outstanding) > 0 && c.outstanding[0] < tag {
		c.acked = append(c.acked, c.outstanding[0])
		c.outstanding = c.outstanding[1:]
	}
	return nil
}

func (c *fakeChannel) Reject(tag uint64, requeue bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isDead() {
		return ErrStale
	}
	c.frames++
	if c.settle(tag) {
		c.rejected = append(c.rejected, tag)
	}
	return nil
}

// settle removes a tag from those outstanding, or fails as the broker would: 406.
func (c *fakeChannel) settle(tag uint64) bool {
	at, found := slices.BinarySearch(c.outstanding, tag)
	if !found {
		c.t.Errorf("tag %d is not outstanding: the broker would close the channel", tag)
		return false
	}
	c.outstanding = slices.Delete(c.outstanding, at, at+1)
	return true
}

func (c *fakeChannel) isCancelled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cancelled
}

// consumes returns the queue that is consumed from, empty before Consume.
func (c *fakeChannel) consumes() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.request.Queue
}

// answered returns the tags acknowledged so far, sorted.
func (c *fakeChannel) answered() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(slices.Values(c.acked))
}

func (c *fakeChannel) refused() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.rejected)
}

// within returns what a consumer does.
func within(c *Consumer) *queueConsumer { return c.work.(*queueConsumer) }
