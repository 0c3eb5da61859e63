package runtime

import (
	"errors"
	"testing"
)

// told returns what an applicant has been told, and whether it has been.
func told(a *applicant) (err error, ok bool) {
	select {
	case err := <-a.told:
		return err, true
	default:
		return nil, false
	}
}

// hasSeat says whether an applicant has been given a seat.
func hasSeat(a *applicant) bool {
	err, ok := told(a)
	return ok && err == nil
}

// taken says whether take has given a seat.
func taken(seated, _ bool) bool { return seated }

func TestSeatsAreGivenInOrder(t *testing.T) {
	s := seats{free: 2}
	here, there := address{routingKey: "here"}, address{routingKey: "there"}
	if !taken(s.take(here)) || !taken(s.take(there)) || taken(s.take(here)) {
		t.Fatal("two seats were not two seats")
	}
	first, second, third := s.wait(here), s.wait(there), s.wait(here)
	s.answered(here, false)
	if taken(s.take(there)) {
		t.Error("somebody got a seat whom others waited before")
	}
	s.handOut()
	if !hasSeat(first) || hasSeat(second) {
		t.Error("the first did not get the first seat")
	}
	s.withdraw(second)
	s.notWritten(there, false)
	s.handOut()
	if !hasSeat(third) || s.free != 0 {
		t.Error("a seat was not passed on")
	}
}

// TestSeatsOfAnAddressThatDoesNotConfirm fills a window with publishes whose confirms do not
// come: others get their seats, and to that address one at a time tries.
func TestSeatsOfAnAddressThatDoesNotConfirm(t *testing.T) {
	s := seats{free: 2}
	stuck, good := address{routingKey: "stuck"}, address{routingKey: "good"}
	s.take(stuck)
	s.take(stuck)
	waiting := []*applicant{s.wait(stuck), s.wait(stuck), s.wait(good), s.wait(stuck)}
	s.overdue(stuck, false)
	s.overdue(stuck, false)
	s.handOut()
	for i, want := range []bool{true, false, true, false} {
		if hasSeat(waiting[i]) != want {
			t.Errorf("number %d has a seat: %v", i, !want)
		}
	}
	s.answered(good, false)
	s.handOut()
	if taken(s.take(stuck)) || !taken(s.take(good)) {
		t.Error("the free seat is not for the address that confirms")
	}
	s.answered(good, false)
	s.notWritten(stuck, true) // the one that tried
	s.handOut()
	if !hasSeat(waiting[1]) {
		t.Error("the next did not try")
	}
	s.free--
	if s.overdue(stuck, false); hasSeat(waiting[3]) { // an older one: it was no try
		t.Error("two try at a time")
	}
	s.overdue(stuck, true)
	s.handOut()
	if !hasSeat(waiting[3]) {
		t.Error("the last did not try")
	}
	s.answered(stuck, true)
	if s.handOut(); len(s.lanes) != 0 {
		t.Error("the address still has a lane after an answer")
	}
}

func TestSeatsLaneEnds(t *testing.T) {
	s := seats{free: 1}
	s.take(address{})
	s.overdue(address{}, false)
	for range quietLooks {
		s.look()
	}
	if len(s.lanes) != 1 {
		t.Error("the lane ended early")
	}
	if s.look(); len(s.lanes) != 0 {
		t.Error("the lane does not end")
	}
	for i := range maxLanes + 10 {
		s.take(address{routingKey: string(rune(i))})
		s.overdue(address{routingKey: string(rune(i))}, false)
	}
	if len(s.lanes) != maxLanes || s.free != 1 {
		t.Errorf("%d lanes and %d seats, want %d and 1", len(s.lanes), s.free, maxLanes)
	}
}

func TestSeatsDismiss(t *testing.T) {
	s := seats{}
	s.overdue(address{}, false)
	s.take(address{})
	waiting := []*applicant{s.wait(address{routingKey: "a"}), s.wait(address{})}
	s.dismiss(errBlocked)
	for i, a := range waiting {
		if err, ok := told(a); !ok || !errors.Is(err, errBlocked) {
			t.Errorf("number %d was told %v", i, err)
		}
	}
}

// TestSeatThatComesTooLate gives a seat to a publish whose time is over: it is passed on.
func TestSeatThatComesTooLate(t *testing.T) {
	s := seats{free: 1}
	s.take(address{})
	first, second := s.wait(address{}), s.wait(address{})
	s.answered(address{}, false)
	s.handOut()
	s.withdraw(first)
	s.handOut()
	if !hasSeat(second) || s.free != 0 {
		t.Error("the seat is lost")
	}
}
