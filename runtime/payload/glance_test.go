package payload

import (
	"slices"
	"strings"
	"testing"
)

// A glanced is one member that a glance has found.
type glanced struct {
	name  string
	value int
	text  string
}

// glancesAt walks along the members of the object at an offset; looked up in the outline, or in the text.
func glancesAt(d *Decoder, at int, outlined bool) (all []glanced, whole bool) {
	d.pos, d.peeked = at, 0
	if outlined {
		d.peeked = len(d.data) + 1
	}
	members := d.glance()
	for members.next() {
		all = append(all, glanced{string(members.name), members.value, string(members.string())})
	}
	return all, members.whole
}

func TestGlance(t *testing.T) {
	for _, test := range []struct {
		text  string
		want  []glanced
		whole bool
	}{
		{`{}`, nil, true},
		{`{ }`, nil, true},
		{`{"a":1}`, []glanced{{"a", 5, ""}}, true},
		{`{"a" : "b\"}" , "\u0062":[{"c":"]"}, 2],"":"\\"}`, []glanced{{"a", 7, `b"}`}, {"b", 25, ""}, {"", 43, `\`}}, true},
		{`{"a":{"b":{}},"c":null }`, []glanced{{"a", 5, ""}, {"c", 18, ""}}, true},
		{`[1]`, nil, false},
		{`{"a":1`, []glanced{{"a", 5, ""}}, false},
		{`{"a":"1`, []glanced{{"a", 5, ""}}, false},
		{`{"a"`, nil, false},
		{`{"a`, nil, false},
		{`{,}`, nil, false},
		{`{`, nil, false},
	} {
		d := &Decoder{data: []byte(test.text)}
		got, whole := glancesAt(d, 0, false)
		if !slices.Equal(got, test.want) || whole != test.whole {
			t.Errorf("%s: got %v, %t", test.text, got, whole)
		}
	}
}

// TestManyGlancesTakeOneReading: objects within objects are not walked along again and again.
func TestManyGlancesTakeOneReading(t *testing.T) {
	const deep = 400
	d := &Decoder{data: []byte(strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep))}
	for i := range deep {
		d.pos = i * len(`{"a":`)
		if d.Peek("b") != "" {
			t.Fatal("there is no b")
		}
	}
	if d.peeked > 2*len(d.data) {
		t.Errorf("%d bytes have been looked at, in a message of %d", d.peeked, len(d.data))
	}
}

// FuzzGlance compares what a glance finds with the outline of a text.
func FuzzGlance(f *testing.F) {
	f.Add([]byte(`{"a" : "b\"}" , "\u0062":[{"c":"]"}, 2],"":{"\\":{}, "d":-1.5e3}}`))
	f.Add([]byte(`{"a":{"b":{}},"c":`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d := &Decoder{data: text}
		glancesAt(d, 0, false) // whatever it is, the walk ends
		of, ok := parse(text)
		if !ok {
			return
		}
		for _, p := range of.parts {
			if p.kind != ObjectKind {
				continue
			}
			looked, whole := glancesAt(d, int(p.start), false)
			outlined, _ := glancesAt(d, int(p.start), true)
			if !slices.Equal(looked, outlined) || !whole {
				t.Errorf("%q at %d: found %v, %t, in the outline %v", text, p.start, looked, whole, outlined)
			}
		}
	})
}
