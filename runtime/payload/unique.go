package payload

import (
	"hash/maphash"
	"math"
	"strconv"
	"unsafe"
)

// Items that are equal as JSON are found with a table of those before them, in one of three ways: integers and strings of Go are compared as they
// are; scalars in a text byte by byte, where no other text has the same value; and all else by the sums of an outline.

// repeated are the indexes of an item and of one before it that it equals; both are 0 when there are none.
type repeated struct{ first, second int }

func (items repeated) report(r *report) {
	if items.second > 0 {
		r.Add("uniqueItems", "the items "+strconv.Itoa(items.first)+" and "+strconv.Itoa(items.second)+" are equal")
	}
}

// checkUnique reports items of a list that are equal as JSON.
func checkUnique(p *program, r *report, at unsafe.Pointer) {
	switch p.item.scalar {
	case ScalarInt64:
		repeatedValue(*(*[]int64)(at)).report(r)
		return
	case ScalarUint64:
		repeatedValue(*(*[]uint64)(at)).report(r)
		return
	case ScalarString:
		repeatedValue(*(*[]string)(at)).report(r)
		return
	}
	text, ok := r.written("uniqueItems", func(dst []byte) ([]byte, error) { return writeList(p, dst, at) })
	if !ok {
		return
	}
	if found, ok := repeatedText(text, 0, (*sliceHeader)(at).len); ok {
		found.report(r)
	} else if o, ok := parse(text); ok {
		o.repeated(0).report(r)
	}
}

// checkUnique reports items of a that are equal.
func (d *decoder) checkUnique(a *openArray) {
	if d.spend(workStep * a.count); d.broken {
		return
	}
	found, ok := repeatedText(d.data, a.start, a.count)
	if !ok {
		o := d.outline()
		if d.broken {
			return
		}
		found = o.repeated(o.at(a.start))
	}
	found.report(&d.report)
}

// A table has the items of a list that were seen so far, at places that their sums say.
type table []seen

// seen is the item with a number, and where it stands. At 0 is a free place: nothing stands there.
type seen struct{ number, at uint32 }

// tableFor returns a table for n items, in room if that is enough.
func tableFor(n int, room []seen) table {
	size := 2
	for size < 2*n {
		size *= 2
	}
	if size <= len(room) {
		return room[:size]
	}
	return make(table, size)
}

// The places of tables that need no memory of their own: for few items, which most lists have, and for some hundreds.
const (
	fewPlaces  = 32
	somePlaces = 512
)

// add adds the item with a number, or returns the number of one that equals it.
func (t table) add(sum uint64, number, at int, equal func(seen) bool) (before int, found bool) {
	place := int(sum) & (len(t) - 1)
	for t[place].at != 0 {
		if equal(t[place]) {
			return int(t[place].number), true
		}
		place = (place + 1) & (len(t) - 1)
	}
	t[place] = seen{uint32(number), uint32(at)}
	return 0, false
}

// repeatedValue finds the first item of list that equals one before it.
func repeatedValue[T comparable](list []T) repeated {
	const few = 8
	if len(list) <= few {
		for i := range list {
			for j := range i {
				if list[j] == list[i] {
					return repeated{j, i}
				}
			}
		}
		return repeated{}
	}
	var room [somePlaces]seen
	t := tableFor(len(list), room[:])
	for i, item := range list {
		equal := func(s seen) bool { return list[s.number] == item }
		if before, found := t.add(maphash.Comparable(seed, item), i, 1, equal); found {
			return repeated{before, i}
		}
	}
	return repeated{}
}

// repeatedText is repeatedValue for the items of the array of count items that begins at start of text. It returns false when one
// of them is no scalar, or is a scalar that other texts stand for too. What it finds in a text that is not JSON means nothing.
func repeatedText(text []byte, start, count int) (found repeated, ok bool) {
	switch {
	case len(text) > math.MaxUint32:
		return repeated{}, false
	case 2*count <= fewPlaces:
		var room [fewPlaces]seen
		return repeatedIn(tableFor(count, room[:]), text, start, count)
	}
	var room [somePlaces]seen
	return repeatedIn(tableFor(count, room[:]), text, start, count)
}

// repeatedIn is repeatedText with an empty table.
func repeatedIn(t table, text []byte, start, count int) (found repeated, ok bool) {
	at := start + 1
	for i := range count {
		at = pastSpace(text, at)
		end, only := onlyText(text, at)
		if !only || end >= len(text) { // what an array's last item does not
			return repeated{}, false
		}
		equal := func(s seen) bool { return sameText(text, int(s.at), text[at:end]) }
		if before, again := t.add(maphash.Bytes(seed, text[at:end]), i, at, equal); again && found.second == 0 {
			found = repeated{before, i}
		}
		at = pastSpace(text, end) + 1 // behind the comma
	}
	return found, true
}

// pastSpace returns the offset of the first byte from at on that is no white space.
func pastSpace(text []byte, at int) int {
	for at < len(text) && text[at] <= ' ' {
		at++
	}
	return at
}

// sameText says whether the scalar at an offset is item.
func sameText(text []byte, at int, item []byte) bool {
	end := at + len(item)
	if string(text[at:min(end, len(text))]) != string(item) {
		return false
	}
	c := text[end] // of an array, so something follows
	return c == ',' || c == ']' || c <= ' '
}

// onlyText returns where the scalar ends that begins at an offset. It returns false when other texts stand for the same value: a
// string with escapes, and a number with an exponent or with zeros behind its point.
func onlyText(text []byte, at int) (end int, only bool) {
	switch byteAt(text, at) {
	case '"':
		end = at + 1
		for end < len(text) && text[end] != '"' && text[end] != '\\' {
			end++
		}
		return end + 1, byteAt(text, end) == '"'
	case 't', 'n':
		return at + len("true"), true
	case 'f':
		return at + len("false"), true
	}
	return onlyNumber(text, at)
}

func onlyNumber(text []byte, at int) (end int, only bool) {
	first := at
	if byteAt(text, at) == '-' {
		first++
	}
	end = digits(text, first)
	only = end > first && (byteAt(text, first) != '0' || first == at) // -0 is 0
	if byteAt(text, end) == '.' {
		end = digits(text, end+1)
		only = byteAt(text, end-1) != '0'
	}
	return end, only && byteAt(text, end)|0x20 != 'e'
}

// byteAt returns the byte at an offset, 0 behind the end.
func byteAt(text []byte, at int) byte {
	if at < len(text) {
		return text[at]
	}
	return 0
}

// repeated finds the first item of an array that equals one before it.
func (o *outline) repeated(array int) repeated {
	t := tableFor(int(o.parts[array].count), nil)
	for i, at := range o.items(array) {
		equal := func(s seen) bool { return o.equal(int(s.at), o, at) }
		if before, found := t.add(o.sum(at), i, at, equal); found {
			return repeated{before, i}
		}
	}
	return repeated{}
}
