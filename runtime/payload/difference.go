package payload

import (
	"strconv"
	"strings"
)

// difference returns the first way in which after is another JSON value than before, in the order of before. Texts that are the same
// instant or the same UUID are no difference: Go's types keep the value, not its spelling.
func difference(before, after *outline, x, y int) (v Violation, found bool) {
	p, q := &before.parts[x], &after.parts[y]
	switch {
	case p.kind != q.kind:
		return changed(before, after, x, y)
	case p.kind == ObjectKind:
		return memberDifference(before, after, x, y)
	case p.kind == ArrayKind:
		return itemDifference(before, after, x, y)
	case p.kind == StringKind && sameSpelledApart(before.string(x), after.string(y)):
		return Violation{}, false
	case !before.equal(x, after, y):
		return changed(before, after, x, y)
	}
	return Violation{}, false
}

func memberDifference(before, after *outline, x, y int) (v Violation, found bool) {
	for at := range before.members(x) {
		name := before.string(at)
		with := after.member(y, name)
		if with < 0 {
			return under(name, Violation{Message: "is read and not written: the schema does not describe it"})
		}
		if v, found = difference(before, after, at+1, with); found {
			return under(name, v)
		}
	}
	for at := range after.members(y) {
		if name := after.string(at); before.member(x, name) < 0 {
			return under(name, Violation{Message: "is written and was not there"})
		}
	}
	return Violation{}, false
}

func itemDifference(before, after *outline, x, y int) (v Violation, found bool) {
	p, q := &before.parts[x], &after.parts[y]
	if p.count != q.count {
		return Violation{Message: "has " + strconv.Itoa(int(p.count)) + " items and is written with " + strconv.Itoa(int(q.count))}, true
	}
	with := y + 1
	for i, at := range before.items(x) {
		if v, found = difference(before, after, at, with); found {
			return under(strconv.Itoa(i), v)
		}
		with = int(after.parts[with].next)
	}
	return Violation{}, false
}

func changed(before, after *outline, x, y int) (Violation, bool) {
	return Violation{Message: "is " + before.brief(x) + " and is written as " + after.brief(y)}, true
}

// under is a violation by the member or item called token of what v was found in.
func under(token string, v Violation) (Violation, bool) {
	v.Pointer = joined(tokenOf(token), v.Pointer)
	return v, true
}

// sameSpelledApart says whether two texts are the same instant, or the same UUID.
func sameSpelledApart(x, y string) bool {
	first, ok := parseTime([]byte(x))
	if second, okToo := parseTime([]byte(y)); ok && okToo {
		return first.Equal(second) && finerThanTime(x) == finerThanTime(y)
	}
	id, ok := parseUUID([]byte(x))
	same, okToo := parseUUID([]byte(y))
	return ok && okToo && id == same
}

// finerThanTime returns the digits of a date-time's second behind the ninth, which no time.Time keeps.
func finerThanTime(text string) string {
	_, fraction, _ := strings.Cut(text, ".")
	end := digits([]byte(fraction), 0)
	return strings.TrimRight(fraction[min(9, end):end], "0")
}

// brief returns the value for a message, what is long by its kind alone.
func (o *outline) brief(at int) string {
	switch kind := o.parts[at].kind; kind {
	case StringKind:
		return quote(o.string(at))
	case NumberKind, BoolKind:
		return shortened(o.string(at))
	default:
		return article(kind.String())
	}
}
