package runtime

import (
	"fmt"
	"slices"
	"testing"
)

// ids returns the message ids of publishes.
func ids(es []inFlight) []string {
	var ids []string
	for _, e := range es {
		ids = append(ids, e.messageID)
	}
	return ids
}

func filled(n int) *window {
	w := newWindow(n)
	for i := range n {
		w.add(inFlight{messageID: fmt.Sprint(i + 1), mandatory: true})
	}
	return &w
}

func TestWindowTake(t *testing.T) {
	w := filled(10)
	steps := []struct {
		tag      uint64
		multiple bool
		want     []string
	}{
		{3, false, []string{"3"}},
		{3, false, nil}, // twice
		{4, true, []string{"1", "2", "4"}},
		{4, true, nil},
		{0, true, nil},
		{9, false, []string{"9"}},
		{99, false, nil}, // never sent
		{99, true, []string{"5", "6", "7", "8", "10"}},
	}
	for _, step := range steps {
		if got := ids(w.take(step.tag, step.multiple, nil)); !slices.Equal(got, step.want) {
			t.Errorf("take(%d, %v) gave %v, want %v", step.tag, step.multiple, got, step.want)
		}
	}
	w.add(inFlight{messageID: "11"})
	if got := ids(w.take(11, true, nil)); !slices.Equal(got, []string{"11"}) {
		t.Errorf("after all that tag 11 gave %v", got)
	}
}

func TestWindowFirst(t *testing.T) {
	w := filled(3)
	for _, step := range []struct{ take, want uint64 }{{2, 1}, {1, 3}, {3, 0}} {
		w.take(step.take, false, nil)
		if got := w.first(); got != step.want {
			t.Errorf("after %d was taken the first is %d, want %d", step.take, got, step.want)
		}
	}
}

func TestWindowUndo(t *testing.T) {
	w := filled(1)
	w.take(1, true, nil)
	w.add(inFlight{messageID: "not written"})
	w.undo()
	w.add(inFlight{messageID: "written"})
	if got := ids(w.take(2, true, nil)); !slices.Equal(got, []string{"written"}) {
		t.Errorf("got %v", got)
	}
}

// TestWindowReturned checks that a message that came back is found by its id and its
// address, the oldest first where both repeat, and never one that was not mandatory.
func TestWindowReturned(t *testing.T) {
	w := newWindow(6)
	for _, e := range []inFlight{
		{exchange: "x", routingKey: "other", mandatory: true},
		{exchange: "other", routingKey: "k", mandatory: true},
		{exchange: "x", routingKey: "k", mandatory: true},
		{exchange: "x", routingKey: "k"},
		{exchange: "x", routingKey: "k", mandatory: true},
		{exchange: "x", routingKey: "k", mandatory: true},
	} {
		e.messageID = "same"
		w.add(e)
	}
	for code, id := range []string{"another", "same", "same"} {
		w.returned(id, basicReturn{exchange: "x", routingKey: "k", reply: Reply{Code: uint16(code)}})
	}
	var codes []uint16
	for _, e := range w.take(6, true, nil) {
		codes = append(codes, e.reply.Code)
	}
	if want := []uint16{0, 0, 1, 0, 2, 0}; !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}

// TestWindowReturnedElsewhere has a message come back from an address that nothing was
// published to.
func TestWindowReturnedElsewhere(t *testing.T) {
	w := newWindow(2)
	for range 2 {
		w.add(inFlight{messageID: "same", exchange: "x", mandatory: true})
	}
	w.returned("same", basicReturn{exchange: "y", reply: Reply{Code: 312}})
	if es := w.take(2, true, nil); es[0].reply.Code != 312 || es[1].reply.Code != 0 {
		t.Errorf("got %v, want the first to have come back", es)
	}
}
