package runtime

import (
	"slices"
	"sync"
)

// unanswered is the deliveries of a channel that have no answer yet, in the order of
// their tags. The broker closes a channel on which a delivery is answered twice.
type unanswered struct {
	mu   sync.Mutex
	tags []uint64
}

// add takes a delivery in. Tags rise.
func (u *unanswered) add(tag uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tags = append(u.tags, tag)
}

// take takes a delivery out, and all before it if multiple. It returns ErrAnswered,
// and takes none, if the delivery is not there.
func (u *unanswered) take(tag uint64, multiple bool) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	at, found := slices.BinarySearch(u.tags, tag)
	if !found {
		return ErrAnswered
	}
	from := at
	if multiple {
		from = 0
	}
	u.tags = slices.Delete(u.tags, from, at+1)
	return nil
}
