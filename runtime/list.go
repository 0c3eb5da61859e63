package runtime

// list is a doubly linked list whose elements are fields of its members, so that adding a member
// allocates nothing. The zero list is empty and ready for use. The caller guards it.
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

// push adds a member at the end.
func (l *list[T]) push(e *element[T], member *T) { l.insert(e, member, l.last) }

// insert adds a member behind another one, or at the front if previous is nil.
func (l *list[T]) insert(e *element[T], member *T, previous *element[T]) {
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

// pop removes the first member and returns it, or nil if there is none.
func (l *list[T]) pop() *T {
	if l.first == nil {
		return nil
	}
	member := l.first.member
	l.remove(l.first)
	return member
}

// remove removes a member, which must be in l.
func (l *list[T]) remove(e *element[T]) {
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
func (l *list[T]) prepend(other *list[T]) {
	for e := other.last; e != nil; e = other.last {
		member := e.member
		other.remove(e)
		l.insert(e, member, nil)
	}
}
