package payload

import "unsafe"

// An Optional is a member that may be absent and may be null. The zero value is absent.
//
// It has no method Equal, as only T knows which of its values are equal: a time is equal to itself in another zone. Where
// T is compared with ==, so are Optionals. Package go-cmp compares them with cmp.AllowUnexported(payload.Optional[T]{}),
// and the values as it compares every T.
type Optional[T any] struct {
	value T
	state state
}

type state uint8

const (
	absent state = iota
	null
	present
)

// Some returns an Optional with the value v.
func Some[T any](v T) Optional[T] { return Optional[T]{value: v, state: present} }

// Null returns an Optional that is null.
func Null[T any]() Optional[T] { return Optional[T]{state: null} }

// Get returns the value. It is false when the member is absent or null.
func (o Optional[T]) Get() (T, bool) { return o.value, o.state == present }

// Or returns the value, or other when the member is absent or null.
func (o Optional[T]) Or(other T) T {
	if o.state == present {
		return o.value
	}
	return other
}

// IsNull reports whether the member is there and null.
func (o Optional[T]) IsNull() bool { return o.state == null }

// IsZero reports whether the member is absent, so that omitzero of encoding/json leaves it out.
func (o Optional[T]) IsZero() bool { return o.state == absent }

func readOptional(p *program, d *decoder, at unsafe.Pointer) {
	if d.Null() {
		*(*state)(unsafe.Add(at, p.state)) = null
		return
	}
	*(*state)(unsafe.Add(at, p.state)) = present
	p.item.read(p.item, d, at)
}

func writeOptional(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	if *(*state)(unsafe.Add(at, p.state)) == present {
		return p.item.write(p.item, dst, at)
	}
	return append(dst, "null"...), nil
}

func checkOptional(p *program, r *report, at unsafe.Pointer) {
	if *(*state)(unsafe.Add(at, p.state)) == present {
		p.item.check(p.item, r, at)
	}
}
