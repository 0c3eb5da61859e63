package payload

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// tree is a map of maps, none of which may be empty.
type tree map[string]tree

var treeCodec = Codec{Value: Value{Item: &Value{}, Rule: &MapRule{MinProperties: 1, MaxProperties: NoLimit}}}

func (*tree) JSONCodec() OpaqueCodec { return &treeCodec }

// TestMapsInMapsAreCheckedTwice checks that what is wrong deep in maps takes two passes to find, not two for each map, which would take for
// ever, and that all is reported in the order of the names.
func TestMapsInMapsAreCheckedTwice(t *testing.T) {
	const deep = 60
	members := tree{"b": {}, "a": {}, "c": {}}
	for i := range deep {
		members = tree{fmt.Sprint(i): members}
	}
	var found *Violations
	if err := treeCodec.Validate(&members); !errors.As(err, &found) || len(found.List) != 3 {
		t.Fatalf("found %v", err)
	}
	if !slices.IsSortedFunc(found.List, func(a, b Violation) int { return strings.Compare(a.Pointer, b.Pointer) }) {
		t.Errorf("not in the order of the names: %v", found)
	}
}
