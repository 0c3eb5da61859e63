package payload

import (
	"math"
	"math/bits"
	"strconv"
)

// appendShortest appends f as package strconv writes it without an exponent: the shortest digits that read back as f, and of those the
// nearest to it. It returns false, and has appended nothing, for what it leaves to strconv: the very large and small, and what is halfway.
func appendShortest(dst []byte, f float64) ([]byte, bool) {
	n, ok := shortOf(f)
	if !ok {
		if n, ok = shortestOf(math.Abs(f)); !ok {
			return dst, false
		}
		if f < 0 {
			n.unscaled = -n.unscaled
		}
	}
	return n.append(dst), true
}

// shortestOf returns the shortest digits of f. What rounds to f are the numbers between those halfway to its neighbours. Times a power of
// ten that makes at least 17 digits of it, all three are exact in 128 bits; the shortest digits are those of a number between them that
// ends in the most zeros.
func shortestOf(f float64) (n short, ok bool) {
	const least, most = 1.0 / 64, 1 << 52 // where the power of ten and the shift below are within their bounds
	if !(f >= least && f < most) {
		return short{}, false
	}
	all := math.Float64bits(f)
	mantissa, exponent := all&(1<<52-1)|1<<52, int(all>>52)-1023 // f is mantissa times two to the power of exponent-52
	if mantissa == 1<<52 {
		return short{}, false // the neighbour below is nearer than the one above
	}
	n.scale = 16 - exponent*1233>>12 // 1233/4096 is log10(2)
	power, shift := uint64(powersOfTen[n.scale]), uint(53-exponent)
	low, lowRest := scaled(2*mantissa-1, power, shift)
	middle, middleRest := scaled(2*mantissa, power, shift)
	high, highRest := scaled(2*mantissa+1, power, shift)
	odd := mantissa&1 != 0 // halfway rounds to the neighbour
	if lowRest != 0 || odd {
		low++
	}
	if highRest == 0 && odd {
		high--
	}
	dropped := 0
	for ; n.scale > 0 && (low+9)/10 <= high/10; dropped++ {
		low, high = (low+9)/10, high/10
		n.scale--
	}
	n.unscaled, ok = rounded(middle, uint64(powersOfTen[dropped]), middleRest, shift)
	return n, ok
}

// scaled returns n times power divided by two to the power of shift, and the rest.
func scaled(n, power uint64, shift uint) (quotient, rest uint64) {
	high, low := bits.Mul64(n, power)
	return high<<(64-shift) | low>>shift, low & (1<<shift - 1)
}

// rounded returns the nearest whole number to n, and a fraction of rest divided by two to the power of shift, divided by power. It returns
// false when two are as near.
func rounded(n, power, rest uint64, shift uint) (int64, bool) {
	quotient, twice := n/power, n%power*2
	half := uint64(1) << (shift - 1)
	switch {
	case twice+1 < power, twice+1 == power && rest < half:
		return int64(quotient), true
	case twice > power, twice == power && rest > 0, twice+1 == power && rest > half:
		return int64(quotient) + 1, true
	}
	return 0, false
}

// append appends n in the notation of JSON.
func (n short) append(dst []byte) []byte {
	size := uint64(n.unscaled)
	if n.unscaled < 0 {
		dst, size = append(dst, '-'), -size
	}
	power := uint64(powersOfTen[n.scale])
	dst = strconv.AppendUint(dst, size/power, 10)
	if n.scale == 0 {
		return dst
	}
	point := len(dst)
	dst = strconv.AppendUint(dst, size%power+power, 10) // a one, and the fraction with the zeros at its beginning
	dst[point] = '.'
	return dst
}
