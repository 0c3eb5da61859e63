package runtime

import (
	"slices"

	amqp "github.com/rabbitmq/amqp091-go"
)

// window holds the publishes of one channel that have been written and not
// answered, in the order in which they were written.
type window struct {
	entries []inFlight // entries[head:] are waiting
	head    int
	early   []returned // came back before their publish was added
}

// returned is a message that has come back.
type returned struct {
	messageID string
	reply     Reply
}

// inFlight is one publish that waits for its confirm.
type inFlight struct {
	confirm   *amqp.DeferredConfirmation
	settle    func(Settlement)
	messageID string
	exchange  string
	mandatory bool
	reply     Reply // of basic.return; its code is 0 while the message has not come back
}

// add appends e. What waits is moved to the slice's beginning before that grows.
func (w *window) add(e inFlight) {
	if len(w.entries) == cap(w.entries) && w.head > 0 {
		n := copy(w.entries, w.entries[w.head:])
		clear(w.entries[n:])
		w.entries, w.head = w.entries[:n], 0
	}
	for i, r := range w.early {
		if r.messageID == e.messageID && e.mandatory {
			e.reply = r.reply
			w.early = slices.Delete(w.early, i, i+1)
			break
		}
	}
	w.entries = append(w.entries, e)
}

func (w *window) len() int { return len(w.entries) - w.head }

// first returns the confirm of the oldest publish, or nil if there is none.
func (w *window) first() *amqp.DeferredConfirmation {
	if w.len() == 0 {
		return nil
	}
	return w.entries[w.head].confirm
}

// confirmed returns the index of the oldest publish whose confirm has come, or -1.
// It looks no further than the oldest of all unless deep is true.
func (w *window) confirmed(deep bool) int {
	for i := w.head; i < len(w.entries); i++ {
		if isConfirmed(w.entries[i].confirm) {
			return i
		}
		if !deep {
			break
		}
	}
	return -1
}

// remove removes and returns entry i and keeps the order of the others.
func (w *window) remove(i int) inFlight {
	taken := w.entries[i]
	copy(w.entries[w.head+1:i+1], w.entries[w.head:i])
	w.entries[w.head] = inFlight{}
	w.head++
	if w.head == len(w.entries) {
		w.entries, w.head = w.entries[:0], 0
	}
	return taken
}

// match notes that a message has come back. basic.return carries no tag, so the
// message id says which one it is; where ids repeat, the broker returns messages in
// the order in which they were written. The broker can be quicker than the goroutine
// that published and is about to add its publish.
func (w *window) match(r returned) {
	for i := w.head; i < len(w.entries); i++ {
		e := &w.entries[i]
		if e.messageID == r.messageID && e.mandatory && e.reply.Code == 0 {
			e.reply = r.reply
			return
		}
	}
	w.early = append(w.early, r)
}

func isConfirmed(confirm *amqp.DeferredConfirmation) bool { return isClosed(confirm.Done()) }
