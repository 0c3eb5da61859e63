package runtime

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

const (
	// maxGathered bounds how many deliveries one acknowledgement answers. More
	// gain nothing, and a crash makes the broker deliver them again.
	maxBatch = 64
	// gatherFor bounds how long the acknowledgement of a handled delivery waits
	// for others to go with it.
	batchDelay = 2 * time.Millisecond
)

// answers sends the answers to one channel's deliveries, each once. A reject
// goes out at once. Acknowledgements are gathered: those at the front of the
// order go out as one frame (multiple), those behind a delivery that is still
// being handled each on their own.
type answers struct {
	channel Acknowledger
	batch   int         // this many gathered acknowledgements are sent
	stale   func(error) // told of gathered acknowledgements that came too late

	mu      sync.Mutex
	entries []answer // in the order of tags; the window entries[first:] begins with the oldest that is not sent
	first   int
	batched int
	sending bool      // somebody is in send
	idle    sync.Cond // sending has become false
	armed   bool      // the timer is going to call flush
	closed  bool
	timer   *time.Timer
}

// An answer is where the answer to one delivery has got to.
type answer struct {
	tag   uint64
	state answerState
}

type answerState uint8

const (
	open      answerState = iota // the delivery is being handled
	sent                         // answered
	batched                      // acknowledged, and the frame not sent yet
	rejecting                    // its reject is being sent; no multiple may pass it
)

// newAnswers returns answers for a channel with prefetch deliveries on it of which workers
// are handled at a time. Half of what is left then is gathered, so that the broker may
// always send the next.
func newAnswers(channel Acknowledger, prefetch, workers int, stale func(error)) *answers {
	a := &answers{channel: channel, batch: batchSize(prefetch, workers), stale: stale}
	a.idle.L = &a.mu
	return a
}

func batchSize(prefetch, workers int) int {
	return min(max((prefetch-workers)/2, 1), maxBatch)
}

// add takes a delivery in. It is called in the order of tags.
func (a *answers) add(tag uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.entries) == cap(a.entries) {
		a.compact()
	}
	a.entries = append(a.entries, answer{tag: tag})
}

// tidy drops the entries that have been sent, so that a delivery which takes long
// does not make the list grow behind it. a.mu is held.
func (a *answers) compact() {
	left := slices.DeleteFunc(a.entries[a.first:], func(entry answer) bool { return entry.state == sent })
	a.entries = slices.Grow(append(a.entries[:0], left...), 2*a.batch)
	a.first = 0
}

// widen has acknowledgements gathered as newAnswers does for that prefetch.
func (a *answers) widen(prefetch, workers int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.batch = batchSize(prefetch, workers)
}

// isOpen tells whether a delivery has no answer yet.
func (a *answers) isOpen(tag uint64) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	answer := a.find(tag)
	return answer != nil && answer.state == open
}

// handled acknowledges a delivery, perhaps a little later and with others.
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

// Ack acknowledges a delivery now, for a handler that does not wait for its own
// return.
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

// Reject refuses a delivery now.
func (a *answers) Reject(tag uint64, requeue bool) error {
	a.mu.Lock()
	err := a.mark(tag, rejecting)
	a.mu.Unlock()
	if err != nil {
		return err
	}
	err = a.channel.Reject(tag, requeue)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.find(tag).state = sent // still in the window: nothing passes a delivery that is being refused
	return err
}

// close sends what is gathered. Answers that come later are stale, also those that come while it sends.
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

// kill drops what is gathered: the channel is dead.
func (a *answers) discard() {
	a.mu.Lock()
	a.closed = true
	dropped := a.drop()
	a.mu.Unlock()
	if dropped > 0 {
		a.stale(ErrStale)
	}
}

// drop takes out what is gathered, so that nothing more is sent, and returns how many that were. a.mu is held.
func (a *answers) drop() (dropped int) {
	dropped, a.batched = a.batched, 0
	if a.timer != nil {
		a.timer.Stop()
	}
	return dropped
}

// move takes an open delivery to state. a.mu is held.
func (a *answers) mark(tag uint64, state answerState) error {
	if a.closed {
		return ErrStale
	}
	answer := a.find(tag)
	if answer == nil || answer.state != open {
		return ErrAnswered
	}
	answer.state = state
	return nil
}

// find returns the entry of a tag, or nil if it has left the window. a.mu is held.
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

// arm has what is gathered sent after gatherFor. a.mu is held.
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

// flush is what the timer does.
func (a *answers) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.armed = false
	_ = a.send(true) // reported as stale
}

// send sends what is gathered at the front as one frame and, if all, the rest
// one by one. One goroutine sends at a time, so that a multiple never names a
// tag that has been answered; others leave their work to it. a.mu is held, but not while
// frames are written or stale is told.
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

// takeFront moves the front of the window, as far as it has been handled, to
// sent. It returns the last gathered tag there, 0 if there is none, and whether
// that stands for others. a.mu is held.
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

// takeRest moves what is gathered behind the front to sent. a.mu is held.
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

// write sends the frames. It returns the first error: the channel is dead then.
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
