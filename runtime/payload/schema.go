package payload

import "slices"

// A Schema is a JSON Schema as data, for what a Go type and the rules of its parts do not express:
// "not", "if", "contains" and the like. Checking with it is exact, but slower than by rules. The
// zero value allows everything.
type Schema struct {
	Ref   string // the name of another schema of the same Schemas; then nothing else counts
	Never bool   // allows nothing
	Types Types
	Const string   // a JSON text; "" allows all
	Enum  []string // JSON texts; nil allows all

	String *StringRule
	Number *NumberRule

	Array       *ArrayRule
	PrefixItems []Schema
	Items       *Schema // those after PrefixItems
	Contains    *Schema

	Object       *MapRule
	Properties   []Property
	Patterns     []PatternProperty
	Additional   *Schema // members that neither Properties nor Patterns have
	Names        *Schema
	Required     []string
	Dependencies []Dependency

	AllOf, AnyOf, OneOf []Schema
	Not, If, Then, Else *Schema
}

// A Property is the schema of a member.
type Property struct {
	Name   string
	Schema Schema
}

// A PatternProperty is the schema of the members whose names match a pattern.
type PatternProperty struct {
	Pattern *Pattern
	Schema  Schema
}

// A Dependency says what an object must be if it has the member called Name.
type Dependency struct {
	Name     string
	Required []string
	Schema   *Schema
}

// Types is a set of JSON types. The zero value allows all.
type Types uint8

// The JSON types.
const (
	TypeNull Types = 1 << iota
	TypeBoolean
	TypeInteger
	TypeNumber
	TypeString
	TypeArray
	TypeObject
)

// typeNames are the names of the types, in their order.
var typeNames = [...]string{"null", "boolean", "integer", "number", "string", "array", "object"}

// have says whether a value is of one of the types.
func (types Types) have(o *outline, at int) bool {
	switch o.parts[at].kind {
	case NullKind:
		return types&TypeNull != 0
	case BoolKind:
		return types&TypeBoolean != 0
	case NumberKind:
		return types&TypeNumber != 0 || types&TypeInteger != 0 && parseNumber(o.string(at)).whole()
	case StringKind:
		return types&TypeString != 0
	case ArrayKind:
		return types&TypeArray != 0
	case ObjectKind:
		return types&TypeObject != 0
	case None:
	}
	return false
}

// names returns the names of the types, as a message has them.
func (types Types) names() []string {
	var names []string
	for i, name := range typeNames {
		if types&(1<<i) != 0 {
			names = append(names, article(name))
		}
	}
	return names
}

// Schemas are schemas that refer to each other by name.
type Schemas map[string]Schema

// Mark returns how much has been reported so far, for CheckSchema.
func (r *Report) Mark() int { return len(r.found.List) }

// CheckSchema reports what the schema called name finds wrong with the JSON that encode appends, and what has
// not been reported for the same value since mark.
func CheckSchema(r *Report, mark int, encode func([]byte) ([]byte, error), schemas Schemas, name string) {
	text, ok := r.written("$ref", encode)
	if !ok {
		return
	}
	of, ok := parse(text)
	if !ok {
		r.Add("json", errNotJSON.Error())
		return
	}
	before, work := len(r.found.List), budgetOf(len(text))
	c := newSchemaCheck(schemas, of, &work)
	if c.checkTarget(r, name, 0); work.over() {
		r.Add("$ref", tooMuchWork)
	}
	r.dropRepeated(mark, before)
}

// CheckSchema reports what the schema called name finds wrong with the value that was read from the offset at on, and what has not been
// reported before.
func (d *Decoder) CheckSchema(at int, schemas Schemas, name string) {
	of := d.outline()
	if d.broken {
		return
	}
	if d.checking == nil || !d.checking.is(schemas) {
		d.checking = newSchemaCheck(schemas, of, &d.work)
	}
	mark := len(d.report.found.List)
	d.checking.checkTarget(&d.report, name, of.at(at))
	d.locate(mark, at)
	d.report.dropRepeated(0, mark)
	d.spend(0)
}

// dropRepeated removes violations from the index before on that say what one from mark on has said.
func (r *Report) dropRepeated(mark, before int) {
	list := r.found.List
	kept := list[:before]
	for _, v := range list[before:] {
		same := func(other Violation) bool { return other.Pointer == v.Pointer && other.Keyword == v.Keyword }
		if !slices.ContainsFunc(list[mark:before], same) {
			kept = append(kept, v)
		}
	}
	r.found.List = kept
}
