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
	ahead := Decoder{data: d.data, pos: d.pos, depth: d.depth}
	if ahead.Kind() != ObjectKind {
		return ""
	}
	for o := ahead.Object(); ahead.Next(&o); {
		if string(o.Name) != name {
			ahead.any()
			continue
		}
		if ahead.Kind() != StringKind {
			return ""
		}
		return string(ahead.stringBytes())
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
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, quote(v))
	}
	found := quote(d.Peek(name))
	d.any()
	if !d.broken {
		d.Violate(at, "oneOf", "has "+found+" as "+quote(name)+", want one of "+strings.Join(quoted, ", "))
	}
}

// Choose reads the value with the variant of a union that finds nothing wrong with it and has fields for most of its members, the first of
// those that have as many. Name is the union's. Of a value that fits none it reports so, and what the variant finds that finds least.
func (d *Decoder) Choose(name string, variants ...func(*Decoder)) {
	at := d.pos
	chosen, known := d.chosen[choice{name, at}]
	if !known {
		if chosen = d.tryAll(variants); d.broken {
			return
		}
		if d.trying > 0 { // what is tried is read again
			if d.chosen == nil {
				d.chosen = map[choice]outcome{}
			}
			d.chosen[choice{name, at}] = chosen
		}
		if d.pos > at {
			return
		}
	}
	if !chosen.fits {
		d.Violate(at, "anyOf", "is none of the types that the schema allows")
		if kind := d.Kind(); d.trying > 0 || kind != ObjectKind && kind != ArrayKind {
			d.any()
			return
		}
	}
	variants[chosen.variant](d)
}

// A choice is a value of a union: the union's name and the offset of the value.
type choice struct {
	union string
	at    int
}

// An outcome is the variant that is best for a value, and how good it is.
type outcome struct {
	variant int
	fits    bool // nothing is wrong
	wrong   int  // how many violations there are
	others  int  // members that have no field
}

// tryAll returns the best variant. It stands at the value again, or behind it when the best one has been the last to be tried.
func (d *Decoder) tryAll(variants []func(*Decoder)) outcome {
	at := d.pos
	var best outcome
	for i, decode := range variants {
		tried := d.try(decode)
		if tried.variant = i; i == 0 || tried.wrong < best.wrong || tried.wrong == best.wrong && tried.others < best.others {
			best = tried
		}
		if d.broken || tried.fits && tried.others == 0 {
			return best
		}
		if d.spend(d.pos - at); d.broken {
			return best
		}
		d.pos = at
	}
	return best
}

// try reads the value with decode. What is wrong is counted and not reported, unless it ends the reading.
func (d *Decoder) try(decode func(*Decoder)) outcome {
	found := &d.report.found
	mark, more, before := len(found.List), found.More, d.others
	d.trying++
	decode(d)
	d.trying--
	wrong := len(found.List) - mark + found.More - more
	kept := found.List[:mark]
	if last := len(found.List) - 1; d.broken && last >= mark {
		kept = append(kept, found.List[last]) // why
	}
	tried := outcome{fits: wrong == 0, wrong: wrong, others: d.others - before}
	found.List, found.More, d.others = kept, more, before
	return tried
}

// spend notes work that reading the message once would not be: steps of checks, and bytes that are read again. When it becomes too much, as
// it can where a type contains itself in several ways, the reading ends: the work could grow without bounds.
func (d *Decoder) spend(steps int) {
	if d.spent += steps; d.spent > mostWork(d.data) {
		d.fail(d.pos, tooMuchWork)
	}
}

// mostWork returns how many steps checking text may take, and with how much less a small text makes do.
func mostWork(text []byte) int { return 1<<16 + 256*len(text) }

const tooMuchWork = "has too many ways to be read"
