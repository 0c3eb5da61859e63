package asyncapi

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

// A Value is one JSON value of a contract with its place in the file. Contracts in YAML
// are read as the JSON they stand for (YAML 1.2 core schema: dates stay strings, 1.10 stays 1.10).
type Value struct {
	Position
	Kind   Kind
	Text   string   // String: the string; Number: its digits in JSON's notation; Bool: "true" or "false"
	Items  []*Value // Array
	Fields []Field  // Object, in the order of the file, no name twice
}

// A Field is one member of an object.
type Field struct {
	Position // of the name
	Name     string
	Value    *Value
}

// Get returns the field's value, nil when v is nil, no object or has no such field.
func (v *Value) Get(name string) *Value {
	if v == nil {
		return nil
	}
	for i := range v.Fields {
		if v.Fields[i].Name == name {
			return v.Fields[i].Value
		}
	}
	return nil
}
