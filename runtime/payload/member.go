package payload

import "time"

// The methods of Report that check a member: each is Member with one of the Check functions, without a closure.

// String checks the member called name with CheckString.
func (r *Report) String(name, value string, rule *StringRule) {
	ruled(r, name, value, rule, CheckString)
}

// Int64 checks the member called name with CheckInt64.
func (r *Report) Int64(name string, value int64, rule *IntegerRule) {
	ruled(r, name, value, rule, CheckInt64)
}

// Float64 checks the member called name with CheckFloat64.
func (r *Report) Float64(name string, value float64, rule *NumberRule) {
	ruled(r, name, value, rule, CheckFloat64)
}

// Float32 checks the member called name with CheckFloat32.
func (r *Report) Float32(name string, value float32, rule *NumberRule) {
	ruled(r, name, value, rule, CheckFloat32)
}

// Decimal checks the member called name with CheckDecimal.
func (r *Report) Decimal(name string, value Decimal, rule *NumberRule) {
	ruled(r, name, value, rule, CheckDecimal)
}

// Time checks the member called name with CheckTime.
func (r *Report) Time(name string, value time.Time) { member(r, name, value, CheckTime) }

// Date checks the member called name with CheckDate.
func (r *Report) Date(name string, value Date) { member(r, name, value, CheckDate) }

// Duration checks the member called name with CheckDuration.
func (r *Report) Duration(name string, value Duration) { member(r, name, value, CheckDuration) }

// Raw checks the member called name with CheckRaw.
func (r *Report) Raw(name string, value Raw) { member(r, name, value, CheckRaw) }

// Custom checks the member called name with CheckCustom.
func (r *Report) Custom(name string, value any) { member(r, name, value, CheckCustom) }

// ruled runs check, which takes a rule, for the member called name.
func ruled[V, R any](r *Report, name string, value V, rule *R, check func(*Report, V, *R)) {
	mark := len(r.found.List)
	check(r, value, rule)
	r.named(mark, name)
}

// member runs check for the member called name.
func member[V any](r *Report, name string, value V, check func(*Report, V)) {
	mark := len(r.found.List)
	check(r, value)
	r.named(mark, name)
}

// named puts name in front of the violations from mark on, if there are any.
func (r *Report) named(mark int, name string) {
	if len(r.found.List) > mark {
		r.under(mark, name)
	}
}
