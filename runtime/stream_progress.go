package runtime

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A streamProgress is how far a consumer has handled a stream. Workers may handle deliveries in any
// order; next is the lowest offset that is not handled, so that a session which begins there skips
// nothing.
type streamProgress struct {
	start   any // the argument of a consumer that knows no offset
	filter  streamFilter
	store   OffsetStore // may be nil
	name    string      // in the store
	stream  string
	timeout time.Duration // see session.watchResume
	lock    *Declarations // of the queue of WithSingleActiveConsumer; nil without it

	changed chan struct{} // holds a token when next has changed
	calls   turn          // to call the store
	standby atomic.Bool   // it waits for the lock

	mu     sync.Mutex
	next   int64         // unknownOffset before the first delivery
	saved  int64         // the next that the store has
	begun  time.Time     // when the first session began
	window *streamWindow // of the current session; others are stale
}

const (
	unknownOffset = -1

	// resumeTimeout is how long the broker has to deliver a message again that was handled before.
	// It does so at once, unless the stream does not have it.
	resumeTimeout = 30 * time.Second

	// clockSlack is how much the clocks of client and broker may differ.
	clockSlack = time.Minute

	// saveInterval is the time between two saves of an offset.
	saveInterval = time.Second

	// storeTimeout limits one call of an OffsetStore.
	storeTimeout = 10 * time.Second
)

func newStreamProgress(subscription Subscription, config *consumerConfig) (*streamProgress, error) {
	filter, err := newStreamFilter(subscription.Arguments)
	start := subscription.Arguments[offsetArgument]
	if start == nil {
		start = "first"
	}
	p := &streamProgress{
		start: start, filter: filter, store: config.offsets, name: config.offsetName, stream: subscription.Queue.Name,
		timeout: cmp.Or(config.resumeTimeout, resumeTimeout), changed: make(chan struct{}, 1), calls: newTurn(), next: unknownOffset, saved: unknownOffset,
	}
	if config.singleActive {
		p.lock = &Declarations{Queues: []Queue{lockOf(p.stream, p.name)}}
		if mode := config.declareMode; mode != nil {
			p.lock.Mode = *mode
		}
		err = errors.Join(err, p.lock.check())
	}
	return p, err
}

// begin returns the window of a new session, and the offset to ask the broker for. If earlier
// messages have been handled, that is the last of them: the broker then shows that the stream still
// has it. A stream that was deleted and declared again is shorter, and the broker would wait for an
// offset that it does not have and skip all before it.
func (p *streamProgress) begin(ctx context.Context) (*streamWindow, any, error) {
	if err := p.load(ctx); err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.window = &streamWindow{progress: p}
	first := p.begun.IsZero()
	if first {
		p.begun = time.Now()
	}
	switch {
	case p.next > 0 && p.filter.values == nil:
		p.window.resumes = true
		return p.window, p.next - 1, nil
	case p.next >= 0:
		return p.window, p.next, nil
	case !first:
		return p.window, p.startAgain(), nil
	}
	return p.window, p.start, nil
}

// startAgain returns where the first session began: next, last and intervals have moved on since.
// The caller holds mu.
func (p *streamProgress) startAgain() any {
	text, isText := p.start.(string)
	if !isText {
		return p.start
	}
	age, _ := intervalOf(text)
	if from := p.begun.Add(-age - clockSlack); text != "first" && from.Unix() >= 0 {
		return from
	}
	return "first"
}

// load reads the offset from the store, unless the store has less than is known.
func (p *streamProgress) load(ctx context.Context) error {
	return p.calls.take(ctx, func() error { return p.tryLoad(ctx) })
}

func (p *streamProgress) tryLoad(ctx context.Context) error {
	p.mu.Lock()
	unsaved := p.next != p.saved
	p.mu.Unlock()
	if p.store == nil || unsaved {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	offset, found, err := p.store.LoadOffset(ctx, p.name, p.stream)
	switch {
	case err != nil:
		return fmt.Errorf("load the offset of %q: %w", p.name, err)
	case !found || offset < 0:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.next == p.saved { // no handler of an earlier session has ended meanwhile
		p.next, p.saved = offset+1, offset+1
	}
	return nil
}

// reset forgets the offset: the stream does not have it, so all of the stream is new.
// It does nothing if a delivery has arrived.
func (p *streamProgress) reset(w *streamWindow) (from int64, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window != w || w.any {
		return 0, false
	}
	from, p.next, p.saved, p.window = p.next, 0, unknownOffset, nil
	return from, true
}

// handledUpTo returns the offset up to which everything has been handled, or -1.
func (p *streamProgress) handledUpTo() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(p.next-1, unknownOffset)
}

// A streamWindow holds the deliveries of one session, in order, from the oldest that is not handled.
// The mutex of its progress guards it.
type streamWindow struct {
	progress *streamProgress
	resumes  bool // the first delivery is one that was handled before
	entries  []streamEntry
	first    int
	last     int64 // the offset of the latest delivery, if any
	any      bool
}

type streamEntry struct {
	tag     uint64
	offset  int64
	handled bool
}

// accept adds a delivery. It returns whether the delivery is to be handled, and what is missing
// before it. Deliveries that are not handled are acknowledged at once. It is not ok if the delivery
// has no offset.
func (w *streamWindow) accept(d *Delivery) (handle bool, missing *OffsetGapError, ok bool) {
	offset, ok := d.StreamOffset()
	if !ok {
		return false, nil, false
	}
	p := w.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window != w {
		return false, nil, true
	}
	expected := w.expected()
	if p.next == unknownOffset {
		p.next = offset
		p.note() // if the process ends now, the next one begins here too
	}
	w.any, w.last = true, offset
	if expected >= 0 && offset > expected && p.filter.values == nil {
		missing = &OffsetGapError{Stream: p.stream, From: expected, To: offset}
	}
	if w.first > 0 && len(w.entries) == cap(w.entries) {
		w.entries = slices.Delete(w.entries, 0, w.first)
		w.first = 0
	}
	w.entries = append(w.entries, streamEntry{tag: d.Tag, offset: offset})
	return offset >= p.next && p.filter.matches(d), missing, true
}

// expected returns the offset that must come next, unless the stream has only later ones. It is
// unknownOffset before the first delivery of a consumer that did not begin with a number. The caller
// holds mu.
func (w *streamWindow) expected() int64 {
	p := w.progress
	if w.any {
		return max(w.last+1, p.next)
	}
	if n, isNumber := integer(p.start); p.next == unknownOffset && isNumber {
		return n
	}
	return p.next
}

// hasAny reports whether a delivery has arrived.
func (w *streamWindow) hasAny() bool {
	w.progress.mu.Lock()
	defer w.progress.mu.Unlock()
	return w.any
}

// handled notes that a delivery has been handled or that recovery has ended with it.
func (w *streamWindow) handled(tag uint64) {
	p := w.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	window := w.entries[w.first:]
	at, found := slices.BinarySearchFunc(window, tag, func(e streamEntry, tag uint64) int { return cmp.Compare(e.tag, tag) })
	if !found || p.window != w {
		return
	}
	window[at].handled = true
	for w.first < len(w.entries) && w.entries[w.first].handled {
		p.next = max(p.next, w.entries[w.first].offset+1)
		w.first++
	}
	p.note()
}

// note says that there may be something to save.
func (p *streamProgress) note() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}
