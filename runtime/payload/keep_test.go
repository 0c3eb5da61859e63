package payload

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestStringsAreCopies reads strings of many lengths, plain and escaped, and then overwrites the text and what the decoder uses again.
func TestStringsAreCopies(t *testing.T) {
	var want []string
	for n := range 300 {
		want = append(want, strings.Repeat("x", n%40), strings.Repeat("é\n", n), "")
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	read := func(text []byte) (list []string) {
		if err := unmarshal(text, func(d *decoder) {
			readAs(d, &list, new(Value))
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	got := read(text)
	other := bytes.ReplaceAll(text, []byte("x"), []byte("y"))
	clear(text)
	if read(other); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestShortStringsShareMemory(t *testing.T) {
	text := []byte(`["` + strings.Repeat(`short","member","`, 20) + `"]`)
	decode := func(d *decoder) {
		for a := d.Array(); d.More(&a); {
			d.String(nil)
		}
	}
	// The strings are 220 of 340 bytes: chunks of a third of what is left hold them.
	if n := testing.AllocsPerRun(100, func() { _ = unmarshal(text, decode) }); n > 8 {
		t.Errorf("%v allocations for 41 strings", n)
	}
}

func TestStringOfAnEnumIsTheConstant(t *testing.T) {
	rule := &StringRule{MaxLength: NoLimit, Enum: []string{"a long constant, not to be copied", "new", "paid", "é"}}
	for i, value := range rule.Enum {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		decode := func(d *decoder) { got = d.String(rule) }
		if n := testing.AllocsPerRun(100, func() { err = unmarshal(text, decode) }); n > 0 || err != nil || got != value {
			t.Errorf("%d: got %q with %v allocations, %v", i, got, n, err)
		}
	}
	for _, text := range []string{`""`, `"a"`, `"pai"`, `"paid "`, `"zzz"`} {
		if err := unmarshal([]byte(text), func(d *decoder) { d.String(rule) }); err == nil || !strings.Contains(err.Error(), "want one of") {
			t.Errorf("%s: got %v", text, err)
		}
	}
}
