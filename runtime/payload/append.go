package payload

import (
	"encoding/base64"
	"errors"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// endObject ends an object whose members were appended from start on, each as a comma, the name, a colon and the value: it
// puts the brace in place of the first comma.
func endObject(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, '{', '}')
	}
	dst[start] = '{'
	return append(dst, '}')
}

// appendString appends s as a JSON string. Bytes that are not UTF-8 become U+FFFD, as in encoding/json;
// Validate refuses them.
func appendString(dst []byte, s string) []byte {
	i, n := plainText(s, 0), len(dst)
	if i == len(s) && cap(dst)-n >= len(s)+2 { // most strings, without asking for room three times
		dst = dst[:n+len(s)+2]
		dst[n] = '"'
		copy(dst[n+1:], s)
		dst[len(dst)-1] = '"'
		return dst
	}
	dst = append(dst, '"')
	done := 0
	for ; i < len(s); i = plainText(s, i) {
		if c := s[i]; c < utf8.RuneSelf {
			dst = appendEscape(append(dst, s[done:i]...), c)
			i++
			done = i
			continue
		}
		end := unescaped(s, i)
		if !utf8.ValidString(s[i:end]) {
			dst = appendValid(append(dst, s[done:i]...), s[i:end])
			done = end
		}
		i = end
	}
	return append(append(dst, s[done:]...), '"')
}

// appendValid appends s with U+FFFD in place of each byte that is not UTF-8.
func appendValid(dst []byte, s string) []byte {
	for _, r := range s {
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// plainText returns the offset of the first byte from i on that is a quote, a backslash, a control
// character or not ASCII.
func plainText(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		if mask := special(word(s, i)); mask != 0 {
			return i + bits.TrailingZeros64(mask)/8
		}
	}
	for i < len(s) && plainBytes[s[i]] {
		i++
	}
	return i
}

// word returns the eight bytes at i, the first one lowest.
func word(s string, i int) uint64 {
	t := s[i : i+8]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
		uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// validUTF8 is utf8.ValidString, faster for short ASCII.
func validUTF8(s string) bool {
	const highs = 0x8080808080808080
	if len(s) < 8 {
		var all byte
		for i := range len(s) {
			all |= s[i]
		}
		return all < utf8.RuneSelf || utf8.ValidString(s)
	}
	all := word(s, len(s)-8)
	for i := 0; i+8 < len(s); i += 8 {
		all |= word(s, i)
	}
	return all&highs == 0 || utf8.ValidString(s)
}

// appendEscape appends the escape sequence of c, which is ASCII.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}

// appendBool appends true or false.
func appendBool(dst []byte, b bool) []byte { return strconv.AppendBool(dst, b) }

// appendInt64 appends n.
func appendInt64(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// appendUint64 appends n.
func appendUint64(dst []byte, n uint64) []byte { return strconv.AppendUint(dst, n, 10) }

var errNotFinite = errors.New("NaN and infinity have no JSON")

// appendFloat64 appends the shortest number that reads back as f. NaN and the infinities are errors.
func appendFloat64(dst []byte, f float64) ([]byte, error) { return appendFloat(dst, f, 64) }

// appendFloat32 appends the shortest number that reads back as f. NaN and the infinities are errors.
func appendFloat32(dst []byte, f float32) ([]byte, error) { return appendFloat(dst, float64(f), 32) }

func appendFloat(dst []byte, f float64, bits int) ([]byte, error) {
	if bits == 64 {
		if dst, ok := appendShortest(dst, f); ok {
			return dst, nil
		}
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return dst, errNotFinite
	}
	format := byte('f')
	if size := math.Abs(f); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, bits), nil
}

// appendBytes appends b as a string in base64 (RFC 4648, section 4).
func appendBytes(dst, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

// An EncodeError says which value cannot be written as JSON.
type EncodeError struct {
	Pointer string // JSON pointer to the value
	Err     error
}

// Error returns "pointer: reason".
func (e *EncodeError) Error() string { return e.Pointer + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *EncodeError) Unwrap() error { return e.Err }

// errorUnder returns err as the error of the member or item called name.
func errorUnder(name string, err error) error {
	pointer := tokenOf(name)
	if inner, ok := err.(*EncodeError); ok { //nolint:errorlint // only our own, unwrapped errors are extended
		return &EncodeError{Pointer: joined(pointer, inner.Pointer), Err: inner.Err}
	}
	return &EncodeError{Pointer: pointer, Err: err}
}
