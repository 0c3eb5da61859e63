package payload

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
)

// A UUID is a universally unique identifier (RFC 9562): the format "uuid". It is written in lower case.
type UUID [16]byte

// NewUUID returns a random UUID (version 4).
func NewUUID() UUID {
	var u UUID
	rand.Read(u[:]) // never fails
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ParseUUID reads a UUID such as 2eb8aa08-aa98-11ea-b4aa-73b441d16380, in either case.
func ParseUUID(s string) (UUID, error) {
	if u, ok := parseUUID([]byte(s)); ok {
		return u, nil
	}
	return UUID{}, fmt.Errorf("%s is not a UUID", quote(s))
}

// String returns the UUID in lower case.
func (u UUID) String() string { return string(u.append(nil)) }

// AppendText implements [encoding.TextAppender].
func (u UUID) AppendText(dst []byte) ([]byte, error) { return u.append(dst), nil }

// MarshalText implements [encoding.TextMarshaler].
func (u UUID) MarshalText() ([]byte, error) { return u.append(nil), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (u *UUID) UnmarshalText(text []byte) (err error) {
	*u, err = ParseUUID(string(text))
	return err
}

func (u UUID) append(dst []byte) []byte {
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	text := (*[36]byte)(dst[len(dst)-36:])
	second, third := hexDigitsOf(u[4:8]), hexDigitsOf(u[8:12])
	binary.BigEndian.PutUint64(text[0:], hexDigitsOf(u[0:4]))
	binary.BigEndian.PutUint32(text[9:], uint32(second>>32))
	binary.BigEndian.PutUint32(text[14:], uint32(second))
	binary.BigEndian.PutUint32(text[19:], uint32(third>>32))
	binary.BigEndian.PutUint32(text[24:], uint32(third))
	binary.BigEndian.PutUint64(text[28:], hexDigitsOf(u[12:16]))
	return dst
}

// hexDigitsOf returns the eight hexadecimal digits of four bytes, all at once: each nibble in a byte, and those above 9 moved on
// to the letters.
func hexDigitsOf(b []byte) uint64 {
	x := uint64(binary.BigEndian.Uint32(b))
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
	return x + 0x3030303030303030 + letters*('a'-'0'-10)
}

// AppendUUID appends u as a JSON string.
func AppendUUID(dst []byte, u UUID) []byte { return append(u.append(append(dst, '"')), '"') }

// UUID reads a string in the format "uuid".
func (d *Decoder) UUID() UUID {
	if u, ok := parseUUID(d.quoted(36)); ok {
		d.pos += 38
		return u
	}
	return decodeText(d, FormatUUID, parseUUID)
}

// uuidDigits are the offsets of the sixteen pairs of digits.
var uuidDigits = [16]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}

func parseUUID(b []byte) (u UUID, ok bool) {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return u, false
	}
	var bad byte
	for i, at := range uuidDigits {
		high, low := hexDigits[b[at]], hexDigits[b[at+1]]
		bad |= high | low
		u[i] = high<<4 | low
	}
	return u, bad <= 15
}
