package runtime

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// window holds the publishes of one channel that are in flight, by delivery tag: the number of the
// publish on its channel, counted from 1.
type window struct {
	last   uint64 // the youngest tag
	oldest uint64 // recent holds no publish with a smaller tag

	// recent is a ring: the publish with tag t is at t modulo its length, which is a power of 2. It
	// grows up to maxRing. A publish that is older than the ring is long is in overtaken.
	recent        []inFlight
	maxRing       int
	overtaken     map[uint64]inFlight
	overtakenFrom uint64 // overtaken holds no publish with a smaller tag

	returnedUpTo uint64 // no publish with this tag or a smaller one can be returned any more
	scratch      []byte
}

// inFlight is one publish that waits for its confirm.
type inFlight struct {
	ctx     context.Context
	message *Message
	settle  func(Settlement) // nil: the entry is empty
	reply   *Reply           // of basic.return; nil while the message has not come back
	written uint32           // the channel's tick when it was written
	probe   bool             // its slot is a probe: see slots
	overdue bool             // it has no slot any more
}

const smallestRing = 64

func newWindow(size int) window {
	w := window{oldest: 1, recent: make([]inFlight, smallestRing), maxRing: smallestRing}
	for w.maxRing < 2*size {
		w.maxRing *= 2
	}
	return w
}

// at returns the entry of a tag in recent.
func (w *window) at(tag uint64) *inFlight { return &w.recent[tag&uint64(len(w.recent)-1)] }

// add adds a publish with the next tag.
func (w *window) add(e inFlight) {
	if w.last+1-w.oldest >= uint64(len(w.recent)) {
		w.makeRoom()
	}
	w.last++
	*w.at(w.last) = e
}

// makeRoom makes the ring longer, or moves its oldest publish to overtaken.
func (w *window) makeRoom() {
	if len(w.recent) < w.maxRing {
		old := *w
		w.recent = make([]inFlight, 2*len(old.recent))
		for tag := w.oldest; tag <= w.last; tag++ {
			*w.at(tag) = *old.at(tag)
		}
		return
	}
	if w.overtaken == nil {
		w.overtaken = make(map[uint64]inFlight)
	}
	if len(w.overtaken) == 0 {
		w.overtakenFrom = w.oldest
	}
	w.overtaken[w.oldest] = *w.at(w.oldest)
	w.drop(w.oldest)
}

// drop empties an entry of the ring.
func (w *window) drop(tag uint64) {
	*w.at(tag) = inFlight{}
	for w.oldest <= w.last && w.at(w.oldest).settle == nil {
		w.oldest++
	}
}

// undo removes the youngest publish, which was not written after all.
func (w *window) undo() {
	*w.at(w.last) = inFlight{}
	w.last--
	w.oldest = min(w.oldest, w.last+1)
}

// take removes the publishes that the broker has answered, tag itself or all up to it, and appends
// them to dst in their order.
func (w *window) take(tag uint64, multiple bool, dst []inFlight) []inFlight {
	if !multiple {
		return w.takeOne(tag, dst)
	}
	if len(w.overtaken) > 0 {
		for _, old := range slices.Sorted(maps.Keys(w.overtaken)) {
			if old <= tag {
				dst = w.takeOne(old, dst)
			}
		}
	}
	for w.oldest <= min(tag, w.last) {
		dst = w.takeOne(w.oldest, dst)
	}
	return dst
}

// takeAll removes all and returns them.
func (w *window) takeAll() []inFlight { return w.take(w.last, true, nil) }

func (w *window) takeOne(tag uint64, dst []inFlight) []inFlight {
	if e := w.find(tag); e.settle != nil {
		dst = append(dst, e)
		w.remove(tag)
	}
	return dst
}

func (w *window) find(tag uint64) inFlight {
	switch {
	case tag < w.oldest:
		return w.overtaken[tag]
	case tag > w.last:
		return inFlight{}
	}
	return *w.at(tag)
}

func (w *window) remove(tag uint64) {
	if tag < w.oldest {
		delete(w.overtaken, tag)
	} else {
		w.drop(tag)
	}
}

// noteOverdue notes that a publish has no slot any more.
func (w *window) noteOverdue(tag uint64) {
	e := w.find(tag)
	e.overdue = true
	w.put(tag, e)
}

// put changes a publish that is in flight.
func (w *window) put(tag uint64, e inFlight) {
	if tag < w.oldest {
		w.overtaken[tag] = e
	} else {
		*w.at(tag) = e
	}
}

// tags calls visit with the tags that are in flight, the oldest first, until that returns false.
func (w *window) tags(visit func(tag uint64) bool) {
	for _, tag := range slices.Sorted(maps.Keys(w.overtaken)) {
		if !visit(tag) {
			return
		}
	}
	for tag := w.oldest; tag <= w.last; tag++ {
		if w.at(tag).settle != nil && !visit(tag) {
			return
		}
	}
}

// returned notes that a message has come back, with the payload of its content header, and returns
// the message that was published. basic.return carries no tag. But the broker handles publishes in
// the order in which they were written, and returns at once what it cannot route. So messages come
// back in that order too, and each publish is compared only once. If several have the same id and
// address, the one with the same properties is the right one: an exchange may route by properties.
//
// Something on the way may have changed a message. Then it is the oldest with the same id and
// address, or else the oldest with the same id: such a publish must not count as delivered.
func (w *window) returned(id string, r frame.Return, payload []byte) (*Message, bool) {
	found, best := uint64(0), 0
	from := w.oldest
	if len(w.overtaken) > 0 {
		from = w.overtakenFrom
	}
	for tag := max(w.returnedUpTo+1, from); tag <= w.last && best < sameMessage; tag++ {
		if s := w.similarity(w.find(tag), id, r, payload); s > best {
			found, best = tag, s
		}
	}
	if found == 0 {
		return nil, false
	}
	if best == sameMessage {
		w.returnedUpTo = found
	}
	e := w.find(found)
	e.reply = &Reply{Code: r.Code, Text: r.Text}
	w.put(found, e)
	return e.message, true
}

// How similar a returned message is to one in flight.
const (
	sameID = iota + 1
	sameAddressAndID
	sameMessage
)

func (w *window) similarity(e inFlight, id string, r frame.Return, payload []byte) int {
	m := e.message
	switch {
	case e.settle == nil || !m.Mandatory || e.reply != nil || m.MessageID != id:
		return 0
	case m.Exchange != r.Exchange || m.RoutingKey != r.RoutingKey:
		return sameID
	}
	sent := *m
	if _, ok := sent.Headers[bccHeader]; ok { // the broker removes it
		sent.Headers = maps.Clone(sent.Headers)
		delete(sent.Headers, bccHeader)
	}
	w.scratch = frame.AppendProperties(w.scratch[:0], sent.onWire())
	if !bytes.Equal(w.scratch, frame.Properties(payload)) {
		return sameAddressAndID
	}
	return sameMessage
}
