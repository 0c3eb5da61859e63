package runtime

import "slices"

// unanswered is the deliveries of a channel that have no answer yet, in the order of
// their tags. The broker closes a channel on which a delivery is answered twice.
type unanswered []uint64

// add takes a delivery in. Tags rise.
func (u *unanswered) add(tag uint64) { *u = append(*u, tag) }

// take takes a delivery out, and all before it if multiple. It returns ErrAnswered,
// and takes none, if the delivery is not there.
func (u *unanswered) take(tag uint64, multiple bool) error {
	at, found := slices.BinarySearch(*u, tag)
	if !found {
		return ErrAnswered
	}
	from := at
	if multiple {
		from = 0
	}
	*u = slices.Delete(*u, from, at+1)
	return nil
}
