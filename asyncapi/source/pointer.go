package source

import (
	"slices"
	"strconv"
	"strings"
)

// setParents tells all values in a file what they stand in. What aliases share stands where it is met first.
func (v *Value) setParents() {
	for i, f := range v.Fields {
		f.Value.setParent(v, i)
	}
	for i, item := range v.Items {
		item.setParent(v, i)
	}
}

func (v *Value) setParent(parent *Value, number int) {
	if v.parent == nil {
		v.parent, v.number = parent, number
		v.setParents()
	}
}

// Parent returns the object or array that v stands in, nil when v is a whole file.
func (v *Value) Parent() *Value { return v.parent }

// Key returns the name of the field, or the number of the item, that v is in its parent; "" when v is nil or a whole file.
func (v *Value) Key() string {
	switch {
	case v == nil || v.parent == nil:
		return ""
	case v.parent.Kind == Array:
		return strconv.Itoa(v.number)
	default:
		return v.parent.Fields[v.number].Name
	}
}

// KeyPosition returns the position of the name that v stands under, its own when it stands under none.
func (v *Value) KeyPosition() Position {
	if v.parent == nil || v.parent.Kind == Array {
		return v.Position
	}
	return v.parent.Fields[v.number].Position
}

// WithFields returns an object with other fields that stands where v stands.
func (v *Value) WithFields(fields []Field) *Value {
	object := &Value{Position: v.Position, Kind: Object, Fields: fields, parent: v.parent, number: v.number}
	return object.indexed()
}

// WithText returns a string that stands where v stands.
func (v *Value) WithText(text string) *Value {
	return &Value{Position: v.Position, Kind: String, Text: text, parent: v.parent, number: v.number}
}

// ComponentName returns the name of v as a component: the key by which it stands in a map that has one of the names, or, when a
// reference has led there, at the top of another file than the contract's; else "".
func (r *Resolver) ComponentName(v *Value, referred bool, maps ...string) string {
	in := v.parent
	switch {
	case in == nil || in.Kind != Object:
		return ""
	case in.parent != nil && slices.Contains(maps, in.Key()), referred && in.parent == nil && v.File != r.root.File:
		return v.Key()
	default:
		return ""
	}
}

// maxPointer is where a pointer is cut off. Only names made to hurt get there: a name of a megabyte would otherwise be
// written for everything that stands below it.
const maxPointer = 1000

// Pointer returns where in its file v stands, as a JSON pointer; "" when v is nil or a whole file.
func (v *Value) Pointer() string {
	if v == nil {
		return ""
	}
	var names []string
	for at := v; at.parent != nil; at = at.parent {
		names = append(names, at.Key())
	}
	var b strings.Builder
	for _, name := range slices.Backward(names) {
		if b.Len()+len(name) > maxPointer {
			b.WriteString("/…")
			break
		}
		b.WriteString("/" + pointerEscaper.Replace(name))
	}
	return b.String()
}

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)
