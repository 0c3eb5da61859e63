package payload

import (
	"reflect"
	"strconv"
	"unsafe"
)

// A listType is how a slice of a Go type grows.
type listType struct {
	size  uintptr // of an item
	make  func(l *listType, at unsafe.Pointer, n int)
	grow  func(l *listType, at unsafe.Pointer, n int)
	typ   reflect.Type // of the slice, where the functions do not know it
	array reflect.Type // of as many items as a new list has room for
}

// A sliceHeader is what a slice is in memory.
type sliceHeader struct {
	items    unsafe.Pointer
	len, cap int
}

// item returns the address of the item with the index i, which the slice has room for.
func (s *sliceHeader) item(i int, size uintptr) unsafe.Pointer {
	return unsafe.Add(s.items, uintptr(i)*size)
}

// listOf makes p the program of a list.
func (c compiler) listOf(p *program, item *Value) {
	p.read, p.write, p.check = readList, writeList, checkList
	p.list = &listType{size: p.typ.Elem().Size(), make: makeList, grow: growList, typ: p.typ, array: reflect.ArrayOf(fewItems, p.typ.Elem())}
	p.item = c.value(item, p.typ.Elem())
	if known := byType[p.typ.Elem()]; known != NoScalar {
		p.list = scalars[known].list
	}
	p.onlyRuled = c.checksNothing(p.item)
}

// makeList makes a list with room for fewItems.
func makeList(l *listType, at unsafe.Pointer, _ int) {
	*(*sliceHeader)(at) = sliceHeader{items: reflect.New(l.array).UnsafePointer(), cap: fewItems}
}

func growList(l *listType, at unsafe.Pointer, n int) { reflect.NewAt(l.typ, at).Elem().Grow(n) }

// nothing is where an empty slice that is not nil points to.
var nothing = unsafe.Pointer(new(struct{})) //nolint:gosec // it has no bytes

func readList(p *program, d *Decoder, at unsafe.Pointer) {
	array := d.Array()
	if array.start < 0 {
		return
	}
	if d.space(); d.peek() != ']' {
		p.list.make(p.list, at, fewItems)
	} else {
		*(*sliceHeader)(at) = sliceHeader{items: nothing}
	}
	for d.More(&array) {
		readItem(p, d, &array, at)
	}
	d.CheckArray(&array, p.array)
}

// readItem reads an item of an array and adds it to a list.
func readItem(p *program, d *Decoder, array *Array, at unsafe.Pointer) {
	list := (*sliceHeader)(at)
	if list.len == list.cap {
		p.list.grow(p.list, at, d.more(array, list.len))
	}
	list.len++
	p.item.read(p.item, d, list.item(list.len-1, p.list.size)) // which is zero
}

func writeList(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	start := len(dst)
	dst, err := writeItems(p, dst, (*sliceHeader)(at), 0)
	return EndArray(dst, start), err
}

// writeItems appends the items of a list, each with a comma in front. The first one has the index first in its array.
func writeItems(p *program, dst []byte, list *sliceHeader, first int) ([]byte, error) {
	item := p.item
	for i := range list.len {
		var err error
		if dst, err = item.write(item, append(dst, ','), list.item(i, p.list.size)); err != nil {
			return dst, Under(strconv.Itoa(first+i), err)
		}
	}
	return dst, nil
}

func checkList(p *program, r *Report, at unsafe.Pointer) {
	list := (*sliceHeader)(at)
	p.array.Check(r, list.len)
	checkItems(p, r, list, 0)
	if p.array != nil && p.array.UniqueItems && list.len > 1 {
		checkUnique(p, r, at)
	}
}

// checkItems checks the items of a list, the first of which has the index first in its array.
func checkItems(p *program, r *Report, list *sliceHeader, first int) {
	item := p.item
	if item.check == nil {
		return
	}
	r.depth++
	for i := range list.len {
		mark := len(r.found.List)
		item.check(item, r, list.item(i, p.list.size))
		if len(r.found.List) > mark {
			r.under(mark, strconv.Itoa(first+i))
		}
	}
	r.depth--
}
