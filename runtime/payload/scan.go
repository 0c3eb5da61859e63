package payload

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// stringBytes reads the string that begins at the position. What it returns is valid until the next string is read.
func (d *Decoder) stringBytes() []byte {
	start := d.pos + 1
	end := d.shortPlain(start)
	if end < len(d.data) && d.data[end] == '"' {
		d.pos = end + 1
		return d.data[start:end]
	}
	d.buffer = append(d.buffer[:0], d.data[start:end]...)
	return d.escaped(end)
}

// quoted returns the n bytes in quotes that the next value is, whatever they are, or nil. It reads nothing.
func (d *Decoder) quoted(n int) []byte {
	if text := d.data[d.pos:]; len(text) >= n+2 && text[0] == '"' && text[n+1] == '"' {
		return text[1 : n+1]
	}
	return nil
}

// escaped reads the rest of a string from i on into the buffer.
func (d *Decoder) escaped(i int) []byte {
	for !d.broken {
		end := d.plain(i)
		d.buffer = append(d.buffer, d.data[i:end]...)
		switch i = end; {
		case i == len(d.data):
			d.fail(i, "a string without end")
		case d.data[i] == '"':
			d.pos = i + 1
			return d.buffer
		case d.data[i] == '\\':
			i = d.escape(i)
		case d.data[i] < ' ':
			d.fail(i, "a control character in a string")
		default:
			d.fail(i, "invalid UTF-8")
		}
	}
	return nil
}

// shortPlain is plain, without a call for what is short.
func (d *Decoder) shortPlain(i int) int {
	if i+8 <= len(d.data) {
		if end := i + bits.TrailingZeros64(special(binary.LittleEndian.Uint64(d.data[i:])))>>3; end < i+8 && d.data[end] < utf8.RuneSelf {
			return end
		}
	}
	return d.plain(i)
}

// plain returns the offset of the first byte from i on that is not part of a plain string: a quote, a backslash, a control character,
// invalid UTF-8 or the end of the data.
func (d *Decoder) plain(i int) int {
	data := d.data
	for i+8 <= len(data) {
		mask := special(binary.LittleEndian.Uint64(data[i:]))
		if mask == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(mask) >> 3
		if data[i] < utf8.RuneSelf {
			return i
		}
		end, valid := pastRunes(data, i)
		if !valid {
			return end
		}
		i = end
	}
	for i < len(data) {
		if plainBytes[data[i]] {
			i++
			continue
		}
		end, valid := pastRunes(data, i)
		if !valid || end == i {
			return end
		}
		i = end
	}
	return i
}

// pastRunes returns the offset of the first byte from i on that ends a plain string, whatever else it is, or, with false, that is not
// valid UTF-8.
func pastRunes(data []byte, i int) (end int, valid bool) {
	text := unsafe.String(unsafe.SliceData(data), len(data)) //nolint:gosec // nothing writes there while it is used
	end = unescaped(text, i)
	if utf8.ValidString(text[i:end]) {
		return end, true
	}
	for {
		r, size := utf8.DecodeRuneInString(text[i:end])
		if r == utf8.RuneError && size <= 1 {
			return i, false
		}
		i += size
	}
}

// unescaped returns the offset of the first byte from i on that is a quote, a backslash or a control character, which stand in no string as
// themselves.
func unescaped(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if mask := escapes(word(s, i)); mask != 0 {
			return i + bits.TrailingZeros64(mask)>>3
		}
	}
	for i < len(s) && (plainBytes[s[i]] || s[i] >= utf8.RuneSelf) {
		i++
	}
	return i
}

// escapes marks the bytes of word that are a quote, a backslash or a control character with their highest bit. Only the lowest mark is
// sure.
func escapes(word uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := word^(ones*'"'), word^(ones*'\\')
	return ((word-ones*' ')&^word | (quotes-ones)&^quotes | (slashes-ones)&^slashes) & highs
}

// special marks the bytes of word that are a quote, a backslash, a control character or not
// ASCII with their highest bit. Only the lowest mark is sure: the subtractions borrow from the bytes above it.
func special(word uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := word^(ones*'"'), word^(ones*'\\')
	return (word | (word - ones*' ') | (quotes - ones) | (slashes - ones)) & highs
}

// plainBytes are the ASCII characters that stand for themselves in a JSON string.
var plainBytes = func() (table [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// escape reads the escape sequence at i into the buffer and returns the offset after it.
func (d *Decoder) escape(i int) int {
	if i+1 == len(d.data) {
		d.fail(i, "a string without end")
		return i
	}
	switch c := d.data[i+1]; c {
	case '"', '\\', '/':
		d.buffer = append(d.buffer, c)
	case 'b':
		d.buffer = append(d.buffer, '\b')
	case 'f':
		d.buffer = append(d.buffer, '\f')
	case 'n':
		d.buffer = append(d.buffer, '\n')
	case 'r':
		d.buffer = append(d.buffer, '\r')
	case 't':
		d.buffer = append(d.buffer, '\t')
	case 'u':
		return d.unicodeEscape(i)
	default:
		d.fail(i, "an unknown escape sequence")
	}
	return i + 2
}

// unicodeEscape reads \uXXXX, or two of them that are a surrogate pair.
func (d *Decoder) unicodeEscape(i int) int {
	r, ok := hex4(d.data, i+2)
	if !ok {
		d.fail(i, "an unknown escape sequence")
		return i
	}
	i += 6
	if utf16.IsSurrogate(r) {
		low, ok := hex4(d.data, i+2)
		r = utf16.DecodeRune(r, low)
		if !ok || d.data[i] != '\\' || d.data[i+1] != 'u' || r == utf8.RuneError {
			d.fail(i-6, "half of a surrogate pair")
			return i
		}
		i += 6
	}
	d.buffer = utf8.AppendRune(d.buffer, r)
	return i
}

// hex4 returns the number that the four digits at i stand for.
func hex4(data []byte, i int) (rune, bool) {
	if i+4 > len(data) {
		return 0, false
	}
	var r rune
	for _, c := range data[i : i+4] {
		digit := hexDigits[c]
		if digit > 15 {
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}

// hexDigits has the value of each hexadecimal digit, and 16 or more for other bytes.
var hexDigits = func() (table [256]byte) {
	for c := range table {
		table[c] = 0xff
	}
	for i := range 10 {
		table['0'+i] = byte(i)
	}
	for i := range 6 {
		table['a'+i], table['A'+i] = byte(10+i), byte(10+i)
	}
	return table
}()

// any reads one value of any kind and checks that it is JSON.
func (d *Decoder) any() {
	switch d.Kind() {
	case NullKind:
		d.literal("null")
	case BoolKind:
		d.Bool()
	case NumberKind:
		d.number()
	case StringKind:
		d.stringBytes()
	case ArrayKind:
		if d.leap() {
			return
		}
		for i := d.Array(); d.More(&i); {
			d.any()
		}
	case ObjectKind:
		if d.leap() {
			return
		}
		for o := d.Object(); d.Next(&o); {
			d.Ignore(&o)
		}
	case None:
		d.expected(d.pos, "a value")
	}
}
