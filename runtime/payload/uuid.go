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
	var hex [32]byte
	for i := range 4 {
		binary.BigEndian.PutUint64(hex[8*i:], hexDigitsOf(binary.BigEndian.Uint32(u[4*i:])))
	}
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	text := (*[36]byte)(dst[len(dst)-36:])
	*(*[8]byte)(text[0:]) = [8]byte(hex[0:])
	*(*[4]byte)(text[9:]) = [4]byte(hex[8:])
	*(*[4]byte)(text[14:]) = [4]byte(hex[12:])
	*(*[4]byte)(text[19:]) = [4]byte(hex[16:])
	*(*[12]byte)(text[24:]) = [12]byte(hex[20:])
	return dst
}

// hexDigitsOf returns the eight hexadecimal digits of n, all at once: each of its nibbles in a byte, and those above 9 moved on to
// the letters.
func hexDigitsOf(n uint32) uint64 {
	x := uint64(n)
	x = (x | x<<16) & 0x0000ffff0000ffff
	x = (x | x<<8) & 0x00ff00ff00ff00ff
	x = (x | x<<4) & 0x0f0f0f0f0f0f0f0f
	letters := (x + 0x0606060606060606) >> 4 & 0x0101010101010101
	return x + 0x3030303030303030 + letters*('a'-'0'-10)
}

// appendUUID appends u as a JSON string.
func appendUUID(dst []byte, u UUID) []byte { return append(u.append(append(dst, '"')), '"') }

// UUID reads a string in the format "uuid".
func (d *decoder) UUID() UUID {
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
