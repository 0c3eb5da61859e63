package payload

import (
	"cmp"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// A Decimal is a decimal number that keeps its digits: what was read as 1.10 is written as 1.10. The zero
// value is 0. Two Decimals with the same value may differ in their digits: compare them with Cmp.
//
// A Decimal has no arithmetic of its own; Rat and Int64 lead to types that do.
type Decimal struct {
	text string // in the notation of JSON; "" is 0
}

// ParseDecimal reads a number in the notation of JSON, such as -12.50 or 6.02e23.
func ParseDecimal(s string) (Decimal, error) {
	if !isNumber([]byte(s)) {
		return Decimal{}, fmt.Errorf("%s is not a decimal number", quote(s))
	}
	return Decimal{s}, nil
}

// MustDecimal is ParseDecimal for constants. It panics when s is not a number.
func MustDecimal(s string) Decimal {
	d, err := ParseDecimal(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DecimalOf returns unscaled divided by ten to the power of scale: DecimalOf(1250, 2) is 12.50. A
// scale below zero is as zero.
func DecimalOf(unscaled int64, scale int) Decimal {
	text := strconv.FormatInt(unscaled, 10)
	if scale <= 0 {
		return Decimal{text}
	}
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if missing := scale + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	point := len(text) - scale
	return Decimal{sign + text[:point] + "." + text[point:]}
}

// String returns the number with the digits that it was made from.
func (d Decimal) String() string {
	if d.text == "" {
		return "0"
	}
	return d.text
}

// Cmp returns -1, 0 or 1 as the value of d is less than, equal to or greater than that of other.
func (d Decimal) Cmp(other Decimal) int {
	return parseNumber(d.String()).cmp(parseNumber(other.String()))
}

// Int64 returns the value as an int64. It returns false when the value is not a whole number or
// does not fit.
func (d Decimal) Int64() (int64, bool) { return parseNumber(d.String()).int64() }

// Scaled returns what [DecimalOf] makes the same value from: 12.50 is 1250 with the scale 2. It returns false when the
// unscaled value does not fit an int64, or the scale is more than 1,000.
func (d Decimal) Scaled() (unscaled int64, scale int, ok bool) {
	const most = 1000
	mantissa, exponent, _ := strings.Cut(strings.ToLower(d.String()), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	power, err := strconv.Atoi(cmp.Or(exponent, "0"))
	scale = len(fraction) - power
	if err != nil || scale > most || scale < -most {
		return 0, 0, false
	}
	digits := whole + fraction
	if scale < 0 {
		digits, scale = digits+strings.Repeat("0", -scale), 0
	}
	unscaled, err = strconv.ParseInt(digits, 10, 64)
	return unscaled, scale, err == nil
}

// Float64 returns the nearest float64; it is infinite when the value is too large.
func (d Decimal) Float64() float64 {
	f, _ := strconv.ParseFloat(d.String(), 64) // out of range gives an infinity
	return f
}

// Rat returns the exact value. It returns false when the number has more than 10,000 digits or an
// exponent beyond 10,000, because such a fraction would take much time or memory.
func (d Decimal) Rat() (*big.Rat, bool) {
	const most = 10_000
	if n := parseNumber(d.String()); len(n.digits) > most || n.exponent > most || n.exponent < -most {
		return nil, false
	}
	return new(big.Rat).SetString(d.String())
}

// MarshalJSON writes the number.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalJSON reads a number.
func (d *Decimal) UnmarshalJSON(data []byte) (err error) {
	*d, err = ParseDecimal(string(data))
	return err
}

// appendDecimal appends d as a JSON number.
func appendDecimal(dst []byte, d Decimal) []byte {
	if d.text == "" {
		return append(dst, '0')
	}
	return append(dst, d.text...)
}

// appendDecimalString appends d as a JSON string.
func appendDecimalString(dst []byte, d Decimal) []byte {
	return append(appendDecimal(append(dst, '"'), d), '"')
}

// Decimal reads a number and keeps its digits.
func (d *decoder) Decimal(rule *NumberRule) Decimal {
	if !d.atNumber() {
		d.mismatch("number")
		return Decimal{}
	}
	start, end := d.number()
	return d.decimal(start, d.keep(d.data[start:end]), rule)
}

// DecimalString reads a string that holds a number: the format "decimal" of a string.
func (d *decoder) DecimalString(rule *NumberRule) Decimal {
	if d.peek() != '"' {
		d.mismatch("string")
		return Decimal{}
	}
	at := d.pos
	text := d.keep(d.stringBytes())
	if !d.broken && !isNumber([]byte(text)) {
		d.Violate(at, "format", quote(text)+" is not a decimal number")
		return Decimal{}
	}
	return d.decimal(at, text, rule)
}

func (d *decoder) decimal(at int, text string, rule *NumberRule) Decimal {
	if rule != nil && !d.broken {
		mark := len(d.report.found.List)
		rule.checkText(&d.report, text)
		d.locate(mark, at)
	}
	return Decimal{text}
}

// isNumber says whether b is one JSON number and nothing else.
func isNumber(b []byte) bool {
	if len(b) == 0 || (b[0] != '-' && b[0]-'0' > 9) {
		return false
	}
	end, ok := scanNumber(b, 0)
	return ok && end == len(b)
}
