package payload

import (
	"slices"
	"strconv"
	"strings"
)

// A tree is a JSON value that has been read without a Go type, for checks that no Go type expresses.
type tree struct {
	kind    Kind
	text    string // of a string its characters, of a number its digits, of a boolean true or false
	items   []tree
	members []treeMember
}

type treeMember struct {
	name  string
	value tree
}

// tree reads any value.
func (d *Decoder) tree() tree {
	t := tree{kind: d.Kind()}
	switch t.kind {
	case NullKind:
		d.Null()
	case BoolKind:
		t.text = strconv.FormatBool(d.Bool())
	case NumberKind:
		start, end := d.number()
		t.text = d.keep(d.data[start:end])
	case StringKind:
		t.text = d.keep(d.stringBytes())
	case ArrayKind:
		for a := d.Array(); d.More(&a); {
			t.items = append(t.items, d.tree())
		}
	case ObjectKind:
		for o := d.Object(); d.Next(&o); {
			if !d.names.add(o.others, o.Name) {
				d.duplicate(&o)
			}
			name := string(o.Name)
			t.members = append(t.members, treeMember{name, d.tree()})
		}
	case None:
		d.any()
	}
	return t
}

// parseTree returns the value of text, false when it is not one JSON value.
func parseTree(text []byte) (t tree, ok bool) {
	err := Unmarshal(text, func(d *Decoder) { t = d.tree() })
	return t, err == nil
}

// has says whether there is a member called name.
func (t *tree) has(name string) bool {
	return slices.ContainsFunc(t.members, func(m treeMember) bool { return m.name == name })
}

// key returns a text that equal values share and others do not: 1 and 1.0 are equal, and the order of members does not matter.
func (t *tree) key() string {
	var b strings.Builder
	t.writeKey(&b)
	return b.String()
}

func (t *tree) writeKey(b *strings.Builder) {
	switch t.kind {
	case StringKind:
		b.WriteString(strconv.Quote(t.text))
	case NumberKind:
		b.WriteString(parseNumber(t.text).key())
	case ArrayKind:
		b.WriteByte('[')
		for i := range t.items {
			t.items[i].writeKey(b)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case ObjectKind:
		b.WriteByte('{')
		members := slices.SortedFunc(slices.Values(t.members), func(x, y treeMember) int { return strings.Compare(x.name, y.name) })
		for i := range members {
			b.WriteString(strconv.Quote(members[i].name))
			b.WriteByte(':')
			members[i].value.writeKey(b)
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case None, NullKind, BoolKind:
		b.WriteString(t.kind.String() + t.text)
	}
}

// repeated returns the index of the first item that equals one before it.
func repeated(items []tree) (first, second int, found bool) {
	seen := make(map[string]int, len(items))
	for i := range items {
		key := items[i].key()
		if before, there := seen[key]; there {
			return before, i, true
		}
		seen[key] = i
	}
	return 0, 0, false
}
