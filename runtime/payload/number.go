package payload

import (
	"fmt"
	"slices"
	"strconv"
)

// An IntegerRule is what a schema says about an integer that a Go integer holds. Bounds are included;
// a rule without a bound has that of the Go type.
type IntegerRule struct {
	Minimum    int64
	Maximum    int64
	MultipleOf int64   // 0 means none
	Enum       []int64 // the values that are allowed, in order; nil allows all

	// Format says which type AMQP headers have for the integer. Minimum and Maximum are within its bounds.
	Format IntegerFormat
}

// An IntegerFormat is the format of an integer that is smaller than its Go type.
type IntegerFormat uint8

// The formats of integers. NoIntegerFormat is the zero value: the Go type determines the format.
const (
	NoIntegerFormat IntegerFormat = iota
	Int8
	Int16
	Int32
	Uint8
	Uint16
	Uint32
)

// header returns n with the type of the rule's format, or of another one where that has none. A nil rule has none.
func (rule *IntegerRule) header(n int64, format IntegerFormat) (any, error) {
	if rule != nil && rule.Format != NoIntegerFormat {
		format = rule.Format
	}
	var sized any = n
	kept := n
	switch format {
	case Int8:
		sized, kept = int8(n), int64(int8(n))
	case Int16:
		sized, kept = int16(n), int64(int16(n))
	case Int32:
		sized, kept = int32(n), int64(int32(n))
	case Uint8:
		sized, kept = uint8(n), int64(uint8(n))
	case Uint16:
		sized, kept = uint16(n), int64(uint16(n))
	case Uint32:
		sized, kept = uint32(n), int64(uint32(n))
	case NoIntegerFormat:
	}
	if kept != n {
		return nil, fmt.Errorf("%d does not fit the format %T", n, sized)
	}
	return sized, nil
}

// Int64 reads a whole number. 1.0 and 1e3 are whole numbers; one that does not fit an int64 is a violation.
func (d *decoder) Int64(rule *IntegerRule) int64 {
	start := d.pos
	n, ok := d.shortInteger()
	if !ok {
		if n, ok = d.longInteger(); !ok {
			return 0
		}
	}
	if rule != nil {
		mark := len(d.report.found.List)
		checkInt64(&d.report, n, rule)
		if len(d.report.found.List) > mark {
			d.locate(mark, start)
		}
	}
	return n
}

// shortInteger reads an integer of at most 18 digits, written as digits alone. It reads nothing when it returns false.
func (d *decoder) shortInteger() (n int64, ok bool) {
	const longest = 18
	i := d.pos
	negative := i < len(d.data) && d.data[i] == '-'
	if negative {
		i++
	}
	first := i
	for i < len(d.data) && d.data[i]-'0' <= 9 && i-first <= longest {
		n = n*10 + int64(d.data[i]-'0')
		i++
	}
	if i == first || i-first > longest || d.data[first] == '0' && i > first+1 {
		return 0, false
	}
	if i < len(d.data) && (d.data[i] == '.' || d.data[i]|0x20 == 'e') {
		return 0, false
	}
	if negative {
		n = -n
	}
	d.pos = i
	return n, true
}

// longInteger reads any other integer, and reports what is none.
func (d *decoder) longInteger() (int64, bool) {
	if d.Kind() != NumberKind {
		d.mismatch("integer")
		return 0, false
	}
	start, end := d.number()
	if d.broken {
		return 0, false
	}
	value := parseNumber(string(d.data[start:end]))
	n, ok := value.int64()
	if !ok {
		d.notInteger(start, end, value)
	}
	return n, ok
}

// Int32 reads a whole number that fits an int32.
func (d *decoder) Int32(rule *IntegerRule) int32 {
	at := d.Offset()
	n := d.Int64(rule)
	if n != int64(int32(n)) {
		if rule == nil {
			d.Violate(at, "type", "does not fit 32 bits")
		}
		return 0
	}
	return int32(n)
}

// Uint32 reads a whole number that fits a uint32.
func (d *decoder) Uint32(rule *IntegerRule) uint32 {
	at := d.Offset()
	n := d.Int64(rule)
	if n != int64(uint32(n)) {
		if rule == nil {
			d.Violate(at, "type", "does not fit 32 bits without a sign")
		}
		return 0
	}
	return uint32(n)
}

// Uint64 reads a whole number that fits a uint64.
func (d *decoder) Uint64(rule *NumberRule) uint64 {
	start := d.pos
	short, ok := d.shortInteger()
	n := uint64(short)
	switch {
	case !ok:
		n, ok = d.longUnsigned()
	case short < 0:
		ok = false
		d.Violate(start, "minimum", "is "+strconv.FormatInt(short, 10)+", want at least 0")
	}
	if !ok {
		return 0
	}
	if rule != nil {
		mark := len(d.report.found.List)
		checkUint64(&d.report, n, rule)
		d.locate(mark, start)
	}
	return n
}

// longUnsigned reads any other integer from 0 on, and reports what is none.
func (d *decoder) longUnsigned() (uint64, bool) {
	if !d.atNumber() {
		d.mismatch("integer")
		return 0, false
	}
	start, end := d.number()
	if d.broken {
		return 0, false
	}
	value := parseNumber(string(d.data[start:end]))
	n, ok := value.uint64()
	switch {
	case ok:
	case value.negative && value.whole():
		d.Violate(start, "minimum", "is "+shortened(string(d.data[start:min(end, start+40)]))+", want at least 0")
	default:
		d.notInteger(start, end, value)
	}
	return n, ok
}

// checkUint64 reports what is wrong with n. A nil rule allows everything.
func checkUint64(r *report, n uint64, rule *NumberRule) {
	if rule != nil {
		rule.checkText(r, strconv.FormatUint(n, 10))
	}
}

func (d *decoder) notInteger(start, end int, value number) {
	text := string(d.data[start:min(end, start+40)])
	if value.whole() {
		d.Violate(start, "type", text+" does not fit 64 bits")
		return
	}
	d.Violate(start, "type", "is "+shortened(text)+", want an integer")
}

// checkInt64 reports what is wrong with n. A nil rule allows everything.
func checkInt64(r *report, n int64, rule *IntegerRule) {
	if rule == nil {
		return
	}
	if n < rule.Minimum {
		r.Add("minimum", "is "+strconv.FormatInt(n, 10)+", want at least "+strconv.FormatInt(rule.Minimum, 10))
	}
	if n > rule.Maximum {
		r.Add("maximum", "is "+strconv.FormatInt(n, 10)+", want at most "+strconv.FormatInt(rule.Maximum, 10))
	}
	if rule.MultipleOf > 0 && n%rule.MultipleOf != 0 {
		r.Add("multipleOf", "is "+strconv.FormatInt(n, 10)+", want a multiple of "+strconv.FormatInt(rule.MultipleOf, 10))
	}
	if rule.Enum != nil {
		if _, ok := slices.BinarySearch(rule.Enum, n); !ok {
			r.Add("enum", notOneOf(formatInt(n), rule.Enum, formatInt))
		}
	}
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }

// A NumberRule is what a schema says about a number, exactly. Make one with NewNumberRule.
type NumberRule struct {
	bounds     []bound
	unit       string // multipleOf as written; "" is none
	multipleOf number
	short      short // multipleOf, when it is short
	whole      bool
	enum       []string
	values     []number // of the enum, in order
}

// A bound is a minimum or maximum.
type bound struct {
	keyword string
	text    string
	value   number
	near    float64 // value, rounded
	side    int     // what comparing a number that is out of bounds with value gives
	open    bool    // the bound itself is out of bounds
}

// NumberLimits are the limits of a number as in a schema, in decimal digits; "" is none.
type NumberLimits struct {
	Minimum, ExclusiveMinimum string
	Maximum, ExclusiveMaximum string
	MultipleOf                string
	Whole                     bool     // integers only
	Enum                      []string // the values that are allowed; nil allows all
}

// NewNumberRule returns a rule with these limits. It panics when a limit is not a JSON number.
func NewNumberRule(limits NumberLimits) *NumberRule {
	rule := NumberRule{whole: limits.Whole, enum: limits.Enum}
	rule.bound("minimum", limits.Minimum, -1, false)
	rule.bound("exclusiveMinimum", limits.ExclusiveMinimum, -1, true)
	rule.bound("maximum", limits.Maximum, 1, false)
	rule.bound("exclusiveMaximum", limits.ExclusiveMaximum, 1, true)
	if limits.MultipleOf != "" {
		rule.unit = limits.MultipleOf
		rule.multipleOf = parseNumber(MustDecimal(limits.MultipleOf).text)
		rule.short, _ = parseShort(limits.MultipleOf)
	}
	for _, text := range limits.Enum {
		rule.values = append(rule.values, parseNumber(text))
	}
	slices.SortFunc(rule.values, number.cmp)
	return &rule
}

// Limits returns the limits that the rule was made from.
func (rule *NumberRule) Limits() NumberLimits {
	limits := NumberLimits{MultipleOf: rule.unit, Whole: rule.whole, Enum: rule.enum}
	for _, b := range rule.bounds {
		switch b.keyword {
		case "minimum":
			limits.Minimum = b.text
		case "exclusiveMinimum":
			limits.ExclusiveMinimum = b.text
		case "maximum":
			limits.Maximum = b.text
		case "exclusiveMaximum":
			limits.ExclusiveMaximum = b.text
		}
	}
	return limits
}

func (rule *NumberRule) bound(keyword, text string, side int, open bool) {
	if text == "" {
		return
	}
	limit := MustDecimal(text)
	rule.bounds = append(rule.bounds, bound{keyword, text, parseNumber(text), limit.Float64(), side, open})
}

// checkDecimal reports what is wrong with d. A nil rule allows everything.
func checkDecimal(r *report, d Decimal, rule *NumberRule) {
	if rule != nil {
		rule.checkText(r, d.String())
	}
}

// checkNear checks the number whose nearest float64 is f. Rounding keeps the order, so only when f is a bound's
// nearest float64 too must the digits be compared.
func (rule *NumberRule) checkNear(r *report, f float64, digits func() string) {
	for i := range rule.bounds {
		b := &rule.bounds[i]
		if (b.side < 0 && f > b.near) || (b.side > 0 && f < b.near) {
			continue
		}
		text := digits()
		b.check(r, text, parseNumber(text))
	}
	if rule.unit != "" {
		rule.checkMultiple(r, digits())
	}
	if rule.enum != nil || rule.whole {
		rule.checkValue(r, digits())
	}
}

func (rule *NumberRule) checkText(r *report, text string) {
	if n, isShort := parseShort(text); isShort {
		if f := n.float64(); !rule.within(f) || !rule.allows(n, true) {
			rule.checkNear(r, f, func() string { return text })
		}
		return
	}
	value := parseNumber(text)
	for i := range rule.bounds {
		rule.bounds[i].check(r, text, value)
	}
	if rule.unit != "" {
		rule.checkMultiple(r, text)
	}
	if rule.enum != nil || rule.whole {
		rule.checkValue(r, text)
	}
}

// within says whether a number whose nearest float64 is f is certainly within the bounds.
func (rule *NumberRule) within(f float64) bool {
	for i := range rule.bounds {
		b := &rule.bounds[i]
		if b.side < 0 && f <= b.near || b.side > 0 && f >= b.near {
			return false
		}
	}
	return true
}

// allows says whether a number, which is n if it is short, certainly is what the rule demands, its bounds apart.
func (rule *NumberRule) allows(n short, isShort bool) bool {
	switch {
	case rule.unit == "" && !rule.whole && rule.enum == nil:
		return true
	case !isShort || rule.enum != nil:
		return false
	}
	return (!rule.whole || n.scale == 0) && (rule.unit == "" || rule.short.divides(n))
}

func (rule *NumberRule) checkMultiple(r *report, text string) {
	n, ok := parseShort(text)
	if !ok || !rule.short.divides(n) {
		if !parseNumber(text).multipleOf(rule.multipleOf) {
			r.Add("multipleOf", "is "+shortened(text)+", want a multiple of "+rule.unit)
		}
	}
}

// checkValue checks what needs the exact value: whether it is whole, and whether it is one of the enum.
func (rule *NumberRule) checkValue(r *report, text string) {
	value := parseNumber(text)
	if rule.whole && !value.whole() {
		r.Add("type", "is "+shortened(text)+", want an integer")
	}
	if rule.enum == nil {
		return
	}
	if _, allowed := slices.BinarySearchFunc(rule.values, value, number.cmp); !allowed && !r.counted() {
		r.Add("enum", notOneOf(shortened(text), rule.enum, func(s string) string { return s }))
	}
}

func (b *bound) check(r *report, text string, value number) {
	order := value.cmp(b.value)
	if order != b.side && (order != 0 || !b.open) {
		return
	}
	want := map[string]string{
		"minimum": "at least ", "exclusiveMinimum": "more than ", "maximum": "at most ", "exclusiveMaximum": "less than ",
	}[b.keyword]
	r.Add(b.keyword, "is "+shortened(text)+", want "+want+b.text)
}
