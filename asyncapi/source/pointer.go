package source

import (
	"slices"
	"strconv"
	"strings"
)

// setParents sets the parents of all values in a file. A value that aliases share gets the first
// one.
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

// Parent returns the object or array that contains v, nil when v is a whole file.
func (v *Value) Parent() *Value { return v.parent }

// Key returns the name of the field, or the number of the item, that v is in its parent; "" when v
// is nil or a whole file.
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

// KeyPosition returns the position of the name of v, or of v itself when it has no name.
func (v *Value) KeyPosition() Position {
	if v.parent == nil || v.parent.Kind == Array {
		return v.Position
	}
	return v.parent.Fields[v.number].Position
}

// WithFields returns an object with other fields at the location of v.
func (v *Value) WithFields(fields []Field) *Value {
	object := &Value{Position: v.Position, Kind: Object, Fields: fields, parent: v.parent, number: v.number}
	return object.indexed()
}

// WithItems returns an array with other items at the location of v.
func (v *Value) WithItems(items []*Value) *Value {
	return &Value{Position: v.Position, Kind: Array, Items: items, parent: v.parent, number: v.number}
}

// WithText returns a string at the location of v.
func (v *Value) WithText(text string) *Value {
	return &Value{Position: v.Position, Kind: String, Text: text, parent: v.parent, number: v.number}
}

// ComponentName returns the name of v as a component: its key in a map with one of the given names,
// or at the top of another file than the contract's if a reference has led there; else "".
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

// maxPointer is the length at which a pointer is cut. Only malicious contracts reach it: a name of
// a megabyte would otherwise be repeated for each value below it.
const maxPointer = 1000

// Pointer returns the JSON pointer to v in its file; "" when v is nil or a whole file.
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

// Unescape returns the name that a token of a JSON pointer stands for (RFC 6901, section 4).
func Unescape(token string) string { return pointerUnescaper.Replace(token) }

var (
	pointerEscaper   = strings.NewReplacer("~", "~0", "/", "~1")
	pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")
)
