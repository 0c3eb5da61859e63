package payload

const noneOfTypes = "is none of the types that the schema allows"

// choose reads the value as the variant of a union of which it can be, as its type and its members tell. Where several are left it is the
// one that finds nothing wrong with the value and has fields for most of its members, the first of those that have as many. Of a value that fits
// none it reports so, and what the variant finds that finds least.
func (d *Decoder) choose(c *signTable, variants ...func(*Decoder)) {
	seen, variant, several := d.only(c, "anyOf")
	if variant >= 0 {
		variants[variant](d)
	}
	if several {
		d.best(c, seen, variants)
	}
}

// only returns the variant as which the next value is to be read, -1 when there is nothing to read, or when several are left. Of a value that can
// be of none it reports so.
func (d *Decoder) only(c *signTable, keyword string) (seen look, variant int, several bool) {
	seen = d.look(c)
	if d.spend(len(c.variants)); d.broken {
		return seen, -1, false
	}
	count, first := c.candidates(seen)
	switch {
	case count > 1:
		return seen, -1, true
	case count == 1:
		return seen, first, false
	}
	if seen.isJSON {
		d.Violate(d.pos, keyword, noneOfTypes)
	}
	if seen.is&(TypeArray|TypeObject) == 0 {
		d.any()
		return seen, -1, false
	}
	return seen, c.closest(seen), false
}

// best reads the value as the variant that fits it best, of those that look so.
func (d *Decoder) best(c *signTable, seen look, variants []func(*Decoder)) {
	at := d.pos
	chosen, known := d.known(c)
	if !known {
		chosen = d.tryAll(c, seen, variants)
		if d.broken || d.trying == 0 && chosen.whole {
			return
		}
	}
	if d.trying > 0 {
		d.pass(c, at, chosen, known)
		return
	}
	d.pos = at
	if !chosen.fits {
		d.Violate(at, "anyOf", noneOfTypes)
		if kind := d.Kind(); kind != ObjectKind && kind != ArrayKind {
			d.any()
			return
		}
	}
	variants[chosen.variant](d)
}

// known returns what has been found out about the next value, as one of a union.
func (d *Decoder) known(c *signTable) (outcome, bool) {
	if d.chosen == nil {
		return outcome{}, false
	}
	chosen, known := d.chosen[d.choice(c, d.pos)]
	return chosen, known
}

// choice is a union and the value at an offset, as one number: maps of numbers are quick.
func (d *Decoder) choice(c *signTable, at int) uint64 {
	number, known := d.unions[c]
	if !known {
		if number = uint64(len(d.unions)); d.unions == nil {
			d.unions = map[*signTable]uint64{}
		}
		d.unions[c] = number
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

// tryAll returns the best variant of those that look so. It stands behind the value, where the last one to be tried has read to.
func (d *Decoder) tryAll(c *signTable, seen look, variants []func(*Decoder)) outcome {
	at, first := d.pos, true
	var best outcome
	for i, decode := range variants {
		if !c.allows(i, seen) {
			continue
		}
		d.pos = at
		passed := d.passed
		tried := d.try(decode)
		if tried.variant = uint16(i); first || tried.wrong < best.wrong || tried.wrong == best.wrong && tried.others < best.others {
			best = tried
		} else {
			best.whole = false
		}
		if first = false; d.broken || tried.fits && tried.others == 0 {
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
func (d *Decoder) pass(c *signTable, at int, chosen outcome, known bool) {
	if !known {
		if !chosen.fits {
			chosen.wrong = 1
		}
		if d.chosen == nil {
			d.chosen = map[uint64]outcome{}
		}
		d.chosen[d.choice(c, at)] = chosen
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

// leap moves past an array or object that a variant which is only tried has no field for, or keeps as text. It does nothing, and returns
// false, before trying has taken as much work as reading the message: then what is in it is looked up in the outline.
func (d *Decoder) leap() bool {
	if d.trying == 0 || d.work.spent < len(d.data) {
		return false
	}
	o := d.outline()
	if d.broken {
		return false
	}
	end := int(o.parts[o.at(d.pos)].end)
	d.passed += end - d.pos
	d.pos = end
	d.unbuilt++
	return true
}
