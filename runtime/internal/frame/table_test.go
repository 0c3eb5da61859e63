package frame

import (
	"bytes"
	"math"
	"reflect"
	"testing"
)

// allTypes has a value of each type that can be written.
func allTypes() headers {
	table := everything().Headers
	table["int"], table["map"], table["strings"] = math.MaxInt, map[string]any{"c": int32(1)}, []string{"a", "b"}
	return table
}

// TestTableIsStable checks that equal tables have equal bytes.
func TestTableIsStable(t *testing.T) {
	first := appendTable(nil, allTypes())
	for range 20 {
		if !bytes.Equal(first, appendTable(nil, allTypes())) {
			t.Fatal("the same table has other bytes")
		}
	}
}

// TestTableSize checks that sizes are never too small: what passes fits into a frame.
func TestTableSize(t *testing.T) {
	size, err := TableSize(allTypes())
	if err != nil {
		t.Fatal(err)
	}
	if written := len(appendTable(nil, allTypes())); written > size {
		t.Errorf("a table of %d bytes was rated %d", written, size)
	}
}

// TestTablesHaveOneType reads what was written from tables of two types: all of them come back in
// the type of the outermost.
func TestTablesHaveOneType(t *testing.T) {
	written := appendTable(nil, headers{"own": headers{"a": "b"}, "other": map[string]any{"a": "b"}, "list": []any{map[string]any{}}})
	got, _, err := cutTable[headers](written)
	if err != nil {
		t.Fatal(err)
	}
	if want := (headers{"own": headers{"a": "b"}, "other": headers{"a": "b"}, "list": []any{headers{}}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}
