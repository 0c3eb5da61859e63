package schema

import (
	"strconv"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// Keywords is the table of the keywords of schemas. Reading, merging, implied types,
// contradictions, limits and the exported JSON Schema follow from it. No run writes to it.
//
// A new keyword is a row here and a field of Schema, and its check:
//
//   - for a restriction of a value, a field of a rule in runtime/payload, and a line in rule.go
//     of package types;
//   - for a keyword that holds schemas, a field of payload.Schema, its builder in schema.go of
//     package types, and the function parts there, which walks along schemas;
//   - the message for an example that violates it, in text.go of package examples.
//
// A keyword that is read, merged or exported in a special way, such as items, has a function for
// that: see otherReaders, rename in export.go, and together in package types. The tests demand a
// case for each keyword. docs/design/architecture.md has the whole list.
var Keywords = []Keyword{
	{Name: "title", in: inAll, Effect: Annotates, Merge: Together, field: at(func(s *Schema) *string { return &s.Title })},
	{Name: "description", in: inAll, Effect: Annotates, Merge: Together, field: at(func(s *Schema) *string { return &s.Description })},
	{Name: "default", in: inAll, Effect: Annotates, Merge: First, field: at(func(s *Schema) **source.Value { return &s.Default })},
	{Name: "examples", in: inJSONSchema, Effect: Annotates, Merge: Own, field: at(func(s *Schema) *[]*source.Value { return &s.Examples })},
	{Name: "deprecated", in: inAll, Effect: Annotates, Merge: Own, field: at(func(s *Schema) *bool { return &s.Deprecated })},
	{Name: "readOnly", in: inAll, Effect: Annotates, Merge: Either, field: at(func(s *Schema) *bool { return &s.ReadOnly })},
	{Name: "writeOnly", in: inAll, Effect: Annotates, Merge: Either, field: at(func(s *Schema) *bool { return &s.WriteOnly })},

	{Name: "type", in: inAll, Effect: Restricts, Merge: Together, read: typeKeyword, field: at(func(s *Schema) *[]string { return &s.Types })},
	{Name: "nullable", in: inOpenAPI30, Effect: Qualifies, Merge: Together, field: at(func(s *Schema) *bool { return &s.Nullable })},
	{Name: "enum", in: inAll, Effect: Restricts, Merge: Together, read: enumKeyword, field: at(func(s *Schema) *[]*source.Value { return &s.Enum })},
	{Name: "const", in: inJSONSchema, Effect: Restricts, Merge: Together, field: at(func(s *Schema) **source.Value { return &s.Const })},

	{Name: "minLength", in: inAll, Effect: Restricts, For: "string", Implies: true, Merge: Largest, Upper: "maxLength", field: at(func(s *Schema) **int { return &s.MinLength })},
	{Name: "maxLength", in: inAll, Effect: Restricts, For: "string", Implies: true, Merge: Smallest, field: at(func(s *Schema) **int { return &s.MaxLength })},
	{Name: "pattern", in: inAll, Effect: Restricts, For: "string", Implies: true, Merge: One, field: at(func(s *Schema) *string { return &s.Pattern })},
	{Name: "format", in: inAll, Effect: Restricts, For: "string", Implies: true, Merge: One, field: at(func(s *Schema) *string { return &s.Format })},
	{Name: "contentEncoding", in: inJSONSchema, Effect: Qualifies, Merge: Own, field: at(func(s *Schema) *string { return &s.ContentEncoding })},
	{Name: "contentMediaType", in: inJSONSchema, Effect: Qualifies, Merge: Own, field: at(func(s *Schema) *string { return &s.ContentMediaType })},

	{Name: "items", in: inAll, Effect: Restricts, For: "array", Implies: true, Merge: Together, field: at(func(s *Schema) **Schema { return &s.Items })},
	{Name: "prefixItems", in: inOpenAPI31, Effect: Restricts, For: "array", Implies: true, Merge: Together, field: at(func(s *Schema) *[]*Schema { return &s.PrefixItems })},
	{Name: "contains", in: inJSONSchema, Effect: Restricts, For: "array", Condition: true, Merge: Beside, field: at(func(s *Schema) **Schema { return &s.Contains })},
	{Name: "minItems", in: inAll, Effect: Restricts, For: "array", Merge: Largest, Upper: "maxItems", field: at(func(s *Schema) **int { return &s.MinItems })},
	{Name: "maxItems", in: inAll, Effect: Restricts, For: "array", Merge: Smallest, field: at(func(s *Schema) **int { return &s.MaxItems })},
	{Name: "uniqueItems", in: inAll, Effect: Restricts, For: "array", Merge: Either, field: at(func(s *Schema) *bool { return &s.UniqueItems })},

	{Name: "properties", in: inAll, Effect: Restricts, For: "object", Implies: true, Merge: Together, field: at(func(s *Schema) *[]Property { return &s.Properties })},
	{Name: "required", in: inAll, Effect: Restricts, For: "object", Implies: true, Merge: Together, read: requiredKeyword, field: at(func(s *Schema) *[]string { return &s.Required })},
	{Name: "patternProperties", in: inJSONSchema, Effect: Restricts, For: "object", Merge: Together, field: at(func(s *Schema) *[]Property { return &s.PatternProperties })},
	{Name: "additionalProperties", in: inAll, Effect: Restricts, For: "object", Implies: true, Merge: Together, field: at(func(s *Schema) **Schema { return &s.AdditionalProperties })},
	{Name: "propertyNames", in: inJSONSchema, Effect: Restricts, For: "object", Condition: true, Merge: Beside, field: at(func(s *Schema) **Schema { return &s.PropertyNames })},
	{Name: "minProperties", in: inAll, Effect: Restricts, For: "object", Merge: Largest, Upper: "maxProperties", field: at(func(s *Schema) **int { return &s.MinProperties })},
	{Name: "maxProperties", in: inAll, Effect: Restricts, For: "object", Merge: Smallest, field: at(func(s *Schema) **int { return &s.MaxProperties })},
	{Name: "dependencies", in: inDrafts, Effect: Restricts, For: "object", Condition: true, Merge: Beside, field: at(func(s *Schema) *[]Dependency { return &s.Dependencies })},

	{Name: "minimum", in: inAll, isNumber: true, Effect: Restricts, For: "number", Implies: true, Merge: One, Upper: "maximum", field: at(func(s *Schema) *string { return &s.Minimum })},
	{Name: "maximum", in: inAll, isNumber: true, Effect: Restricts, For: "number", Implies: true, Merge: One, field: at(func(s *Schema) *string { return &s.Maximum })},
	{Name: "exclusiveMinimum", in: inJSONSchema, isNumber: true, Effect: Restricts, For: "number", Implies: true, Merge: One, field: at(func(s *Schema) *string { return &s.ExclusiveMinimum })},
	{Name: "exclusiveMaximum", in: inJSONSchema, isNumber: true, Effect: Restricts, For: "number", Implies: true, Merge: One, field: at(func(s *Schema) *string { return &s.ExclusiveMaximum })},
	{Name: "multipleOf", in: inAll, isNumber: true, Effect: Restricts, For: "number", Implies: true, Merge: One, read: multipleOfKeyword, field: at(func(s *Schema) *string { return &s.MultipleOf })},

	{Name: "allOf", in: inAll, Effect: Restricts, Merge: Own, field: at(func(s *Schema) *[]*Schema { return &s.AllOf })},
	{Name: "anyOf", in: inAll, Effect: Restricts, Condition: true, Merge: Together, field: at(func(s *Schema) *[]*Schema { return &s.AnyOf })},
	{Name: "oneOf", in: inAll, Effect: Restricts, Condition: true, Merge: Together, field: at(func(s *Schema) *[]*Schema { return &s.OneOf })},
	{Name: "not", in: inAll, Effect: Restricts, Condition: true, Merge: Beside, field: at(func(s *Schema) **Schema { return &s.Not })},
	{Name: "if", in: inJSONSchema, Effect: Restricts, Condition: true, Merge: Beside, field: at(func(s *Schema) **Schema { return &s.If })},
	{Name: "then", in: inJSONSchema, Effect: Qualifies, Condition: true, Merge: Own, field: at(func(s *Schema) **Schema { return &s.Then })},
	{Name: "else", in: inJSONSchema, Effect: Qualifies, Condition: true, Merge: Own, field: at(func(s *Schema) **Schema { return &s.Else })},
	{Name: "discriminator", Effect: Qualifies, Merge: Together, field: at(func(s *Schema) **Discriminator { return &s.Discriminator })},
}

// A Keyword is a row of the table of keywords. The Go type of its field says what kind of value it
// has.
type Keyword struct {
	Name      string
	Effect    Effect
	Condition bool   // no Go type expresses it: values are checked for it in addition to their type
	For       string // the type whose values it is about; "" means all
	Implies   bool   // a schema that has it and no type is of the type For
	Merge     Merge
	Upper     string // of a lower limit: the keyword that must not be below it

	in       dialects // that have it, with the meaning and the kind of value that most have; otherReaders has the others
	isNumber bool     // the field has the text of a number
	read     keyword  // nil: as its kind of value is read
	field    schemaField
}

// An Effect is how a keyword changes which values are valid.
type Effect uint8

// The effects of keywords.
const (
	Annotates Effect = iota + 1 // nothing
	Qualifies                   // nothing alone, but it changes what other keywords mean
	Restricts                   // it makes some values invalid
)

// A Merge is how a keyword of two schemas of an allOf is merged.
type Merge uint8

// The ways to merge.
const (
	Own      Merge = iota + 1 // only the schema's own counts, not those of the parts of its allOf
	First                     // the first one that there is
	Smallest                  // of two counts
	Largest                   // of two counts
	Either                    // true when one of the two is
	One                       // there can be one only: with two different ones, values are checked in addition to their type
	Beside                    // there can be none: values are checked for it in addition to their type
	Together                  // with other keywords, by a function of package plan
)

// Field returns a pointer to the field of s that holds k.
func (k Keyword) Field(s *Schema) any { return k.field.of(s) }

// Copy copies k from one schema to another.
func (k Keyword) Copy(to, from *Schema) { k.field.copy(to, from) }

// IsIn reports whether s has k. An empty list counts as absent, except for an enum, which then
// allows no value.
func (k Keyword) IsIn(s *Schema) bool {
	switch at := k.Field(s).(type) {
	case *string:
		return *at != ""
	case *bool:
		return *at
	case **int:
		return *at != nil
	case **source.Value:
		return *at != nil
	case *[]*source.Value:
		return *at != nil
	case *[]string:
		return len(*at) > 0
	case **Schema:
		return *at != nil
	case *[]*Schema:
		return len(*at) > 0
	case *[]Property:
		return len(*at) > 0
	case *[]Dependency:
		return len(*at) > 0
	case **Discriminator:
		return *at != nil
	}
	panic("asyncapi: the field of the keyword " + k.Name + " is of a kind that is not known")
}

// Limit returns the number that k has in s as decimal text, "" when there is none.
func (k Keyword) Limit(s *Schema) string {
	switch at := k.Field(s).(type) {
	case **int:
		if *at != nil {
			return strconv.Itoa(**at)
		}
	case *string:
		if k.isNumber {
			return *at
		}
	}
	return ""
}

// A schemaField is one field of schemas.
type schemaField interface {
	of(s *Schema) any
	copy(to, from *Schema)
}

type fieldOf[T any] func(*Schema) *T

// at makes a field of the function that returns a pointer to it.
func at[T any](field func(*Schema) *T) schemaField { return fieldOf[T](field) }

func (f fieldOf[T]) of(s *Schema) any      { return f(s) }
func (f fieldOf[T]) copy(to, from *Schema) { *f(to) = *f(from) }
