package runtime

import (
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"time"
)

// A handling is one delivery on its way through its handler, and the times that events say.
type handling struct {
	delivery *Delivery
	ctx      context.Context // the handler's
	begun    time.Time       // zero: no handler has been called
	took     time.Duration
}

func (s *session) newHandling(delivery *Delivery) handling {
	return handling{delivery: delivery, ctx: ContextWithDelivery(s.handlers, delivery)}
}

// begin notes that the handler is called.
func (h *handling) begin() { h.begun = time.Now() }

// end notes that the handler has returned, if it was called.
func (h *handling) end() {
	if !h.begun.IsZero() {
		h.took = time.Since(h.begun)
	}
}

// event returns what is observed of the end of the handling.
func (h *handling) event(kind ConsumerEventKind, err error) ConsumerEvent {
	event := ConsumerEvent{Kind: kind, Delivery: h.delivery, Err: err, Took: h.took}
	if !h.begun.IsZero() && !h.delivery.Arrived.IsZero() {
		event.Waited = h.begun.Sub(h.delivery.Arrived)
	}
	return event
}

// failure returns what recovery has to deal with.
func (h *handling) failure(err error) *failure {
	return &failure{ctx: h.ctx, delivery: h.delivery, err: err, since: time.Now()}
}

// event returns what is observed of the recovery.
func (f *failure) event(kind ConsumerEventKind, err error) ConsumerEvent {
	return ConsumerEvent{Kind: kind, Delivery: f.delivery, Err: err, Took: time.Since(f.since)}
}

// runWorkers handles deliveries until there are no more.
func (s *session) runWorkers() {
	if s.consumer.config.orderedBy != nil && s.consumer.config.workers > 1 {
		s.runPartitions()
		return
	}
	var workers sync.WaitGroup
	for range s.consumer.config.workers {
		keepRunning(&workers, func() {
			for delivery := s.next(); delivery != nil; delivery = s.next() {
				s.handle(delivery)
			}
		})
	}
	workers.Wait()
}

// keepRunning runs loop in a goroutine of group until it returns. A function of the user may end
// the goroutine with runtime.Goexit, as t.FailNow does: then another goroutine runs loop again.
func keepRunning(group *sync.WaitGroup, loop func()) {
	group.Go(func() {
		returned := false
		defer func() {
			if !returned {
				keepRunning(group, loop)
			}
		}()
		loop()
		returned = true
	})
}

// runPartitions gives each worker a partition: the deliveries with one key go to the same
// partition. A partition buffers all unacknowledged deliveries, so that a full one never stops the
// others.
func (s *session) runPartitions() {
	var workers, distribution sync.WaitGroup
	partitions := make([]chan *Delivery, s.consumer.config.workers)
	for i := range partitions {
		partitions[i] = make(chan *Delivery, s.spec.request.Prefetch)
		keepRunning(&workers, func() {
			for delivery := range partitions[i] {
				if s.stopping() {
					s.leave(s.handlers, delivery)
				} else {
					s.handle(delivery)
				}
			}
		})
	}
	seed := maphash.MakeSeed()
	keepRunning(&distribution, func() {
		for delivery := s.next(); delivery != nil; delivery = s.next() {
			if key, ok := s.key(delivery); ok {
				partitions[maphash.String(seed, key)%uint64(len(partitions))] <- delivery
			}
		}
	})
	distribution.Wait()
	for _, partition := range partitions {
		close(partition)
	}
	workers.Wait()
}

// key calls the user's function. If that panics, the delivery has failed.
func (s *session) key(delivery *Delivery) (key string, ok bool) {
	err := errExited
	defer func() {
		if err != nil {
			h := s.newHandling(delivery)
			s.recover(&h, err)
		}
	}()
	err = func() (err error) {
		defer catch(&err)
		key = s.consumer.config.orderedBy(delivery)
		return nil
	}()
	return key, err == nil
}

// handlerSlots limits how many handlers run at a time, over all sessions of a consumer: the next
// session may begin while handlers of the last one still run. It is first come, first served, so
// that a session which moves messages to the suspect queue leaves slots to the one that handles
// them.
type handlerSlots struct {
	mu      sync.Mutex
	free    int // 0 while somebody waits
	waiting list[handlerWaiter]
}

// sessionSlots counts the slots of one session. The mutex of handlerSlots guards it.
type sessionSlots struct {
	taken    int
	released bool // the session no longer waits for its handlers, and others have their slots
}

// handlerWaiter waits for a slot. When it is in no list any more, it has one, unless its session has
// released all.
type handlerWaiter struct {
	slots   *sessionSlots
	granted chan struct{}
	element element[handlerWaiter]
}

// acquireSlot waits for a slot until the session's handlers context ends.
func (s *session) acquireSlot() error {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	switch {
	case s.slots.released:
		return ErrStale
	case all.free > 0:
		all.free--
		s.slots.taken++
		return nil
	}
	w := &handlerWaiter{slots: &s.slots, granted: make(chan struct{})}
	push(&all.waiting, &w.element, w)
	all.mu.Unlock()
	var err error
	if pause(s.handlers, w.granted) != nil {
		err = context.Cause(s.handlers)
	}
	all.mu.Lock()
	switch {
	case w.element.list != nil:
		remove(&all.waiting, &w.element)
	case s.slots.released: // it was granted nothing
		return ErrStale
	case err != nil: // the slot came too late
		s.slots.taken--
		all.release(1)
	}
	return err
}

// releaseSlot releases a slot, unless releaseAllSlots has done that.
func (s *session) releaseSlot() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	if !s.slots.released {
		s.slots.taken--
		all.release(1)
	}
}

// releaseAllSlots releases the slots of handlers that do not return although their context has
// ended.
func (s *session) releaseAllSlots() {
	all := &s.consumer.slots
	all.mu.Lock()
	defer all.mu.Unlock()
	s.slots.released = true
	all.release(s.slots.taken)
	s.slots.taken = 0
}

// release gives n slots to those who wait the longest. A session that has released its slots gets
// none: its context has ended, so it no longer waits. The caller holds mu.
func (s *handlerSlots) release(n int) {
	for s.free += n; s.free > 0; {
		w := pop(&s.waiting)
		if w == nil {
			return
		}
		if !w.slots.released {
			s.free--
			w.slots.taken++
		}
		close(w.granted)
	}
}

// A quorum queue counts how often a message was delivered without an answer. When a process ends or
// a connection breaks, that count rises for everything that was prefetched. To count only real
// attempts at a message, a session begins narrow, with one delivery at a time: messages that came
// back are at the head of the queue, and only the one that is being handled can be counted. At the
// first delivery that is not a suspect, the session becomes wide. When a suspect arrives in a wide
// session, the session ends: everything that has not been started goes back to the queue, the
// suspect is handled alone, and the next session begins narrow.

// width is how many deliveries a session takes.
type width uint8

const (
	fixed  width = iota // the prefetch, always
	narrow              // one, until a delivery is not a suspect
	wide                // the prefetch, until a delivery is a suspect
	ending              // no more
)

// widenAfterCount is how many deliveries in a row must not be suspects before a session widens that
// has seen one: others may follow.
const widenAfterCount = 10

// errNarrowNext says that a session ended so that the next one begins narrow.
var errNarrowNext = errors.New("the session ended because of a suspect")

// begin starts the deliveries.
func (s *session) begin(ctx context.Context) (err error) {
	request := s.spec.request
	request.Narrow = s.consumer.recovery.startsNarrow && !s.spec.isSuspectQueue && request.Prefetch > 1
	if s.consumer.stream != nil {
		if err := s.beginStream(ctx, &request); err != nil {
			return err
		}
	}
	s.consumption, err = s.channel.Consume(ctx, request)
	if s.window != nil && s.consumption.Passive {
		return errStreamPair
	}
	if err == nil && request.Narrow && s.consumption.Widen != nil {
		s.width = narrow
	}
	return err
}

// prefetch returns how many deliveries the session takes now.
func (s *session) prefetch() int {
	if s.width == narrow {
		return 1
	}
	return s.spec.request.Prefetch
}

// adjustWidth adapts the session's width to a delivery that is about to be handled. One worker at a
// time calls it.
func (s *session) adjustWidth(delivery *Delivery) {
	switch suspect := s.consumer.recovery.isSuspect(delivery); {
	case s.width == narrow && suspect:
		s.spec.widenAfter = widenAfterCount
	case s.width == narrow:
		if s.spec.widenAfter--; s.spec.widenAfter <= 0 {
			s.widen()
		}
	case s.width == wide && suspect && s.consumer.config.orderedBy == nil: // the partitions keep their order instead
		s.requeueRest()
	}
}

// widen allows the whole prefetch.
func (s *session) widen() {
	s.width = wide
	s.answers.Load().widen(s.spec.request.Prefetch, s.consumer.config.workers)
	s.closeAfter(s.consumption.Widen(s.handlers))
}

// requeueRest ends the deliveries. What has been delivered but not started goes back to the queue when the
// channel closes, which is when the handlers of this session have ended. If they take long, it is rejected
// before, one by one, which keeps the order. Not at once: a quorum queue of RabbitMQ that has many rejects
// to get to drops the acknowledgements behind them if the channel closes meanwhile, and delivers these
// messages again.
func (s *session) requeueRest() {
	s.width = ending
	if !s.closeAfter(s.channel.Cancel(s.handlers)) {
		return
	}
	var rest []*Delivery
	for delivery := range s.consumption.Deliveries {
		rest = append(rest, delivery)
	}
	time.AfterFunc(handlerGrace, func() {
		for _, delivery := range rest {
			_ = delivery.Acknowledger.Reject(delivery.Tag, true) // the channel's end has the same effect
		}
	})
}

// closeAfter closes the channel if a request on it has failed with err, and returns whether it has
// not. Such a channel is dying, or the broker has not answered: then it would live on without doing
// what was requested.
func (s *session) closeAfter(err error) bool {
	if err != nil {
		closeChannel(s.channel)
	}
	return err == nil
}
