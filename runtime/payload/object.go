package payload

// An Object is an object that is being read: Next moves to its members one after another.
type Object struct {
	// Name is the name of the member that Next moved to. It is valid until the next call of a method of the Decoder.
	Name []byte

	start  int       // offset of "{"
	value  int       // offset of the member's value
	seen   uint64    // the members 0 to 63
	more   *[]uint64 // the members from 64 on
	others int       // where the names of ignored members begin in Decoder.names
	count  int       // of members
}

// Object begins to read an object. When the next value is none, it reports so and skips it; Next then returns false at
// once.
func (d *Decoder) Object() Object {
	return Object{start: d.open('{', "object"), others: d.names.mark()}
}

// Next moves to the next member of o and reads its name. It returns false at the end of the object.
func (d *Decoder) Next(o *Object) bool {
	if o.start < 0 {
		return false
	}
	data, name := d.data, d.pos+1 // where the name begins when there is no white space
	if o.count > 0 {
		name++
	}
	if name > len(data) || data[name-1] != '"' || o.count > 0 && data[name-2] != ',' {
		if !d.toMember(o) {
			return false
		}
		name = d.pos + 1
	}
	if end := d.shortPlain(name); end+1 < len(data) && data[end] == '"' && data[end+1] == ':' {
		o.Name = data[name:end]
		d.pos = end + 2
	} else if d.pos = name - 1; !d.nameAndColon(o) {
		return false
	}
	d.space()
	o.value = d.pos
	o.count++
	return true
}

// toMember moves to the quote of the next member's name. It returns false, behind the object, when there is none.
func (d *Decoder) toMember(o *Object) bool {
	d.space()
	switch c := d.peek(); {
	case c == '}':
		d.pos++
		d.depth--
		d.names.release(o.others)
		return false
	case c == ',' && o.count > 0:
		d.pos++
		d.space()
	case o.count > 0:
		d.expected(d.pos, "',' or '}'")
		return false
	}
	if d.peek() != '"' {
		d.expected(d.pos, "a member's name")
		return false
	}
	return true
}

// nameAndColon reads a name with escapes, or with white space before its colon.
func (d *Decoder) nameAndColon(o *Object) bool {
	o.Name = d.stringBytes()
	return d.colon()
}

// colon moves past a colon. It returns false when there is none.
func (d *Decoder) colon() bool {
	if d.space(); d.peek() != ':' {
		d.expected(d.pos, "':'")
		return false
	}
	d.pos++
	d.space()
	return true
}

// again notes that the member with the number i is there, where it was there before or has a large number.
func (d *Decoder) again(o *Object, i uint) {
	if i < 64 {
		d.duplicate(o)
		return
	}
	if o.more == nil {
		o.more = new([]uint64)
	}
	more, word, bit := *o.more, int(i/64)-1, uint64(1)<<(i%64)
	for len(more) <= word {
		more = append(more, 0)
	}
	if more[word]&bit != 0 {
		d.duplicate(o)
	}
	more[word] |= bit
	*o.more = more
}

// Has reports whether the member with the number i is there.
func (o *Object) Has(i int) bool {
	if i < 64 {
		return o.seen&(1<<i) != 0
	}
	return o.more != nil && len(*o.more) >= i/64 && (*o.more)[i/64-1]&(1<<(i%64)) != 0
}

// Len returns how many members were read.
func (o *Object) Len() int { return o.count }

// Ignore skips a member that the schema allows and the Go type has no field for.
func (d *Decoder) Ignore(o *Object) {
	d.others++
	if !d.names.add(o.others, o.Name) {
		d.duplicate(o)
	}
	d.any()
}

// Refuse reports a member that the schema does not allow, and skips it.
func (d *Decoder) Refuse(o *Object) {
	d.Violate(o.value, "additionalProperties", notAllowed)
	d.any()
}

const notAllowed = "is not a member that the schema allows"

func (d *Decoder) duplicate(o *Object) {
	d.Violate(o.value, "json", "is there twice")
}

func missingMember(name string) string { return "the member " + quote(name) + " is missing" }
