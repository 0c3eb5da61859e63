package asyncapi

import (
	"bytes"
	"os"
	"path/filepath"
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
			t.Fatalf("%q stands twice", f.Name)
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
			if problems.added == 0 {
				t.Fatal("neither a value nor a problem")
			}
			return
		}
		if n := checkValue(t, v, o, 1); n > o.MaxNodes {
			t.Fatalf("%d values", n)
		}
		// What has been read is JSON, and reads as the same.
		text := v.appendJSON(nil)
		again := &Report{}
		w := read("a.json", text, newBudget(Options{}.withDefaults()), again)
		if w == nil || !bytes.Equal(w.appendJSON(nil), text) {
			t.Fatalf("%s reads as another value: %v", text, again.Problems())
		}
	})
}

// FuzzLoad decodes whatever is in a contract: it must neither panic nor hang.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"spec-v*/v*/*.yml", "probes-amqp/*.json", "bad/parser-js/*/0*.json"} {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Add([]byte("asyncapi: 3.0.0\nchannels:\n  a: {$ref: '#/channels/a'}\noperations: {o: {channel: {$ref: '#/channels/a'}, traits: [{bindings: {amqp: {cc: x}}}]}}\n"))
	f.Add([]byte("asyncapi: 2.6.0\nchannels: {a: {publish: {traits: [{message: {payload: {$ref: '#'}}}], message: {oneOf: [{payload: {$id: x, items: {$ref: '#'}}}]}}}}\n"))
	name := filepath.Join(f.TempDir(), "contract.yaml")
	o := Options{MaxNodes: 20_000}
	f.Fuzz(func(t *testing.T, data []byte) {
		problems := &Report{}
		opened, err := openFiles(name, o, problems)
		if err != nil {
			t.Fatal(err)
		}
		defer opened.close()
		root := read(name, data, opened.budget, problems)
		if root == nil {
			return
		}
		refs := newResolver(opened, problems)
		opened.read[name] = loaded{content: root}
		refs.add(root)
		decode(root, refs, problems)
		for _, p := range problems.Problems() {
			if p.File == "" {
				t.Errorf("a problem without a place: %v", p)
			}
		}
	})
}
