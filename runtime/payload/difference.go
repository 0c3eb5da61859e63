package payload

import (
	"slices"
	"strconv"
	"strings"
)

// difference returns the first way in which after is another JSON value than before, in the order of before. Texts that are the same
// instant or the same UUID are no difference: Go's types keep the value, not its spelling.
func difference(before, after *tree) (v Violation, found bool) {
	switch {
	case before.kind != after.kind:
		return changed(before, after)
	case before.kind == ObjectKind:
		return memberDifference(before.members, after.members)
	case before.kind == ArrayKind:
		return itemDifference(before.items, after.items)
	case before.kind == StringKind && sameSpelledApart(before.text, after.text):
		return Violation{}, false
	case before.key() != after.key():
		return changed(before, after)
	}
	return Violation{}, false
}

func memberDifference(before, after []treeMember) (v Violation, found bool) {
	for i := range before {
		at := slices.IndexFunc(after, func(m treeMember) bool { return m.name == before[i].name })
		if at < 0 {
			return under(before[i].name, Violation{Message: "is read and not written: the schema does not describe it"})
		}
		if v, found = difference(&before[i].value, &after[at].value); found {
			return under(before[i].name, v)
		}
	}
	for i := range after {
		if !slices.ContainsFunc(before, func(m treeMember) bool { return m.name == after[i].name }) {
			return under(after[i].name, Violation{Message: "is written and was not there"})
		}
	}
	return Violation{}, false
}

func itemDifference(before, after []tree) (v Violation, found bool) {
	if len(before) != len(after) {
		return Violation{Message: "has " + strconv.Itoa(len(before)) + " items and is written with " + strconv.Itoa(len(after))}, true
	}
	for i := range before {
		if v, found = difference(&before[i], &after[i]); found {
			return under(strconv.Itoa(i), v)
		}
	}
	return Violation{}, false
}

func changed(before, after *tree) (Violation, bool) {
	return Violation{Message: "is " + before.brief() + " and is written as " + after.brief()}, true
}

// under is a violation by the member or item called token of what v was found in.
func under(token string, v Violation) (Violation, bool) {
	v.Pointer = string(appendToken(nil, token)) + v.Pointer
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
func (t *tree) brief() string {
	switch t.kind {
	case StringKind:
		return quote(t.text)
	case NumberKind, BoolKind:
		return t.text[:min(len(t.text), 64)]
	case None, NullKind, ArrayKind, ObjectKind:
	}
	return article(t.kind.String())
}
