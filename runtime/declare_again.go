package runtime

import "time"

// A producer's exchanges, queues and bindings may be deleted under it. The broker tells of
// that when it refuses a publish, or returns it: then the link forgets that it has declared them,
// so that whoever publishes next declares them again first.

// declareAgainInterval is how often messages that come back may lead to declarations: they may
// come back for another reason, as long as they are published.
const declareAgainInterval = time.Second

// declareAgain has what declares an exchange made again, and says whether anything does.
func (l *link) declareAgain(exchange string) bool {
	return l.forgetIf(func(d *Declarations) bool { return d.declares(exchange) })
}

// declareAgain has what declares an exchange made again on the line's present link.
func (l *line) declareAgain(exchange string) bool {
	link, _, _ := l.look()
	return link != nil && link.declareAgain(exchange)
}

// declareAgainFor has what leads to the queues of an address made again.
func (l *link) declareAgainFor(to address) {
	now, last := time.Now().UnixNano(), l.cameBack.Load()
	if now-last < int64(declareAgainInterval) || !l.cameBack.CompareAndSwap(last, now) {
		return
	}
	l.forgetIf(func(d *Declarations) bool { return d.leadsTo(to) })
}

func (l *link) forgetIf(match func(*Declarations) bool) (found bool) {
	return l.declared.lose(func(d *Declarations) bool { return d.Mode == Declare && match(d) })
}

func (d *Declarations) declares(exchange string) bool {
	for _, e := range d.Exchanges {
		if e.Name == exchange {
			return true
		}
	}
	return false
}

func (d *Declarations) declaresQueue(queue string) bool {
	for _, q := range d.Queues {
		if q.Name == queue {
			return true
		}
	}
	return false
}

// leadsTo says whether a message that is published to an address may come into one of d's
// queues.
func (d *Declarations) leadsTo(to address) bool {
	if to.exchange == "" {
		return d.declaresQueue(to.routingKey)
	}
	for _, b := range d.Bindings {
		if b.Exchange == to.exchange {
			return true
		}
	}
	return false
}
