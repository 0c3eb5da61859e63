package payload

import (
	"errors"
	"strings"
)

// ErrNoValue is the reason why a union without a value has no JSON.
var ErrNoValue = errors.New("has no value")

// NoValue reports a union without a value.
func (r *Report) NoValue() { r.Add("type", ErrNoValue.Error()) }

// Mismatch reports that the next value is not of the wanted kind, and skips it.
func (d *Decoder) Mismatch(want string) { d.mismatch(want) }

// Peek returns the string that the member called name of the next value has, without reading the value. It returns ""
// when the value is no object or has no such string.
func (d *Decoder) Peek(name string) string {
	for members := d.glance(); members.next(); {
		if string(members.name) == name {
			return string(members.string())
		}
	}
	return ""
}

// NoVariant reports that the member called name is none of the values that tell variants, and skips the value.
func (d *Decoder) NoVariant(name string, values ...string) {
	at := d.Offset()
	if d.Kind() != ObjectKind {
		d.mismatch("object")
		return
	}
	found := d.Peek(name)
	if d.any(); d.broken || d.counted() {
		return
	}
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, quote(v))
	}
	d.Violate(at, "oneOf", "has "+quote(found)+" as "+quote(name)+", want one of "+strings.Join(quoted, ", "))
}

// Choose reads the value as the variant of a union of which it can be, as its type and the names of its members tell. Where several are left it
// is the one that finds nothing wrong with the value and has fields for most of its members, the first of those that have as many. Of a value that
// fits none it reports so, and what the variant finds that finds least.
func (d *Decoder) Choose(c *Choice, variants ...func(*Decoder)) {
	seen, several := d.chooseOnly(c, "anyOf", variants)
	if several {
		d.chooseBest(c, seen, variants)
	}
}

// ChooseOne is Choose for a union of which one variant alone must fit. Where several are left, the schema called name decides whether that is so.
func (d *Decoder) ChooseOne(c *Choice, schemas Schemas, name string, variants ...func(*Decoder)) {
	at := d.pos
	seen, several := d.chooseOnly(c, "oneOf", variants)
	if several {
		d.chooseBest(c, seen, variants)
		d.CheckSchema(at, schemas, name)
	}
}

// chooseOnly reads a value that can be of one variant at most. It reads nothing, and returns true, when there are several.
func (d *Decoder) chooseOnly(c *Choice, keyword string, variants []func(*Decoder)) (seen look, several bool) {
	at := d.pos
	seen = d.look(c)
	if d.spend(len(variants)); d.broken {
		return seen, false
	}
	switch count, first := c.candidates(seen); count {
	case 0:
		if seen.isJSON {
			d.Violate(at, keyword, noneOfTypes)
		}
		if seen.is&(TypeArray|TypeObject) == 0 {
			d.any()
			return seen, false
		}
		variants[c.closest(seen)](d)
	case 1:
		variants[first](d)
	default:
		several = true
	}
	return seen, several
}

const noneOfTypes = "is none of the types that the schema allows"

// CheckOne checks a union of which one variant alone must fit, where only the schema called name decides whether that is so. check reports
// what is wrong with the value as the variant that it is. The value is written once for all unions that are checked so within it.
func CheckOne(r *Report, encode func([]byte) ([]byte, error), schemas Schemas, name string, check func(*Report)) {
	if r.sound || !r.isSound(encode, schemas, name) {
		mark := r.Mark()
		check(r)
		if !r.sound {
			CheckSchema(r, mark, encode, schemas, name)
		}
		return
	}
	r.sound = true
	check(r)
	r.sound = false
}

// isSound says whether the schema called name finds nothing wrong with what encode appends.
func (r *Report) isSound(encode func([]byte) ([]byte, error), schemas Schemas, name string) bool {
	text, err := encode(nil)
	if err != nil {
		return false
	}
	of, ok := parse(text)
	if !ok {
		return false
	}
	work := budgetOf(len(text))
	c := newSchemaCheck(schemas, of, &work)
	return c.holds(c.target(name), 0) && !work.over()
}
