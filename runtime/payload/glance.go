package payload

import "bytes"

// A glance is a walk along the members of an object that has not been read. It does not find what is wrong with the text: that is for
// whoever reads it.
type glance struct {
	name  []byte // of the member; valid until the next one
	value int    // the offset of its value

	d     *Decoder
	pos   int // where the last member ends, or the object begins
	of    *outline
	part  int // of the next name, in an outline
	left  int // members in the outline
	begun bool
	whole bool // the end has been reached; else the text is not JSON
}

// glance begins a walk along the members of the next value; of a value that is no object there are none. Objects within objects would be
// walked along again and again: after a length of the message, what is left to walk is looked up in an outline.
func (d *Decoder) glance() glance {
	g := glance{d: d, pos: d.pos}
	if d.peeked <= len(d.data) {
		return g
	}
	if g.of = d.outline(); d.broken || d.Kind() != ObjectKind {
		return g
	}
	object := g.of.at(d.pos)
	g.part, g.left = object+1, int(g.of.parts[object].count)
	return g
}

// next moves to the next member. It returns false behind the last one.
func (g *glance) next() bool {
	if g.of != nil {
		return g.nextPart()
	}
	data := g.d.data
	i := g.pos
	if g.begun {
		i = pastSpace(data, pastValue(data, g.value))
	}
	g.d.peeked += i - g.pos
	g.pos = i
	if i < len(data) && (data[i] == '{' || data[i] == ',' && g.begun) {
		i = pastSpace(data, i+1)
	}
	if i == len(data) || data[i] != '"' {
		g.whole = i < len(data) && data[i] == '}'
		return false
	}
	g.begun = true
	end := pastString(data, i)
	g.name = unquoted(data[i:end])
	if end = pastSpace(data, end); end == len(data) || data[end] != ':' {
		return false
	}
	g.value = pastSpace(data, end+1)
	return true
}

func (g *glance) nextPart() bool {
	if g.left == 0 {
		g.whole = true
		return false
	}
	name := g.of.parts[g.part]
	g.name = unquoted(g.d.data[name.start:name.end])
	g.value = int(g.of.parts[g.part+1].start)
	g.part, g.left = int(g.of.parts[g.part+1].next), g.left-1
	return true
}

// kind returns the kind of the member's value.
func (g *glance) kind() Kind {
	d := g.d
	at := d.pos
	d.pos = g.value
	kind := d.Kind()
	d.pos = at
	return kind
}

// string returns the characters of the member's value, nil when that is no string.
func (g *glance) string() []byte {
	data := g.d.data
	if g.value == len(data) || data[g.value] != '"' {
		return nil
	}
	return unquoted(data[g.value:pastString(data, g.value)])
}

// unquoted returns the characters of a string in quotes, nil when it is none.
func unquoted(text []byte) []byte {
	if bytes.IndexByte(text, '\\') < 0 && len(text) > 1 {
		return text[1 : len(text)-1]
	}
	d := Decoder{data: text}
	return d.stringBytes()
}

// pastValue returns the offset behind the value that begins at i, if it is one.
func pastValue(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '"':
			i = pastString(data, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']', ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
			if data[i]|0x20 == '}' {
				depth--
			}
			i++
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// pastString returns the offset behind the string that begins at i.
func pastString(data []byte, i int) int {
	for i++; i < len(data); i++ {
		quote := bytes.IndexByte(data[i:], '"')
		if quote < 0 {
			return len(data)
		}
		slashes := 0
		for slashes < quote && data[i+quote-slashes-1] == '\\' {
			slashes++
		}
		if i += quote; slashes%2 == 0 {
			return i + 1
		}
	}
	return len(data)
}
