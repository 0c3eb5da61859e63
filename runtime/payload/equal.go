package payload

import (
	"hash/maphash"
	"slices"
	"strings"
)

// Values are equal as JSON when they are the same value: 1 and 1.0 are equal, and the order of members does not matter.

// seed makes sums that nobody can foresee.
var seed = maphash.MakeSeed()

// sum returns a number that equal values share and others hardly ever do.
func (o *outline) sum(at int) uint64 {
	if o.sums == nil {
		o.sums = make([]uint64, len(o.parts))
	}
	if o.sums[at] == 0 {
		o.sums[at] = max(o.newSum(at), 1)
	}
	return o.sums[at]
}

func (o *outline) newSum(at int) uint64 {
	kind := o.parts[at].kind
	sum := uint64(kind)
	switch kind {
	case StringKind:
		return maphash.String(seed, o.string(at))
	case NumberKind:
		n := parseNumber(o.string(at))
		return sumOf(sum+uint64(n.exponent)<<8, maphash.String(seed, n.digits)) + uint64(n.sign())
	case ArrayKind:
		for _, item := range o.items(at) {
			sum = sumOf(sum, o.sum(item))
		}
	case ObjectKind:
		for name := range o.members(at) {
			sum += sumOf(o.sum(name), o.sum(name+1))
		}
	case None, NullKind, BoolKind:
		return maphash.String(seed, o.string(at)) + sum
	}
	return sumOf(uint64(kind), sum)
}

// sumOf returns the sum of two sums in their order.
func sumOf(first, second uint64) uint64 {
	return maphash.Comparable(seed, [2]uint64{first, second})
}

// equal says whether a value equals one of another outline.
func (o *outline) equal(at int, other *outline, with int) bool {
	p, q := &o.parts[at], &other.parts[with]
	if p.kind != q.kind || p.count != q.count || o.sum(at) != other.sum(with) {
		return false
	}
	switch p.kind {
	case NumberKind:
		return parseNumber(o.string(at)).cmp(parseNumber(other.string(with))) == 0
	case ArrayKind:
		for i, j := at+1, with+1; i < int(p.next); i, j = int(o.parts[i].next), int(other.parts[j].next) {
			if !o.equal(i, other, j) {
				return false
			}
		}
		return true
	case ObjectKind:
		return slices.EqualFunc(o.sorted(at), other.sorted(with), func(i, j int) bool {
			return o.string(i) == other.string(j) && o.equal(i+1, other, j+1)
		})
	}
	return o.string(at) == other.string(with)
}

// sorted returns the members of an object in the order of their names.
func (o *outline) sorted(object int) []int {
	return slices.SortedFunc(o.members(object), func(i, j int) int { return strings.Compare(o.string(i), o.string(j)) })
}
