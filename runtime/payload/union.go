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
	if d.peeked > len(d.data) {
		return d.peekOutline(name)
	}
	ahead := Decoder{data: d.data, pos: d.pos, depth: d.depth}
	defer func() { d.peeked += ahead.pos - d.pos }()
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

// peekOutline is Peek for a message in which it would read the same again and again: objects within objects, with the member behind them.
func (d *Decoder) peekOutline(name string) string {
	at := d.pos
	o := d.outline()
	if d.broken || d.Kind() != ObjectKind {
		return ""
	}
	if member := o.member(o.at(at), name); member >= 0 && o.parts[member].kind == StringKind {
		return strings.Clone(o.string(member))
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

// Choose reads the value with the variant of a union that finds nothing wrong with it and has fields for most of its members, the first of
// those that have as many. Name is the union's. Of a value that fits none it reports so, and what the variant finds that finds least.
func (d *Decoder) Choose(name string, variants ...func(*Decoder)) {
	at := d.pos
	chosen, known := d.known(name)
	if !known {
		chosen = d.tryAll(variants)
		if d.broken || d.trying == 0 && chosen.whole {
			return
		}
	}
	if d.trying > 0 {
		d.pass(name, at, chosen, known)
		return
	}
	d.pos = at
	if !chosen.fits {
		d.Violate(at, "anyOf", "is none of the types that the schema allows")
		if kind := d.Kind(); kind != ObjectKind && kind != ArrayKind {
			d.any()
			return
		}
	}
	variants[chosen.variant](d)
}

// known returns what has been found out about the next value, as one of the union called name.
func (d *Decoder) known(name string) (outcome, bool) {
	if d.chosen == nil {
		return outcome{}, false
	}
	chosen, known := d.chosen[d.choice(name, d.pos)]
	return chosen, known
}

// choice is the union called name and the value at an offset, as one number: maps of numbers are quick.
func (d *Decoder) choice(name string, at int) uint64 {
	number, known := d.unions[name]
	if !known {
		if number = uint64(len(d.unions)); d.unions == nil {
			d.unions = map[string]uint64{}
		}
		d.unions[name] = number
	}
	return number<<40 | uint64(at)
}

// An outcome is the variant that is best for a value, and how good it is.
type outcome struct {
	end     int   // the offset behind the value
	wrong   int32 // how many violations there are
	others  int32 // members that have no field
	fits    bool  // nothing is wrong
	variant uint16
	whole   bool // the value stands where it was read to: it fits, was the last to be tried, and all in it has been built
}

// tryAll returns the best variant. It stands behind the value, where the last one to be tried has read to.
func (d *Decoder) tryAll(variants []func(*Decoder)) outcome {
	at := d.pos
	var best outcome
	for i, decode := range variants {
		d.pos = at
		passed := d.passed
		tried := d.try(decode)
		if tried.variant = uint16(i); i == 0 || tried.wrong < best.wrong || tried.wrong == best.wrong && tried.others < best.others {
			best = tried
		} else {
			best.whole = false
		}
		if d.broken || tried.fits && tried.others == 0 {
			break
		}
		if d.spend(d.pos - at - (d.passed - passed) + workTry); d.broken {
			break
		}
	}
	best.whole = best.whole && best.fits
	return best
}

// try reads the value with decode. What is wrong is counted and not reported, unless it ends the reading.
func (d *Decoder) try(decode func(*Decoder)) outcome {
	r := &d.report
	more, others, unbuilt := r.found.More, d.others, d.unbuilt
	d.trying++
	r.counting = true
	decode(d)
	d.trying--
	r.counting = d.trying > 0 && !d.broken
	wrong := r.found.More - more
	tried := outcome{end: d.pos, wrong: int32(wrong), others: int32(d.others - others), fits: wrong == 0, whole: d.unbuilt == unbuilt}
	r.found.More, d.others = more, others
	return tried
}

// pass moves past a value within one that is tried: what has been found out about it counts, and only what is read for good is built. So
// a union within a union takes no more tries than alone.
func (d *Decoder) pass(name string, at int, chosen outcome, known bool) {
	if !known {
		if !chosen.fits {
			chosen.wrong = 1
		}
		if d.chosen == nil {
			d.chosen = map[uint64]outcome{}
		}
		d.chosen[d.choice(name, at)] = chosen
		d.spend(workMemory)
	}
	if d.broken {
		return
	}
	if known || !chosen.whole {
		d.unbuilt++
	}
	d.passed += chosen.end - at
	d.pos = chosen.end
	d.others += int(chosen.others)
	d.report.found.More += int(chosen.wrong)
}
