package payload

import (
	"slices"
	"strconv"
)

// An Array is an array that is being read.
type Array struct {
	start int // offset of "[", -1 when the value was no array
	count int // of the items that More moved to
}

// Len returns how many items were read.
func (a *Array) Len() int { return a.count }

// Array begins to read an array. When the next value is none, it reports so and skips it; More then
// returns false at once.
func (d *Decoder) Array() Array { return Array{start: d.open('[', "array")} }

// More moves to the next item of a. It returns false at the end of the array.
func (d *Decoder) More(a *Array) bool {
	if a.start < 0 || d.broken {
		return false
	}
	d.space()
	switch c := d.peek(); {
	case c == ']':
		d.pos++
		d.depth--
		return false
	case a.count == 0:
	case c == ',':
		d.pos++
		d.space()
		if d.peek() == ']' {
			d.expected(d.pos, "a value")
			return false
		}
	default:
		d.expected(d.pos, "',' or ']'")
		return false
	}
	a.count++
	return true
}

// An ArrayRule is what a schema says about an array, its items apart.
type ArrayRule struct {
	MinItems    int
	MaxItems    int // NoLimit means none
	UniqueItems bool
}

// NoLimit is the maximum of a rule that has none.
const NoLimit = int(^uint(0) >> 1)

// Check reports what is wrong with the length of an array of n items. A nil rule allows everything.
func (rule *ArrayRule) Check(r *Report, n int) {
	if rule == nil {
		return
	}
	if n < rule.MinItems {
		r.Add("minItems", "has "+strconv.Itoa(n)+" items, want at least "+strconv.Itoa(rule.MinItems))
	}
	if n > rule.MaxItems {
		r.Add("maxItems", "has "+strconv.Itoa(n)+" items, want at most "+strconv.Itoa(rule.MaxItems))
	}
}

// DecodeList reads an array, each item with decode. It returns an empty slice, not nil, for an empty array.
func DecodeList[T any](d *Decoder, rule *ArrayRule, decode func(*T, *Decoder)) []T {
	array := d.Array()
	if array.start < 0 {
		return nil
	}
	list := make([]T, 0, d.guess())
	for d.More(&array) {
		if len(list) == cap(list) {
			list = slices.Grow(list, d.more(&array, len(list)))
		}
		list = list[:len(list)+1] // the new item is zero
		decode(&list[len(list)-1], d)
	}
	d.CheckArray(&array, rule)
	return list
}

// guess returns how many items to make room for: none for an empty array, else few, as most arrays have.
func (d *Decoder) guess() int {
	if d.space(); d.peek() == ']' {
		return 0
	}
	return 2
}

// more returns how many items to make room for when n of a have been read: as many again, or, in a long array, three times as many if the text
// that is left has them.
func (d *Decoder) more(a *Array, n int) int {
	const long = 16
	if n < long {
		return max(n, 1)
	}
	left := (len(d.data) - d.pos) * n / (d.pos - a.start) // items of the same length
	return max(n/4, min(3*n, left+1))
}

// CheckArray reports what rule finds wrong with a, which has been read.
func (d *Decoder) CheckArray(a *Array, rule *ArrayRule) {
	if rule == nil || a.start < 0 || d.broken {
		return
	}
	mark := len(d.report.found.List)
	rule.Check(&d.report, a.count)
	if rule.UniqueItems && a.count > 1 {
		d.checkUnique(a)
	}
	d.locate(mark, a.start)
}

// CheckList checks the items of list, each with check; a nil check allows all of them.
func CheckList[T any](r *Report, rule *ArrayRule, list []T, check func(*T, *Report)) {
	rule.Check(r, len(list))
	CheckMore(r, 0, list, check)
}

// AppendList appends list as an array, each item with encode.
func AppendList[T any](dst []byte, list []T, encode func(*T, []byte) ([]byte, error)) ([]byte, error) {
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = encode(&list[i], dst); err != nil {
			return dst, Under(strconv.Itoa(i), err)
		}
	}
	return append(dst, ']'), nil
}
