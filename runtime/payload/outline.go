package payload

import (
	"iter"
	"math"
	"slices"
	"unsafe"
)

// An outline says where the values of a JSON text are, for what no Go type expresses. It is made once for a text, takes twenty bytes a
// value, and leads past a value in one step.
type outline struct {
	text  []byte
	parts []part
	sums  []uint64 // of the parts that were asked for, see sum; 0 for the others
}

// A part is a value, or a member's name, which stands before its value.
type part struct {
	start, end uint32 // offsets in the text
	next       uint32 // the index of the part behind it and all that is in it
	count      uint32 // of the items or members in it
	kind       Kind
	plain      bool // a string without escapes
}

// outline returns the outline of the whole text. When that is not JSON further on, the reading ends, as it would there.
func (d *decoder) outline() *outline {
	o := &d.outlined
	if o.text != nil || d.broken {
		return o
	}
	if len(d.data) > math.MaxUint32 {
		d.fail(d.pos, "is longer than 4 GiB")
		return o
	}
	ahead := decoder{data: d.data}
	ahead.space()
	o.text, o.parts = d.data, o.parts[:0]
	o.read(&ahead)
	if ahead.end(); ahead.broken {
		d.stop()
		d.report.add(ahead.report.found.List[0])
	}
	return o
}

// parse returns the outline of text, false when it is not one JSON value.
func parse(text []byte) (*outline, bool) {
	var o outline
	err := unmarshal(text, func(d *decoder) {
		d.Skip() // finds names that are there twice
		o = *d.outline()
		d.outlined = outline{}
	})
	return &o, err == nil
}

// read adds the value that d reads.
func (o *outline) read(d *decoder) {
	at, start := len(o.parts), d.pos
	o.parts = append(o.parts, part{kind: d.Kind()})
	count, plain := 0, false
	switch o.parts[at].kind {
	case StringKind:
		text := d.stringBytes()
		plain = len(text) == d.pos-start-2
	case ArrayKind:
		for a := d.Array(); d.More(&a); count++ {
			o.read(d)
		}
	case ObjectKind:
		for object := d.Object(); d.toMember(&object); object.count++ {
			o.read(d)
			d.colon()
			o.read(d)
			count++
		}
	default:
		d.any()
	}
	p := &o.parts[at]
	p.start, p.end, p.next, p.count, p.plain = uint32(start), uint32(d.pos), uint32(len(o.parts)), uint32(count), plain
}

// at returns the index of the value that begins at an offset.
func (o *outline) at(offset int) int {
	i, _ := slices.BinarySearchFunc(o.parts, offset, func(p part, offset int) int { return int(p.start) - offset })
	return i
}

// items returns the indexes of the items of an array.
func (o *outline) items(array int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		at := array + 1
		for i := range int(o.parts[array].count) {
			if !yield(i, at) {
				return
			}
			at = int(o.parts[at].next)
		}
	}
}

// members returns the indexes of the names of an object's members. The value of a member has the index behind that of its name.
func (o *outline) members(object int) iter.Seq[int] {
	return func(yield func(int) bool) {
		at := object + 1
		for range o.parts[object].count {
			if !yield(at) {
				return
			}
			at = int(o.parts[at+1].next)
		}
	}
}

// member returns the index of the value of the member called name, -1 when there is none.
func (o *outline) member(object int, name string) int {
	for at := range o.members(object) {
		if o.string(at) == name {
			return at + 1
		}
	}
	return -1
}

// string returns the characters of a string, and the text of any other value. It is part of the text, and must not be kept.
func (o *outline) string(at int) string {
	p := &o.parts[at]
	text := o.text[p.start:p.end]
	switch {
	case p.kind != StringKind:
	case p.plain:
		text = text[1 : len(text)-1]
	default:
		d := decoder{data: text}
		text = d.stringBytes()
	}
	return unsafe.String(unsafe.SliceData(text), len(text)) //nolint:gosec // nothing writes there while it is used
}

// empty returns an outline of nothing that keeps the memory, unless that is much.
func (o *outline) empty() outline {
	const most = 1024
	if cap(o.parts) > most {
		return outline{}
	}
	return outline{parts: o.parts[:0]}
}

// length returns how many bytes a value has.
func (o *outline) length(at int) int { return int(o.parts[at].end - o.parts[at].start) }
