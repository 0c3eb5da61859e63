package payload

import (
	"math"
	"strconv"
	"unsafe"
)

// Float64 reads a number as the nearest float64. Its digits, not the float64, are checked.
func (d *decoder) Float64(rule *NumberRule) float64 {
	if !d.atNumber() {
		d.mismatch("number")
		return 0
	}
	start, end := d.number()
	if d.broken {
		return 0
	}
	text := d.data[start:end]
	f, ok := nearest(text)
	if !ok {
		var err error
		if f, err = strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64); err != nil { //nolint:gosec // not kept
			d.Violate(start, "type", string(text[:min(len(text), 40)])+" does not fit a float64")
			return 0
		}
	}
	if rule != nil {
		n, isShort := parseShort(text)
		if !rule.within(f) || !rule.allows(n, isShort) {
			d.checkDigits(rule, f, start, end)
		}
	}
	return f
}

// checkDigits reports what is wrong with the number at the offset start, whose nearest float64 is f.
func (d *decoder) checkDigits(rule *NumberRule, f float64, start, end int) {
	mark := len(d.report.found.List)
	rule.checkNear(&d.report, f, func() string { return string(d.data[start:end]) })
	if len(d.report.found.List) > mark {
		d.locate(mark, start)
	}
}

// Float32 reads a number as the nearest float32. Its digits, not the float32, are checked.
func (d *decoder) Float32(rule *NumberRule) float32 {
	at := d.Offset()
	f := d.Float64(rule)
	f32 := float32(f)
	if isBetween(f) {
		rounded, _ := strconv.ParseFloat(string(d.data[at:d.pos]), 32) // an error is an infinity, too
		f32 = float32(rounded)
	}
	if math.IsInf(float64(f32), 0) {
		d.Violate(at, "type", "does not fit a float32")
		return 0
	}
	return f32
}

// isBetween says whether f may be halfway between two float32s, so that only the digits that were rounded to f tell which one is nearer.
func isBetween(f float64) bool {
	const (
		rest     = 1<<29 - 1 // the bits that a float32 does not have
		half     = 1 << 28
		smallest = 0x1p-126 // below it a float32 has fewer bits
	)
	return math.Float64bits(f)&rest == half || f != 0 && math.Abs(f) < smallest
}

// checkFloat64 reports what is wrong with f. A nil rule allows every number that JSON can write.
func checkFloat64(r *report, f float64, rule *NumberRule) { checkFloat(r, f, 64, rule) }

// checkFloat32 reports what is wrong with f. A nil rule allows every number that JSON can write.
func checkFloat32(r *report, f float32, rule *NumberRule) { checkFloat(r, float64(f), 32, rule) }

// checkFloat checks the shortest digits that read back as f.
func checkFloat(r *report, f float64, bits int, rule *NumberRule) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		r.Add("type", errNotFinite.Error())
		return
	}
	if rule == nil {
		return
	}
	if bits == 64 && rule.within(f) {
		if n, isShort := shortOf(f); rule.allows(n, isShort) {
			return
		}
	}
	rule.checkText(r, strconv.FormatFloat(f, 'g', -1, bits))
}
