package payload

import "time"

// The methods of Report that check a member: each is Member with one of the Check functions, without a closure.

// String checks the member called name with CheckString.
func (r *Report) String(name, value string, rule *StringRule) {
	mark := len(r.found.List)
	CheckString(r, value, rule)
	r.named(mark, name)
}

// Int64 checks the member called name with CheckInt64.
func (r *Report) Int64(name string, value int64, rule *IntegerRule) {
	mark := len(r.found.List)
	CheckInt64(r, value, rule)
	r.named(mark, name)
}

// Float64 checks the member called name with CheckFloat64.
func (r *Report) Float64(name string, value float64, rule *NumberRule) {
	mark := len(r.found.List)
	CheckFloat64(r, value, rule)
	r.named(mark, name)
}

// Float32 checks the member called name with CheckFloat32.
func (r *Report) Float32(name string, value float32, rule *NumberRule) {
	mark := len(r.found.List)
	CheckFloat32(r, value, rule)
	r.named(mark, name)
}

// Decimal checks the member called name with CheckDecimal.
func (r *Report) Decimal(name string, value Decimal, rule *NumberRule) {
	mark := len(r.found.List)
	CheckDecimal(r, value, rule)
	r.named(mark, name)
}

// Time checks the member called name with CheckTime.
func (r *Report) Time(name string, value time.Time) {
	mark := len(r.found.List)
	CheckTime(r, value)
	r.named(mark, name)
}

// Date checks the member called name with CheckDate.
func (r *Report) Date(name string, value Date) {
	mark := len(r.found.List)
	CheckDate(r, value)
	r.named(mark, name)
}

// Duration checks the member called name with CheckDuration.
func (r *Report) Duration(name string, value Duration) {
	mark := len(r.found.List)
	CheckDuration(r, value)
	r.named(mark, name)
}

// Raw checks the member called name with CheckRaw.
func (r *Report) Raw(name string, value Raw) {
	mark := len(r.found.List)
	CheckRaw(r, value)
	r.named(mark, name)
}

// Custom checks the member called name with CheckCustom.
func (r *Report) Custom(name string, value any) {
	mark := len(r.found.List)
	CheckCustom(r, value)
	r.named(mark, name)
}

// named puts name in front of the violations from mark on, if there are any.
func (r *Report) named(mark int, name string) {
	if len(r.found.List) > mark {
		r.under(mark, name)
	}
}
