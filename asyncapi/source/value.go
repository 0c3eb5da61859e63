package source

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strconv"
)

// Kind is the JSON kind of a Value.
type Kind uint8

// The kinds of JSON values.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns the kind's name in JSON: "null", "boolean", "number", "string", "array" or "object".
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// WithArticle returns the name with an article, as messages need it: "an object", "null".
func (k Kind) WithArticle() string {
	switch k {
	case Null:
		return "null"
	case Array, Object:
		return "an " + k.String()
	default:
		return "a " + k.String()
	}
}

// A Value is one JSON value of a contract, with its position in the file. YAML is read as JSON, by
// the core schema of YAML 1.2: dates stay strings, and 1.10 stays 1.10.
type Value struct {
	Position
	Kind   Kind
	Text   string   // String: the string; Number: its digits in JSON's notation; Bool: "true" or "false"
	Items  []*Value // Array
	Fields []Field  // Object, in the order of the file, no name twice

	index  map[string]int // of the names in Fields, when there are many
	parent *Value         // the object or array that contains it; nil for a whole file
	number int            // of its field or item in the parent
}

// manyFields is the number of fields from which on an object has an index.
const manyFields = 16

// indexed gives an object that is complete its index, so that looking up every name in a large
// object does not take quadratic time. It returns v.
func (v *Value) indexed() *Value {
	if len(v.Fields) < manyFields {
		return v
	}
	v.index = make(map[string]int, len(v.Fields))
	for i := range v.Fields {
		v.index[v.Fields[i].Name] = i
	}
	return v
}

// A Field is one member of an object.
type Field struct {
	Position // of the name
	Name     string
	Value    *Value
}

// Get returns the value of a field; nil when v is nil, is not an object, or has no such field.
func (v *Value) Get(name string) *Value {
	if v == nil {
		return nil
	}
	if v.index != nil {
		if i, ok := v.index[name]; ok {
			return v.Fields[i].Value
		}
		return nil
	}
	for i := range v.Fields {
		if v.Fields[i].Name == name {
			return v.Fields[i].Value
		}
	}
	return nil
}

// Names returns the names of the fields of v, which may be nil.
func (v *Value) Names() []string {
	if v == nil {
		return nil
	}
	names := make([]string, len(v.Fields))
	for i, f := range v.Fields {
		names[i] = f.Name
	}
	return names
}

// Child returns the field of an object, or the item of an array, that a part of a JSON pointer
// names; nil when there is none.
func (v *Value) Child(name string) *Value {
	if v.Kind != Array {
		return v.Get(name)
	}
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= len(v.Items) || strconv.Itoa(i) != name {
		return nil
	}
	return v.Items[i]
}

// Integer returns v as an integer, however it is written (10, 10.0, 1e1). It returns false when v
// is not an integer or does not fit an int64.
func (v *Value) Integer() (int64, bool) {
	if v.Kind != Number {
		return 0, false
	}
	n, ok := new(big.Rat).SetString(v.Text)
	if !ok || !n.IsInt() || !n.Num().IsInt64() {
		return 0, false
	}
	return n.Num().Int64(), true
}

// Int returns v as an integer, 0 when it is none.
func (v *Value) Int() int {
	n, _ := v.Integer()
	return int(n)
}

// isCount reports whether v is an integer of 0 or more.
func (v *Value) isCount() bool {
	if v.Kind != Number {
		return false
	}
	n, ok := new(big.Rat).SetString(v.Text)
	return ok && n.IsInt() && n.Sign() >= 0
}

// AppendJSON appends v as JSON. Numbers keep their digits.
func (v *Value) AppendJSON(dst []byte) []byte {
	switch v.Kind {
	case Null:
		return append(dst, "null"...)
	case Bool, Number:
		return append(dst, v.Text...)
	case String:
		return appendJSONString(dst, v.Text)
	case Array:
		dst = append(dst, '[')
		for i, item := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.AppendJSON(dst)
		}
		return append(dst, ']')
	default:
		dst = append(dst, '{')
		for i, f := range v.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendJSONString(dst, f.Name), ':')
			dst = f.Value.AppendJSON(dst)
		}
		return append(dst, '}')
	}
}

func appendJSONString(dst []byte, s string) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // strings always have a JSON form
	}
	return append(dst, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}
