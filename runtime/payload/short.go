package payload

import "math"

// A short is a number with at most 15 digits, which a float64 holds, and no exponent: unscaled divided by ten to the
// power of scale. Most numbers of payloads are short, and they need no memory to compare.
type short struct {
	unscaled int64
	scale    int
}

// parseShort returns the value of text, which is a JSON number, if it is short.
func parseShort[T string | []byte](text T) (n short, ok bool) {
	const longest = 15
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > longest+1 {
		return short{}, false
	}
	for i := range len(digits) {
		switch c := digits[i]; {
		case c == '.':
			n.scale = len(digits) - 1 - i
		case c-'0' <= 9:
			n.unscaled = n.unscaled*10 + int64(c-'0')
		default:
			return short{}, false
		}
	}
	if len(digits) < len(text) {
		n.unscaled = -n.unscaled
	}
	return n, n.scale > 0 || len(digits) <= longest
}

// float64 returns the nearest float64: one division of exact numbers is rounded once.
func (n short) float64() float64 {
	return float64(n.unscaled) / float64(powersOfTen[n.scale])
}

// shortOf returns the shortest number that reads back as f, if it is short and has few digits behind the point. Of the numbers with at most
// 15 digits only one reads back as f.
func shortOf(f float64) (n short, ok bool) {
	const (
		scale   = 6
		power   = 1e6
		largest = 1e15 / power
	)
	if !(f > -largest && f < largest) || f == 0 && math.Signbit(f) {
		return short{}, false
	}
	n = short{int64(math.RoundToEven(f * power)), scale}
	if float64(n.unscaled)/power != f {
		return short{}, false
	}
	return n.trimmed(), true
}

// trimmed returns n without zeros at the end of its fraction.
func (n short) trimmed() short {
	for n.scale > 0 && n.unscaled%10 == 0 {
		n.unscaled /= 10
		n.scale--
	}
	return n
}

// divides says whether other is certainly a multiple of n. It is false for the zero value.
func (n short) divides(other short) bool {
	if n.unscaled == 0 || other.scale > n.scale {
		return false
	}
	const largest = 1 << 62
	power := powersOfTen[n.scale-other.scale]
	if other.unscaled > largest/power || other.unscaled < -largest/power {
		return false
	}
	return other.unscaled*power%n.unscaled == 0
}

var powersOfTen = [...]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}
