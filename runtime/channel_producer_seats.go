package runtime

import (
	"context"
	"sync"
)

// seats lets publishes into the window of a channel, first come, first served. A publish
// has a seat from before it is written until the broker has answered it.
//
// A confirm that does not come must not cost the others their seats: a publish that is
// overdue gives its seat back and is still waited for. The address that it went to has a
// lane then, which lets one publish at a time try whether the broker confirms again. The
// first answer for the address ends its lane.
//
// The channel's lock guards seats.
type seats struct {
	free    int
	waiting applicants
	lanes   map[address]*lane
}

// address is where a message is published to.
type address struct{ exchange, routingKey string }

func addressOf(m *Message) address { return address{m.Exchange, m.RoutingKey} }

// lane holds the publishes to one address back while its confirms are overdue.
type lane struct {
	trying  bool // one publish has a seat
	waiting applicants
	quiet   int // looks in a row that found nothing to hold back
}

const (
	// maxLanes bounds the addresses that are held back.
	maxLanes = 1024

	// quietLooks is after how many looks a lane goes that nobody has needed.
	quietLooks = 120
)

// take takes a seat for a publish to an address, if there is one and nobody has waited
// for it longer. It returns whether that is a try in a lane.
func (s *seats) take(to address) (seated, try bool) {
	lane := s.lane(to)
	if s.free == 0 || s.waiting.n > 0 || lane != nil && lane.trying {
		return false, false
	}
	s.free--
	if lane != nil {
		lane.trying = true
	}
	return true, lane != nil
}

// lane returns the lane of an address, or nil if it has none.
func (s *seats) lane(to address) *lane {
	if len(s.lanes) == 0 {
		return nil
	}
	return s.lanes[to]
}

// wait has a publish wait for a seat, which its applicant will be told of.
func (s *seats) wait(to address) *applicant {
	a := newApplicant(to)
	if lane := s.lane(to); lane != nil && lane.trying {
		lane.waiting.push(a)
	} else {
		s.waiting.push(a)
	}
	return a
}

// withdraw takes back an application. A seat that it has been given meanwhile goes to the next.
func (s *seats) withdraw(a *applicant) {
	if a.list != nil {
		a.list.remove(a)
	} else if <-a.told == nil {
		s.notWritten(a.to, a.try)
	}
}

// answered gives the seat back of a publish that the broker has answered.
func (s *seats) answered(to address, overdue bool) {
	if !overdue {
		s.free++
	}
	if lane := s.lane(to); lane != nil {
		delete(s.lanes, to)
		s.waiting.prepend(&lane.waiting)
	}
}

// notWritten gives the seat back of a publish that was not written after all.
func (s *seats) notWritten(to address, try bool) {
	s.free++
	if try {
		s.resume(s.lane(to))
	}
}

// overdue gives the seat back of a publish whose confirm has not come in time.
func (s *seats) overdue(to address, try bool) {
	s.free++
	switch here := s.lane(to); {
	case try:
		s.resume(here)
	case here == nil && len(s.lanes) < maxLanes:
		if s.lanes == nil {
			s.lanes = make(map[address]*lane)
		}
		s.lanes[to] = &lane{}
	}
}

// resume lets the next publish of a lane try.
func (s *seats) resume(lane *lane) {
	if lane == nil {
		return
	}
	lane.trying, lane.quiet = false, 0
	if next := lane.waiting.pop(); next != nil {
		s.waiting.push(next)
	}
}

// look ends the lanes that nobody has needed for long.
func (s *seats) look() {
	for to, lane := range s.lanes {
		if lane.quiet++; lane.quiet > quietLooks && !lane.trying && lane.waiting.n == 0 {
			delete(s.lanes, to)
		}
	}
}

// handOut gives the free seats to those who wait.
func (s *seats) handOut() {
	for s.free > 0 {
		next := s.waiting.pop()
		if next == nil {
			return
		}
		if lane := s.lane(next.to); lane != nil {
			if lane.trying {
				lane.waiting.push(next)
				continue
			}
			lane.trying, next.try = true, true
		}
		s.free--
		next.told <- nil
	}
}

// dismiss tells everybody who waits that there will be no seat, because of err.
func (s *seats) dismiss(err error) {
	s.waiting.dismiss(err)
	for _, lane := range s.lanes {
		lane.waiting.dismiss(err)
	}
}

// applicant waits for a seat.
type applicant struct {
	to   address
	told chan error // nil: it has a seat
	try  bool       // which is a try in a lane

	list          *applicants // nil once it has been told
	before, after *applicant
}

var idleApplicants = sync.Pool{New: func() any { return &applicant{told: make(chan error, 1)} }}

func newApplicant(to address) *applicant {
	a := idleApplicants.Get().(*applicant)
	a.to = to
	return a
}

// done lets another publish use the applicant, which is in no list and has been told
// nothing that it does not know.
func (a *applicant) done() {
	a.to, a.try = address{}, false
	idleApplicants.Put(a)
}

// wait returns what the applicant is told, or why ctx has ended. In the second case it may
// be told something all the same.
func (a *applicant) wait(ctx context.Context) (told bool, err error) {
	select {
	case err := <-a.told:
		return true, err
	case <-ctx.Done():
		return false, cause(ctx)
	}
}

// applicants is a list of those who wait, the first first.
type applicants struct {
	first, last *applicant
	n           int
}

func (l *applicants) push(a *applicant) {
	a.list, a.before, a.after = l, l.last, nil
	if l.last == nil {
		l.first = a
	} else {
		l.last.after = a
	}
	l.last = a
	l.n++
}

func (l *applicants) pop() *applicant {
	a := l.first
	if a != nil {
		l.remove(a)
	}
	return a
}

func (l *applicants) remove(a *applicant) {
	if a.before == nil {
		l.first = a.after
	} else {
		a.before.after = a.after
	}
	if a.after == nil {
		l.last = a.before
	} else {
		a.after.before = a.before
	}
	a.list, a.before, a.after = nil, nil, nil
	l.n--
}

// prepend moves all of other's to the front.
func (l *applicants) prepend(other *applicants) {
	for a := other.last; a != nil; a = other.last {
		other.remove(a)
		a.list, a.after = l, l.first
		if l.first == nil {
			l.last = a
		} else {
			l.first.before = a
		}
		l.first = a
		l.n++
	}
}

func (l *applicants) dismiss(err error) {
	for a := l.pop(); a != nil; a = l.pop() {
		a.told <- err
	}
}
