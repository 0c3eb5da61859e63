package payload

import (
	"reflect"
	"testing"
)

// A rule tells what it was made from.
func TestRulesTell(t *testing.T) {
	limits := NumberLimits{Minimum: "1", ExclusiveMinimum: "2.0", Maximum: "3e0", ExclusiveMaximum: "4", MultipleOf: "0.50", Whole: true, Enum: []string{"3", "2"}}
	if got := NewNumberRule(limits).Limits(); !reflect.DeepEqual(got, limits) {
		t.Errorf("got %+v, want %+v", got, limits)
	}
	if got := NewPattern(`\d`, "[0-9]").Expression(); got != "[0-9]" {
		t.Errorf("got the expression %s", got)
	}
}
