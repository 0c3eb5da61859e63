package extension

import "github.com/scampgen/scampgen/asyncapi/source"

// A Reader reads the values of x- keys. A value of another type than its key's is reported, and
// read as if it were absent.
type Reader struct{ source.Reader }

// NewReader returns a reader that reports to r.
func NewReader(r source.Reporter) Reader { return Reader{source.Reader{Report: r}} }

// Value returns the value of a key, nil when there is none. It panics when the key is not in the
// table.
func (r Reader) Value(e source.Extensions, name string) *source.Value {
	key, ok := find(name)
	if !ok {
		panic("extension: no key " + name)
	}
	return r.Read(e[name], key.Is)
}

// Text returns the string of a key, "" when there is none.
func (r Reader) Text(e source.Extensions, name string) string {
	if v := r.Value(e, name); v != nil {
		return v.Text
	}
	return ""
}

// Int returns the integer of a key, 0 when there is none.
func (r Reader) Int(e source.Extensions, name string) int {
	if v := r.Value(e, name); v != nil {
		return v.Int()
	}
	return 0
}
