package runtime

// list is a doubly linked list whose elements are fields of its members, so that adding a member
// allocates nothing. The zero list is empty and ready for use. The caller guards it.
//
// It has functions, not methods: the methods of a generic type are compiled again in each package
// that names a type with such a field, and each generated package names Producer.
type list[T any] struct {
	first, last *element[T]
	len         int
}

// element is a member's position in a list. A member is in one list at a time.
type element[T any] struct {
	member         *T
	list           *list[T] // nil while the member is in no list
	previous, next *element[T]
}

// push adds a member at the end of l.
func push[T any](l *list[T], e *element[T], member *T) { insert(l, e, member, l.last) }

// insert adds a member to l, behind another one, or at the front if previous is nil.
func insert[T any](l *list[T], e *element[T], member *T, previous *element[T]) {
	e.member, e.list, e.previous = member, l, previous
	if previous == nil {
		e.next, l.first = l.first, e
	} else {
		e.next, previous.next = previous.next, e
	}
	if e.next == nil {
		l.last = e
	} else {
		e.next.previous = e
	}
	l.len++
}

// pop removes the first member of l and returns it, or nil if there is none.
func pop[T any](l *list[T]) *T {
	if l.first == nil {
		return nil
	}
	member := l.first.member
	remove(l, l.first)
	return member
}

// remove removes a member, which must be in l.
func remove[T any](l *list[T], e *element[T]) {
	if e.previous == nil {
		l.first = e.next
	} else {
		e.previous.next = e.next
	}
	if e.next == nil {
		l.last = e.previous
	} else {
		e.next.previous = e.previous
	}
	*e = element[T]{}
	l.len--
}

// prepend moves the members of other to the front of l and keeps their order.
func prepend[T any](l *list[T], other *list[T]) {
	for e := other.last; e != nil; e = other.last {
		member := e.member
		remove(other, e)
		insert(l, e, member, nil)
	}
}
