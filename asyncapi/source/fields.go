package source

import (
	"fmt"
	"slices"
)

// Fields are the fields of an object that a Table has been applied to.
type Fields struct {
	table  *Table
	values map[string]*Value
}

// Value returns the value of a field, nil when there is none. It panics when the table has no such
// row.
func (f Fields) Value(name string) *Value {
	if !slices.ContainsFunc(f.table.Rows, func(row Row) bool { return row.Name == name }) {
		panic(fmt.Sprintf("source: %s has no row %q", f.table.Title, name))
	}
	return f.values[name]
}

// Text returns the string in a field, "" when there is none.
func (f Fields) Text(name string) string {
	if v := f.Value(name); v != nil {
		return v.Text
	}
	return ""
}

// Flag returns the boolean in a field, nil when there is none.
func (f Fields) Flag(name string) *bool {
	v := f.Value(name)
	if v == nil {
		return nil
	}
	return new(v.Text == "true")
}

// Int returns the integer in a field, 0 when there is none.
func (f Fields) Int(name string) int {
	if v := f.Value(name); v != nil {
		return v.Int()
	}
	return 0
}
