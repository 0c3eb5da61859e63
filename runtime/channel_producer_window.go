package runtime

// window holds the publishes of one channel that have been written and not
// answered, by their tag: the number of the publish on its channel, counted from 1.
type window struct {
	last    uint64 // the youngest tag
	oldest  uint64 // no publish with a smaller tag is in flight
	waiting map[uint64]inFlight
}

// inFlight is one publish that waits for its confirm.
type inFlight struct {
	settle     func(Settlement)
	exchange   string
	routingKey string
	messageID  string
	mandatory  bool
	reply      Reply // of basic.return; its code is 0 while the message has not come back
}

func newWindow(size int) window {
	return window{oldest: 1, waiting: make(map[uint64]inFlight, size)}
}

// add enters a publish with the next tag.
func (w *window) add(e inFlight) {
	w.last++
	w.waiting[w.last] = e
}

// undo takes the youngest publish out, which was not written after all.
func (w *window) undo() {
	delete(w.waiting, w.last)
	w.last--
	w.oldest = min(w.oldest, w.last+1)
}

// take removes the publishes that the broker has answered, tag itself or all up to
// it, and appends them to dst in their order.
func (w *window) take(tag uint64, multiple bool, dst []inFlight) []inFlight {
	if !multiple {
		return w.takeOne(tag, dst)
	}
	for tag = min(tag, w.last); w.oldest <= tag; w.oldest++ {
		dst = w.takeOne(w.oldest, dst)
	}
	return dst
}

func (w *window) takeOne(tag uint64, dst []inFlight) []inFlight {
	e, ok := w.waiting[tag]
	if !ok {
		return dst
	}
	delete(w.waiting, tag)
	return append(dst, e)
}

// returned notes that a message has come back. basic.return carries no tag, so the
// message id and the address say which one it is; where all repeat, the broker returns
// messages in the order in which they were written. An address that fits none counts
// less than the id: a publish must not pass for delivered because something on the way
// has changed it.
func (w *window) returned(messageID string, c basicReturn) {
	found, exact := uint64(0), false
	for tag, e := range w.waiting {
		if !e.mandatory || e.reply.Code != 0 || e.messageID != messageID {
			continue
		}
		fits := e.exchange == c.exchange && e.routingKey == c.routingKey
		if found == 0 || fits && !exact || fits == exact && tag < found {
			found, exact = tag, fits
		}
	}
	if found != 0 {
		e := w.waiting[found]
		e.reply = c.reply
		w.waiting[found] = e
	}
}

// first returns the oldest tag that is in flight, or 0.
func (w *window) first() uint64 {
	if len(w.waiting) == 0 {
		return 0
	}
	for ; w.oldest <= w.last; w.oldest++ {
		if _, ok := w.waiting[w.oldest]; ok {
			break
		}
	}
	return w.oldest
}
