package source

import (
	"bytes"
	"testing"
)

// checkValue fails when a value breaks what the reader promises: a place in the file, no name twice,
// and no more levels and values than the limits allow. It returns the number of values.
func checkValue(t *testing.T, v *Value, o Options, level int) int {
	t.Helper()
	if level > o.MaxDepth {
		t.Fatalf("%d levels", level)
	}
	if v.Line < 1 || v.Column < 1 {
		t.Fatalf("no position: %v", v.Position)
	}
	count := 1
	seen := map[string]bool{}
	for _, f := range v.Fields {
		if seen[f.Name] {
			t.Fatalf("%q appears twice", f.Name)
		}
		seen[f.Name] = true
		if f.Line < 1 || f.Column < 1 {
			t.Fatalf("no position: %v", f.Position)
		}
		count += checkValue(t, f.Value, o, level+1)
	}
	for _, item := range v.Items {
		count += checkValue(t, item, o, level+1)
	}
	return count
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"a: &x {b: [1, .5, 0x1f, ~]}\nc: {<<: *x, d: !!str 1}\n", "{\"a\": [1e3, \"\\ud83d\\ude00\", null]}",
		"a: |\n  x\nb: >-\n  y\n# z\n", "? a\n: b\n", "- - - x\n- *x\n", "\ufeffa: 1\r\n", "a: \"\u2028\"\n---\nb\n", "&a [*a]",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	o := Options{MaxDepth: 50, MaxNodes: 2000}.withDefaults()
	f.Fuzz(func(t *testing.T, data []byte, json bool) {
		name := "a.yaml"
		if json {
			name = "a.json"
		}
		problems := &Report{}
		v := read(name, data, newBudget(o), problems)
		if v == nil {
			if problems.Added() == 0 {
				t.Fatal("neither a value nor a problem")
			}
			return
		}
		if n := checkValue(t, v, o, 1); n > o.MaxNodes {
			t.Fatalf("%d values", n)
		}
		// What has been read is JSON, and reads as the same.
		text := v.AppendJSON(nil)
		again := &Report{}
		w := read("a.json", text, newBudget(Options{}.withDefaults()), again)
		if w == nil || !bytes.Equal(w.AppendJSON(nil), text) {
			t.Fatalf("%s reads as another value: %v", text, again.Problems())
		}
	})
}
