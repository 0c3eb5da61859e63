package payload

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// tree is a map of maps.
type tree map[string]tree

// TestMapsInMapsAreCheckedTwice checks that a violation deep in maps is found in no more than two passes, and that all are reported in the
// order of the names.
func TestMapsInMapsAreCheckedTwice(t *testing.T) {
	const deep = 30
	deepest := tree{"b": nil, "a": nil, "c": nil}
	members := deepest
	for i := range deep {
		members = tree{fmt.Sprint(i): members}
	}
	calls := 0
	var check func(*tree, *Report)
	check = func(m *tree, r *Report) {
		if calls++; *m == nil {
			r.Add("required", "is missing")
		}
		CheckRest(r, *m, check)
	}
	err := Validate(func(r *Report) { check(&members, r) })
	var found *Violations
	if !errors.As(err, &found) || len(found.List) != 3 {
		t.Fatalf("found %v", err)
	}
	if !slices.IsSortedFunc(found.List, func(a, b Violation) int {
		if a.Pointer < b.Pointer {
			return -1
		}
		return 1
	}) {
		t.Errorf("not in the order of the names: %v", err)
	}
	if most := 2 * (deep + 4); calls > most {
		t.Errorf("%d values were checked, want at most %d", calls, most)
	}
}
