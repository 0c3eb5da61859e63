package runtime

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// maxBatch limits how many deliveries one acknowledgement answers. More would gain nothing, and
	// after a crash the broker delivers them again.
	maxBatch = 64
	// batchDelay limits how long an acknowledgement waits for others to be sent with it.
	batchDelay = 2 * time.Millisecond
)

// answers sends the answers to one channel's deliveries, each once. A reject is sent at once.
// Acknowledgements are batched: those of the oldest deliveries in a row are sent as one frame
// (multiple); each one behind a delivery that is still being handled is sent as a frame of its own.
type answers struct {
	channel Acknowledger
	batch   int           // a batch of this size is sent at once
	stale   func(error)   // called when batched acknowledgements came too late
	stream  *streamWindow // of a stream's deliveries, nil of a queue's

	mu      sync.Mutex
	entries []answer // in the order of tags; the window entries[first:] begins with the oldest that is not sent
	first   int
	batched int
	sending bool      // a goroutine is in send
	idle    sync.Cond // signals that sending is false again
	armed   bool      // the timer is going to call flush
	closed  bool
	timer   *time.Timer
}

// An answer is the state of the answer to one delivery.
type answer struct {
	tag   uint64
	state answerState
}

type answerState uint8

const (
	open      answerState = iota // the delivery is being handled
	sent                         // answered
	batched                      // acknowledged; the frame has not been sent yet
	rejecting                    // its reject is being sent; no multiple may include it
)

// newAnswers returns the answers of a channel with a prefetch, of which as many deliveries as there
// are workers are handled at a time. Half of the remaining prefetch may be batched, so that the
// broker can always send the next delivery.
func newAnswers(channel Acknowledger, prefetch, workers int, stale func(error)) *answers {
	a := &answers{channel: channel, batch: batchSize(prefetch, workers), stale: stale}
	a.idle.L = &a.mu
	return a
}

func batchSize(prefetch, workers int) int {
	return min(max((prefetch-workers)/2, 1), maxBatch)
}

// add adds a delivery. It is called in the order of tags.
func (a *answers) add(tag uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.entries) == cap(a.entries) {
		a.compact()
	}
	a.entries = append(a.entries, answer{tag: tag})
}

// compact drops the entries that have been sent, so that the list does not grow behind a slow
// delivery. The caller holds mu.
func (a *answers) compact() {
	left := slices.DeleteFunc(a.entries[a.first:], func(entry answer) bool { return entry.state == sent })
	a.entries = slices.Grow(append(a.entries[:0], left...), 2*a.batch)
	a.first = 0
}

// widen adapts the batch size to a new prefetch.
func (a *answers) widen(prefetch, workers int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batch = batchSize(prefetch, workers)
}

// isOpen reports whether a delivery has no answer yet.
func (a *answers) isOpen(tag uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := a.find(tag)
	return answer != nil && answer.state == open
}

// unsent returns how many deliveries have no answer that has been sent.
func (a *answers) unsent() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.countUnsent()
}

// trailing returns how many answers may follow those that have been written.
func (a *answers) trailing() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.sending {
		a.idle.Wait()
	}
	return a.countUnsent()
}

func (a *answers) countUnsent() (n int) {
	for _, answer := range a.entries[a.first:] {
		if answer.state != sent {
			n++
		}
	}
	return n
}

// ack acknowledges a delivery, perhaps a little later and together with others.
func (a *answers) ack(tag uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.mark(tag, batched); err != nil {
		return err
	}
	a.batched++
	if a.batched >= a.batch {
		return a.send(false)
	}
	a.arm()
	return nil
}

// Ack acknowledges a delivery at once, for a handler that has not returned yet.
func (a *answers) Ack(tag uint64, multiple bool) error {
	if multiple {
		return errors.New("a handler can only acknowledge its own delivery")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.mark(tag, batched); err != nil {
		return err
	}
	a.batched++
	return a.send(true)
}

// Reject rejects a delivery at once.
func (a *answers) Reject(tag uint64, requeue bool) error {
	if a.stream != nil {
		return errStreamAnswer
	}
	a.mu.Lock()
	err := a.mark(tag, rejecting)
	a.mu.Unlock()
	if err != nil {
		return err
	}
	err = a.channel.Reject(tag, requeue)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.find(tag).state = sent // still in the window: nothing passes a delivery that is being rejected
	return err
}

// nodeAddress returns host and port of the node that the deliveries come from.
func (a *answers) nodeAddress() string { return nodeOf(a.channel) }

// close sends the batch. Later answers are stale, even those that come while it sends.
func (a *answers) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for a.sending {
		a.idle.Wait()
	}
	_ = a.send(true) // reported as stale
	a.drop()
}

// discard drops the batch: the channel is dead.
func (a *answers) discard() {
	a.mu.Lock()
	a.closed = true
	dropped := a.drop()
	a.mu.Unlock()
	if dropped > 0 {
		a.stale(ErrStale)
	}
}

// drop empties the batch, so that nothing more is sent, and returns its size. The caller holds mu.
func (a *answers) drop() (dropped int) {
	dropped, a.batched = a.batched, 0
	if a.timer != nil {
		a.timer.Stop()
	}
	return dropped
}

// mark changes the state of an open delivery. The caller holds mu.
func (a *answers) mark(tag uint64, state answerState) error {
	if a.closed {
		return ErrStale
	}
	answer := a.find(tag)
	if answer == nil || answer.state != open {
		return ErrAnswered
	}
	answer.state = state
	if a.stream != nil {
		a.stream.handled(tag)
	}
	return nil
}

// find returns the entry of a tag, or nil if it has left the window. The caller holds mu.
func (a *answers) find(tag uint64) *answer {
	window := a.entries[a.first:]
	at, found := slices.BinarySearchFunc(window, tag, func(entry answer, tag uint64) int {
		return cmp.Compare(entry.tag, tag)
	})
	if !found {
		return nil
	}
	return &window[at]
}

// arm starts the timer that sends the batch after batchDelay. The caller holds mu.
func (a *answers) arm() {
	switch {
	case a.armed:
		return
	case a.timer == nil:
		a.timer = time.AfterFunc(batchDelay, a.flush)
	default:
		a.timer.Reset(batchDelay)
	}
	a.armed = true
}

// flush is called by the timer.
func (a *answers) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.armed = false
	_ = a.send(true) // reported as stale
}

// send sends the oldest answers of the batch that are in a row as one frame and, if all, the rest
// one by one. One goroutine sends at a time, so that a multiple never includes a tag that has been
// answered; others leave their answers to it. The caller holds mu, which is released while frames
// are written and stale is called.
func (a *answers) send(all bool) error {
	if a.sending {
		return nil
	}
	a.sending = true
	defer func() {
		a.sending = false
		a.idle.Broadcast()
	}()
	for a.batched > 0 {
		upTo, several := a.takeFront()
		var single []uint64
		if all || a.batched >= a.batch {
			single = a.takeRest()
		}
		a.mu.Unlock()
		err := a.write(upTo, several, single)
		if err != nil {
			a.stale(err)
		}
		a.mu.Lock()
		if err != nil {
			return err
		}
		if a.batched < a.batch {
			break
		}
	}
	if a.batched > 0 {
		a.arm()
	}
	return nil
}

// takeFront marks the acknowledged deliveries at the front of the window as sent. It returns the
// tag of the last one, 0 if there is none, and whether there are several. The caller holds mu.
func (a *answers) takeFront() (upTo uint64, several bool) {
	for ; a.first < len(a.entries); a.first++ {
		switch entry := a.entries[a.first]; entry.state {
		case batched:
			upTo, several = entry.tag, upTo != 0
			a.batched--
		case sent:
		case open, rejecting:
			return upTo, several
		}
	}
	return upTo, several
}

// takeRest marks the rest of the batch as sent, and returns their tags. The caller holds mu.
func (a *answers) takeRest() (single []uint64) {
	for i := a.first; a.batched > 0; i++ {
		if a.entries[i].state == batched {
			a.entries[i].state = sent
			a.batched--
			single = append(single, a.entries[i].tag)
		}
	}
	return single
}

// write sends the frames. It returns the first error: then the channel is dead.
func (a *answers) write(upTo uint64, several bool, single []uint64) error {
	if upTo != 0 {
		if err := a.channel.Ack(upTo, several); err != nil {
			return err
		}
	}
	for _, tag := range single {
		if err := a.channel.Ack(tag, false); err != nil {
			return err
		}
	}
	return nil
}
