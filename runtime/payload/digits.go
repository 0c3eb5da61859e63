package payload

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// A number is the exact value of a JSON number: 0.digits times ten to the power of exponent. Digits have no zero at
// either end, so equal values are equal numbers; zero has no digits.
type number struct {
	negative bool
	digits   string
	exponent int
}

// hugeExponent is in place of exponents that are larger; what differs by more than that differs.
const hugeExponent = 1 << 40

// parseNumber returns the value of text, which is a JSON number.
func parseNumber(text string) number {
	var n number
	text, n.negative = strings.CutPrefix(text, "-")
	mantissa := text
	if e := strings.IndexAny(text, "eE"); e >= 0 {
		mantissa = text[:e]
		n.exponent = parseExponent(text[e+1:])
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	n.exponent += len(whole)
	n.digits = whole
	if fraction != "" {
		n.digits += fraction
	}
	trimmed := strings.TrimLeft(n.digits, "0")
	n.exponent -= len(n.digits) - len(trimmed)
	if n.digits = strings.TrimRight(trimmed, "0"); n.digits == "" {
		return number{}
	}
	return n
}

func parseExponent(text string) int {
	exponent, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
	if err != nil { // out of range: the scanner has seen the digits
		exponent = hugeExponent
		if text[0] == '-' {
			exponent = -hugeExponent
		}
	}
	return max(-hugeExponent, min(hugeExponent, exponent))
}

// cmp returns -1, 0 or 1 as n is less than, equal to or greater than other.
func (n number) cmp(other number) int {
	if n.sign() != other.sign() {
		return cmp.Compare(n.sign(), other.sign())
	}
	size := cmp.Compare(n.exponent, other.exponent)
	if size == 0 {
		size = strings.Compare(n.digits, other.digits)
	}
	return size * n.sign()
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.negative:
		return -1
	}
	return 1
}

// whole says whether n has no fraction.
func (n number) whole() bool { return n.exponent >= len(n.digits) || n.digits == "" }

// int64 returns n when it is a whole number that fits.
func (n number) int64() (int64, bool) {
	i, err := strconv.ParseInt(n.wholeText(), 10, 64)
	return i, err == nil
}

// uint64 returns n when it is a whole number that fits.
func (n number) uint64() (uint64, bool) {
	i, err := strconv.ParseUint(n.wholeText(), 10, 64)
	return i, err == nil
}

// wholeText returns the digits of n when it is a whole number of 64 bits at most, else "".
func (n number) wholeText() string {
	const longest = 20 // digits of the largest uint64
	switch {
	case n.digits == "":
		return "0"
	case !n.whole() || n.exponent > longest:
		return ""
	}
	text := n.digits + strings.Repeat("0", n.exponent-len(n.digits))
	if n.negative {
		text = "-" + text
	}
	return text
}

// multipleOf says whether n is a whole multiple of unit, which is greater than zero.
func (n number) multipleOf(unit number) bool {
	if n.digits == "" {
		return true
	}
	shift := n.scale() - unit.scale()
	if shift < 0 {
		return false // n is finer than unit: its digits do not end in a zero, so no power of ten can come out of them
	}
	b, _ := new(big.Int).SetString(unit.digits, 10)
	rest := remainder(n.digits, b)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), b) // modulo b: the exponent may be huge
	return rest.Mod(rest.Mul(rest, power), b).Sign() == 0
}

// scale returns the power of ten that the digits as a whole number are multiplied with.
func (n number) scale() int { return n.exponent - len(n.digits) }

// remainder returns digits modulo b. It takes some digits at a time: the time grows with their number, not with its square.
func remainder(digits string, b *big.Int) *big.Int {
	const most = 18 // digits that fit an int64
	rest, piece := new(big.Int), new(big.Int)
	for len(digits) > 0 {
		n := min(len(digits), most)
		value, _ := strconv.ParseInt(digits[:n], 10, 64)
		rest.Mul(rest, piece.SetInt64(powersOfTen[n]))
		rest.Mod(rest.Add(rest, piece.SetInt64(value)), b)
		digits = digits[n:]
	}
	return rest
}

// number reads the number that begins at the position and returns its offsets.
func (d *decoder) number() (start, end int) {
	start = d.pos
	end, ok := scanNumber(d.data, start)
	if !ok {
		d.expected(end, "a digit")
		return start, start
	}
	d.pos = end
	return start, end
}

// scanNumber returns where the number that begins at i ends. When it is no number, end is the offset of what is wrong.
func scanNumber(data []byte, i int) (end int, ok bool) {
	if data[i] == '-' {
		i++
	}
	first := i
	if i = digits(data, i); i == first {
		return i, false
	}
	if data[first] == '0' && i > first+1 {
		return first + 1, false
	}
	if i < len(data) && data[i] == '.' {
		fraction := i + 1
		if i = digits(data, fraction); i == fraction {
			return i, false
		}
	}
	if i < len(data) && data[i]|0x20 == 'e' {
		if i++; i < len(data) && (data[i] == '+' || data[i] == '-') {
			i++
		}
		exponent := i
		if i = digits(data, exponent); i == exponent {
			return i, false
		}
	}
	return i, true
}

// digits returns the offset of the first byte from i on that is no digit.
func digits(data []byte, i int) int {
	for i < len(data) && data[i]-'0' <= 9 {
		i++
	}
	return i
}
