package payload

import (
	"math"
	"math/bits"
)

// nearest returns the float64 that is nearest to text, which is a JSON number, if it has at most 19 digits and no exponent, as float64s
// have that are written with all their digits. It is as exact as package strconv, and quicker as it need not find the digits again.
func nearest(text []byte) (f float64, ok bool) {
	const longest = 19 // digits that a uint64 holds
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > longest+1 {
		return 0, false
	}
	var unscaled uint64
	scale := 0
	for i, c := range digits {
		switch {
		case c == '.':
			scale = len(digits) - 1 - i
		case c-'0' <= 9:
			unscaled = unscaled*10 + uint64(c-'0')
		default:
			return 0, false
		}
	}
	if scale >= len(powersOfTen) || scale == 0 && len(digits) > longest {
		return 0, false
	}
	if unscaled < 1<<53 {
		f = float64(unscaled) / float64(powersOfTen[scale]) // exact numbers: one division is rounded once
	} else {
		f = quotient(unscaled, uint64(powersOfTen[scale]))
	}
	if len(digits) < len(text) {
		f = -f
	}
	return f, true
}

// quotient returns the float64 that is nearest to n divided by d, which are not zero.
func quotient(n, d uint64) float64 {
	up, down := bits.LeadingZeros64(n), bits.LeadingZeros64(d)
	n, d = n<<up, d<<down
	q, rest := bits.Div64(n>>1, n<<63, d) // n/d times two to the power of 63, so that the quotient has 63 or 64 bits
	if rest != 0 {
		q |= 1 // there is more: no tie
	}
	// A uint64 is rounded to the nearest float64, ties to the even one; the power of two is exact.
	return float64(q) * math.Float64frombits(uint64(1023-63+down-up)<<52)
}
