package payload

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// The member that tells the variants of a union apart is written from the variant that a Go value has: it need not be set, and it
// cannot say something else, which would be read as another variant.

// told returns the address of the variant's value with the member called by, which tells it from the others. It is another value
// if the member has to be set. It returns an error when the member means another variant, or may have several values and has none.
func (v *variant) told(by string, at unsafe.Pointer) (unsafe.Pointer, error) {
	p := v.program
	if p.codec.Schema != "" {
		p = p.item
	}
	if p.fields == nil {
		return at, nil
	}
	member, value := p.fields.valueOf(by, at)
	if value != nil && member.only != "" && member.isZero(value) {
		return at, nil
	}
	if value == nil || member.isEmpty(value) {
		if len(v.values) == 1 {
			return p.with(by, v.values[0], at), nil
		}
		return nil, errors.New("has no " + quote(by) + ", want " + listOf(v.values))
	}
	if text := member.text(value); !slices.Contains(v.values, text) {
		return nil, errors.New("has " + quote(text) + " as " + quote(by) + ", want " + listOf(v.values))
	}
	return at, nil
}

// listOf returns values for a message.
func listOf(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	if len(values) > 1 {
		return "one of " + strings.Join(quoted, ", ")
	}
	return strings.Join(quoted, "")
}

// isEmpty says whether a value is one that nobody has set: an empty text, or nil.
func (p *program) isEmpty(at unsafe.Pointer) bool {
	return p.scalar == ScalarString && *(*string)(at) == "" || p.typ.Kind() == reflect.Slice && isNil(at)
}

// text returns the text that a value is written as, "" when it is none.
func (p *program) text(at unsafe.Pointer) (text string) {
	if p.scalar == ScalarString {
		return *(*string)(at)
	}
	written, err := p.write(p, nil, at)
	if err != nil {
		return ""
	}
	d := newDecoder(written)
	if d.Kind() == StringKind {
		text = d.String(nil)
	}
	_ = d.finish()
	return text
}

// valueOf returns the address of what an object has as the member called name, and its program; nil when it is absent.
func (f *fields) valueOf(name string, at unsafe.Pointer) (*program, unsafe.Pointer) {
	if i := f.find([]byte(name), 0); i >= 0 {
		return f.members[i].program, f.members[i].value(at)
	}
	entries, offset := f.mapOf(name)
	if entries == nil || mapLen(unsafe.Add(at, offset)) == 0 {
		return nil, nil
	}
	value := entries.item.alloc(entries.item)
	if !entries.mapped.get(entries.mapped, unsafe.Add(at, offset), name, value) {
		return nil, nil
	}
	return entries.item, value
}

// mapOf returns the map that a member without a field of its own is in, and where; nil when there is none.
func (f *fields) mapOf(name string) (*program, uintptr) {
	for i := range f.patterns {
		if p := &f.patterns[i]; p.pattern.Match(name) {
			return p.program, p.offset
		}
	}
	return f.rest, f.restAt
}

// with returns the address of a copy of an object in which the member called name has a text.
func (p *program) with(name, text string, at unsafe.Pointer) unsafe.Pointer {
	copied := reflect.New(p.typ)
	copied.Elem().Set(reflect.NewAt(p.typ, at).Elem())
	to := copied.UnsafePointer()
	if p.fields.find([]byte(name), 0) < 0 {
		if entries, offset := p.fields.mapOf(name); entries != nil {
			cloneMap(reflect.NewAt(entries.typ, unsafe.Add(to, offset)).Elem())
		}
	}
	member := appendString(append(appendString([]byte{'{'}, name), ':'), text)
	d := newDecoder(append(member, '}'))
	readObject(p, d, to)
	_ = d.finish() // other members are missing
	return to
}

// cloneMap sets a map to a copy of itself.
func cloneMap(of reflect.Value) {
	if of.IsNil() {
		return
	}
	copied := reflect.MakeMapWithSize(of.Type(), of.Len()+1)
	for entries := of.MapRange(); entries.Next(); {
		copied.SetMapIndex(entries.Key(), entries.Value())
	}
	of.Set(copied)
}
