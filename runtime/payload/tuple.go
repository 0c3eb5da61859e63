package payload

import (
	"strconv"
	"unsafe"
)

// A tuple is an array with a type for each place: a struct in Go, with a field for each place and perhaps a list of the items
// behind them.

// EndArray ends an array whose items were appended from start on, each with a comma in front: it puts the bracket in place of
// the first comma.
func EndArray(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, '[', ']')
	}
	dst[start] = '['
	return append(dst, ']')
}

// items returns how many items a tuple is written with: those up to the last that must be or is there.
func (f *fields) items(at unsafe.Pointer) int {
	if f.rest != nil {
		if rest := (*sliceHeader)(unsafe.Add(at, f.restAt)); rest.len > 0 {
			return len(f.members) + rest.len
		}
	}
	n := len(f.members)
	for n > 0 && f.members[n-1].value(at) == nil {
		n--
	}
	return n
}

func readTuple(p *program, d *Decoder, at unsafe.Pointer) {
	f := p.fields
	array := d.Array()
	for d.More(&array) {
		switch i := array.count - 1; {
		case i < len(f.members):
			m := &f.members[i]
			if field := unsafe.Add(at, m.offset); m.presence == byPointer {
				m.readBehind(d, field)
			} else {
				m.read(m.program, d, field)
			}
		case f.rest != nil:
			readItem(f.rest, d, &array, unsafe.Add(at, f.restAt))
		case f.closed:
			d.RefuseItem()
		default:
			d.Skip() // maxItems refuses it
		}
	}
	d.CheckArray(&array, p.array)
}

// RefuseItem reports an item after those of a tuple, where none is allowed, and skips it.
func (d *Decoder) RefuseItem() {
	d.Violate(d.pos, "additionalItems", "is not an item that the schema allows")
	d.any()
}

// writeTuple writes null for an item that is absent where another one follows: Validate has something to say about that.
func writeTuple(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	f, start := p.fields, len(dst)
	var err error
	for i := range min(f.items(at), len(f.members)) {
		m := &f.members[i]
		value := m.value(at)
		if value == nil {
			dst = append(dst, ",null"...)
			continue
		}
		if dst, err = m.write(m.program, append(dst, ','), value); err != nil {
			return dst, Under(strconv.Itoa(i), err)
		}
	}
	if f.rest != nil {
		if dst, err = writeItems(f.rest, dst, (*sliceHeader)(unsafe.Add(at, f.restAt)), len(f.members)); err != nil {
			return dst, err
		}
	}
	return EndArray(dst, start), nil
}

func checkTuple(p *program, r *Report, at unsafe.Pointer) {
	f := p.fields
	items := f.items(at)
	p.array.Check(r, items)
	for i := range f.members {
		m := &f.members[i]
		mark := len(r.found.List)
		switch value := m.value(at); {
		case value == nil && i < items:
			r.Add("items", "is absent, but not the items behind it")
		case value != nil && m.check != nil:
			r.depth++
			m.check(m.program, r, value)
			r.depth--
		}
		if len(r.found.List) > mark {
			r.under(mark, strconv.Itoa(i))
		}
	}
	if f.rest != nil {
		checkItems(f.rest, r, (*sliceHeader)(unsafe.Add(at, f.restAt)), len(f.members))
	}
}
