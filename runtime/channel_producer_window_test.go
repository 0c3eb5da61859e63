package runtime

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// published is m in flight, mandatory.
func published(m Message) inFlight {
	m.Mandatory = true
	return inFlight{message: &m, settle: func(Settlement) {}}
}

// comesBack returns m to w, as the broker would, and returns the message that was found.
func comesBack(w *window, m Message, code uint16) *Message {
	payload := contentHeader(&m)
	found, _ := w.returned(m.MessageID, frame.Return{Exchange: m.Exchange, RoutingKey: m.RoutingKey, Code: code}, payload)
	return found
}

// ids returns the message ids of publishes.
func ids(es []inFlight) []string {
	var ids []string
	for _, e := range es {
		ids = append(ids, e.message.MessageID)
	}
	return ids
}

// codes returns the reply codes of returned publishes, and 0 for others.
func codes(es []inFlight) []uint16 {
	var codes []uint16
	for _, e := range es {
		code := uint16(0)
		if e.reply != nil {
			code = e.reply.Code
		}
		codes = append(codes, code)
	}
	return codes
}

func filled(n int) *window {
	w := newWindow(n)
	for i := range n {
		w.add(published(Message{MessageID: fmt.Sprint(i + 1)}))
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
	w.add(published(Message{MessageID: "11"}))
	if got := ids(w.take(11, true, nil)); !slices.Equal(got, []string{"11"}) {
		t.Errorf("after all that tag 11 gave %v", got)
	}
}

// TestWindowAgainstMap does at random what channels do, and does the same with a map, which is
// obviously right: with few answers, so that the ring grows and some publishes are overtaken.
func TestWindowAgainstMap(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		w, want, last := newWindow(100), map[uint64]string{}, uint64(0)
		for range 5000 {
			switch tag := 1 + random.Uint64N(last+2); {
			case random.IntN(20) > 8:
				last++
				want[last] = fmt.Sprint(last)
				w.add(published(Message{MessageID: want[last]}))
			case random.IntN(3) == 0 && w.find(last).settle != nil:
				w.undo()
				delete(want, last)
				last--
			case random.IntN(500) == 0:
				var all []uint64
				for old := range want {
					if old <= tag {
						all = append(all, old)
					}
				}
				slices.Sort(all)
				for i, e := range w.take(tag, true, nil) {
					if i >= len(all) || e.message.MessageID != want[all[i]] {
						t.Fatalf("seed %d: take all up to %d gave %s as number %d", seed, tag, e.message.MessageID, i)
					}
				}
				for _, old := range all {
					delete(want, old)
				}
			default:
				got := w.take(tag, false, nil)
				if id, ok := want[tag]; ok != (len(got) == 1) || ok && got[0].message.MessageID != id {
					t.Fatalf("seed %d: take %d gave %v, want %q", seed, tag, ids(got), id)
				}
				delete(want, tag)
			}
		}
		var left []uint64
		w.tags(func(tag uint64) bool {
			left = append(left, tag)
			return true
		})
		if !slices.IsSorted(left) || len(left) != len(want) {
			t.Errorf("seed %d: %d are left, want %d", seed, len(left), len(want))
		}
		if len(w.recent) > 256 {
			t.Errorf("seed %d: the ring has grown to %d", seed, len(w.recent))
		}
	}
}

func TestWindowUndo(t *testing.T) {
	w := filled(1)
	w.take(1, true, nil)
	w.add(published(Message{MessageID: "not written"}))
	w.undo()
	w.add(published(Message{MessageID: "written"}))
	if got := ids(w.take(2, true, nil)); !slices.Equal(got, []string{"written"}) {
		t.Errorf("got %v", got)
	}
}

// TestWindowReturned checks that a returned message is found by its id, its address and its
// properties, the oldest first if all are equal, and never one that was not mandatory.
func TestWindowReturned(t *testing.T) {
	w := newWindow(10)
	here := Message{MessageID: "same", Exchange: "x", RoutingKey: "k", Persistent: true}
	elsewhere, other, marked, copied := here, here, here, here
	elsewhere.Exchange = "y"
	other.RoutingKey = "other"
	marked.Headers = Headers{"region": "eu", "copy": []any{"a", int32(1)}}
	copied.Headers = Headers{bccHeader: []string{"z"}}
	for _, m := range []Message{other, elsewhere, here, marked, here, copied, marked} {
		w.add(published(m))
	}
	optional := here
	w.add(inFlight{message: &optional, settle: func(Settlement) {}})
	w.add(published(here))

	another := here
	another.MessageID = "another"
	if comesBack(&w, another, 1) != nil {
		t.Error("a message was found that nobody has published")
	}
	for i, m := range []Message{here, marked, here, here, marked, here} { // the 4th is copied, without its header
		if found := comesBack(&w, m, uint16(2+i)); found == nil || i != 3 && len(found.Headers) != len(m.Headers) {
			t.Errorf("number %d came back as %v", i, found)
		}
	}
	if got, want := codes(w.takeAll()), []uint16{0, 0, 2, 3, 4, 5, 6, 0, 7}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWindowReturnedChanged returns messages that something on the way has changed.
func TestWindowReturnedChanged(t *testing.T) {
	w := newWindow(4)
	for range 2 {
		w.add(published(Message{MessageID: "same", Exchange: "y"}))
		w.add(published(Message{MessageID: "same", Exchange: "x"}))
	}
	comesBack(&w, Message{MessageID: "same", Exchange: "x", Headers: Headers{"added": true}}, 312)
	comesBack(&w, Message{MessageID: "same", Exchange: "z"}, 313)
	if got, want := codes(w.takeAll()), []uint16{313, 312, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestWindowReturnedOfOneLeftBehind uses a peer that reads late: meanwhile more have been published
// than the ring has room for, because overdue publishes have no slot. The oldest comes back first.
func TestWindowReturnedOfOneLeftBehind(t *testing.T) {
	w := newWindow(1)
	const n = 3 * smallestRing
	for i := range n {
		w.add(published(Message{MessageID: fmt.Sprint(i)}))
	}
	for _, i := range []int{0, 1, smallestRing, n - 1} {
		if m := comesBack(&w, Message{MessageID: fmt.Sprint(i)}, 312); m == nil {
			t.Errorf("number %d was not found", i)
		}
	}
	for i, code := range codes(w.takeAll()) {
		if want := i <= 1 || i == smallestRing || i == n-1; want != (code == 312) {
			t.Errorf("number %d came back with %d", i, code)
		}
	}
}

// TestWindowReturnsAreCheap counts how many publishes are compared when every second one of many
// comes back: each a limited number of times, whatever the window.
func TestWindowReturnsAreCheap(t *testing.T) {
	const n = 4096
	w := newWindow(n)
	for i := range n {
		w.add(published(Message{MessageID: fmt.Sprint(i)}))
	}
	for i := 1; i < n; i += 2 {
		comesBack(&w, Message{MessageID: fmt.Sprint(i)}, 312)
		if w.returnedUpTo != uint64(i+1) {
			t.Fatalf("after %d came back the search goes on behind %d", i, w.returnedUpTo)
		}
	}
}
