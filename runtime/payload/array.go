package payload

import "strconv"

// An openArray is an array that is being read.
type openArray struct {
	start int // offset of "[", -1 when the value was no array
	count int // of the items that More moved to
}

// Array begins to read an array. When the next value is none, it reports so and skips it; More then
// returns false at once.
func (d *decoder) Array() openArray { return openArray{start: d.open('[', "array")} }

// More moves to the next item of a. It returns false at the end of the array.
func (d *decoder) More(a *openArray) bool {
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

// check reports what is wrong with the length of an array of n items. A nil rule allows everything.
func (rule *ArrayRule) check(r *report, n int) {
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

// fewItems is how many items a new list has room for, as most arrays have few.
const fewItems = 2

// CheckArray reports what rule finds wrong with a, which has been read.
func (d *decoder) CheckArray(a *openArray, rule *ArrayRule) {
	if rule == nil || a.start < 0 || d.broken {
		return
	}
	mark := len(d.report.found.List)
	rule.check(&d.report, a.count)
	if rule.UniqueItems && a.count > 1 {
		d.checkUnique(a)
	}
	d.locate(mark, a.start)
}

// more returns how many items to make room for when n of a have been read: as many again, or, in a long array, three times as many if the text
// that is left has them.
func (d *decoder) more(a *openArray, n int) int {
	const long = 16
	if n < long {
		return max(n, 1)
	}
	left := (len(d.data) - d.pos) * n / (d.pos - a.start) // items of the same length
	return max(n/4, min(3*n, left+1))
}
