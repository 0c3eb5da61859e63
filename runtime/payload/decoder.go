package payload

import (
	"strconv"
	"sync"
)

// MaxDepth is how deep arrays and objects may be nested in a payload.
const MaxDepth = 512

// A Decoder reads one JSON text. Its caller asks for the value that it expects next. The Decoder
// reports violations and goes on, so that one reading finds all of them. Only text that is not JSON
// ends the reading: then the Decoder is at the end, and every further call returns the zero value.
//
// Between calls the Decoder is at the beginning of a value, after any white space, or after the
// last value.
//
// A Decoder is for one goroutine and is made by Unmarshal.
type Decoder struct {
	data   []byte
	pos    int
	depth  int
	broken bool   // the text is not JSON; nothing more is read or reported
	chunk  []byte // room for strings
	buffer []byte // for strings with escapes
	names  names  // of objects that are read without a Go type
	report Report

	trying  int                   // how many variants of unions, each within the one before, are being tried
	chosen  map[uint64]outcome    // of the values within those, by choice
	unions  map[*signTable]uint64 // the numbers of unions
	passed  int                   // how many bytes of them were not read again
	unbuilt int                   // how many of them were not built
	others  int                   // members that were read and have no field

	work     budget
	outlined outline      // empty before it is asked for
	checking *schemaCheck // of the message, with the schemas that were last asked for
	peeked   int          // how many bytes have been looked at before they were read
}

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Unmarshal reads data with decode and returns what is wrong with it as a
// *Violations, or nil. What decode has built must not be used after an error.
// The decoded values share no memory with data.
func Unmarshal(data []byte, decode func(*Decoder)) error {
	d := newDecoder(data)
	decode(d)
	return d.finish()
}

// newDecoder returns a Decoder that stands in front of the value in data.
func newDecoder(data []byte) *Decoder {
	d := decoders.Get().(*Decoder)
	d.data = data
	d.work = budgetOf(len(data))
	d.report.work = &d.work
	d.space()
	return d
}

// finish ends the reading and returns what is wrong. d must not be used any more.
func (d *Decoder) finish() error {
	d.end()
	err := d.report.Err()
	*d = Decoder{buffer: d.buffer[:0], names: d.names.empty(), outlined: d.outlined.empty()}
	decoders.Put(d)
	return err
}

// end reports what follows the value.
func (d *Decoder) end() {
	if d.space(); d.pos < len(d.data) {
		d.fail(d.pos, "data after the value: "+quoteByte(d.data[d.pos]))
	}
}

// Kind is the kind of a JSON value.
type Kind uint8

// The kinds of JSON values. None is the zero value: no value at all.
const (
	None Kind = iota
	NullKind
	BoolKind
	NumberKind
	StringKind
	ArrayKind
	ObjectKind
)

// String returns the kind's name in a schema, such as "object".
func (k Kind) String() string {
	return [...]string{"nothing", "null", "boolean", "number", "string", "array", "object"}[k]
}

// Kind returns the kind of the next value without reading it, None when there is no value.
func (d *Decoder) Kind() Kind {
	switch d.peek() {
	case '{':
		return ObjectKind
	case '[':
		return ArrayKind
	case '"':
		return StringKind
	case 't', 'f':
		return BoolKind
	case 'n':
		return NullKind
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return NumberKind
	}
	return None
}

// Null reads null and returns true if that is the next value; otherwise it reads nothing.
func (d *Decoder) Null() bool {
	if d.peek() != 'n' {
		return false
	}
	d.literal("null")
	return true
}

// Bool reads true or false.
func (d *Decoder) Bool() bool {
	switch d.peek() {
	case 't':
		d.literal("true")
		return true
	case 'f':
		d.literal("false")
		return false
	}
	d.mismatch("boolean")
	return false
}

// Skip reads any value and drops it.
func (d *Decoder) Skip() { d.any() }

// Violate reports a violation of keyword by the value that begins at the offset at.
func (d *Decoder) Violate(at int, keyword, message string) {
	mark := len(d.report.found.List)
	d.report.Add(keyword, message)
	d.locate(mark, at)
}

// counted is that of the report.
func (d *Decoder) counted() bool { return d.report.counted() }

// Check reports what check finds, as violations of the value that begins at the offset at.
func (d *Decoder) Check(at int, check func(*Report)) {
	if d.broken {
		return
	}
	mark := len(d.report.found.List)
	check(&d.report)
	d.locate(mark, at)
}

// Offset returns where the next value begins.
func (d *Decoder) Offset() int { return d.pos }

// locate puts the pointer of the value at the offset at in front of the violations from mark on.
func (d *Decoder) locate(mark, at int) {
	found := d.report.found.List
	if len(found) == mark {
		return
	}
	prefix := pointerAt(d.data, at)
	for i := mark; i < len(found); i++ {
		found[i].Pointer = joined(prefix, found[i].Pointer)
	}
	d.spend(at) // looking for the place reads the text again
}

// mismatch reports that the next value is not of the wanted type, and skips it.
func (d *Decoder) mismatch(want string) {
	at, kind := d.Offset(), d.Kind()
	if kind != None && !d.broken && !d.counted() {
		d.Violate(at, "type", "is "+article(kind.String())+", want "+article(want))
	}
	d.any()
}

// article returns noun with "a" or "an" in front, where it takes one.
func article(noun string) string {
	switch noun[0] {
	case 'a', 'i', 'o', 'e', 'u':
		return "an " + noun
	}
	if noun == "null" || noun == "nothing" {
		return noun
	}
	return "a " + noun
}

// fail reports that the text is not JSON and ends the reading.
func (d *Decoder) fail(at int, message string) {
	if !d.broken {
		d.stop()
		d.Violate(at, "json", message+" at offset "+strconv.Itoa(at))
	}
	d.pos = len(d.data)
}

// stop ends the reading: what is wrong from here on is why.
func (d *Decoder) stop() {
	d.broken, d.report.counting = true, false
	d.pos = len(d.data)
}

// expected fails because something else than want stands at the offset at.
func (d *Decoder) expected(at int, want string) {
	found := "the end"
	if at < len(d.data) {
		found = quoteByte(d.data[at])
	}
	d.fail(at, "found "+found+", want "+want)
}

func quoteByte(c byte) string {
	if c < 0x80 {
		return strconv.QuoteRune(rune(c))
	}
	return "byte 0x" + strconv.FormatUint(uint64(c), 16)
}

// peek returns the byte at the position, 0 at the end. No JSON token begins with a zero byte.
func (d *Decoder) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

// space moves past white space.
func (d *Decoder) space() {
	if d.pos < len(d.data) && d.data[d.pos] <= ' ' {
		d.moreSpace()
	}
}

func (d *Decoder) moreSpace() {
	for d.pos < len(d.data) {
		if c := d.data[d.pos]; c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return
		}
		d.pos++
	}
}

// atNumber says whether the next value begins as a number does.
func (d *Decoder) atNumber() bool {
	c := d.peek()
	return c == '-' || c-'0' <= 9
}

// literal moves past word, which is null, true or false.
func (d *Decoder) literal(word string) {
	if end := d.pos + len(word); end <= len(d.data) && string(d.data[d.pos:end]) == word {
		d.pos = end
		return
	}
	d.expected(d.pos, word)
}

// open moves into an array or object and returns the offset of its bracket. When the next value is none, it reports that it is not of
// the wanted type, skips it and returns -1.
func (d *Decoder) open(bracket byte, want string) int {
	if d.peek() != bracket {
		d.mismatch(want)
		return -1
	}
	if d.depth++; d.depth > MaxDepth {
		d.fail(d.pos, "nested deeper than "+strconv.Itoa(MaxDepth))
		return -1
	}
	d.pos++
	return d.pos - 1
}
