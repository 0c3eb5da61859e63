package payload

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An Optional is compared as its documentation says: by its state, and by what T takes for equal.
func TestOptionalCompared(t *testing.T) {
	noon := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	same := noon.In(time.FixedZone("east", 3600))
	tests := []struct {
		name string
		a, b Optional[time.Time]
		want bool
	}{
		{"absent", Optional[time.Time]{}, Optional[time.Time]{}, true},
		{"null", Null[time.Time](), Null[time.Time](), true},
		{"absent and null", Optional[time.Time]{}, Null[time.Time](), false},
		{"null and a zero value", Null[time.Time](), Some(time.Time{}), false},
		{"one time in two zones", Some(noon), Some(same), true},
		{"two times", Some(noon), Some(noon.Add(time.Second)), false},
	}
	for _, tt := range tests {
		if got := cmp.Equal(tt.a, tt.b, cmp.AllowUnexported(Optional[time.Time]{})); got != tt.want {
			t.Errorf("%s: go-cmp says %t", tt.name, got)
		}
	}
	lists := cmp.AllowUnexported(Optional[[]string]{})
	if !cmp.Equal(Some([]string{"tea"}), Some([]string{"tea"}), lists) || cmp.Equal(Some([]string{"tea"}), Some([]string{"milk"}), lists) {
		t.Error("lists are not compared by their items")
	}
	if tea := Some("tea"); tea != Some("tea") || Some("") == Null[string]() || Null[string]() == (Optional[string]{}) {
		t.Error("Optionals of strings are not compared by ==")
	}
}
