package schema

import "github.com/scampgen/scampgen/asyncapi/source"

// A Schema is one JSON Schema of any dialect. All references to a schema, also from within itself,
// lead to the same *Schema.
//
// Numbers keep their digits: they are the text of the contract.
type Schema struct {
	source.Location        // of the schema, after references: identifies it for a reader
	Name            string // key under schemas or definitions or at the top of another file, or that file's name without extension; else ""

	Always *bool // a boolean schema: true accepts everything, false nothing

	Types    []string // as written: "object", "null", ...; empty means any
	Format   string
	Nullable bool // OpenAPI 3.0 nullable: true

	Title       string
	Description string
	Default     *source.Value
	Examples    []*source.Value
	Deprecated  bool
	ReadOnly    bool
	WriteOnly   bool

	Enum  []*source.Value // nil: no enum
	Const *source.Value

	Properties           []Property // in the order of the file
	Required             []string
	PatternProperties    []Property
	AdditionalProperties *Schema // nil: not said
	PropertyNames        *Schema
	MinProperties        *int
	MaxProperties        *int
	Dependencies         []Dependency

	Items       *Schema   // every item, or those after PrefixItems (draft-07 additionalItems)
	PrefixItems []*Schema // draft-07 items as an array
	Contains    *Schema
	MinItems    *int
	MaxItems    *int
	UniqueItems bool

	MinLength        *int
	MaxLength        *int
	Pattern          string
	ContentEncoding  string
	ContentMediaType string

	Minimum          string // decimal text; "" means none
	Maximum          string
	ExclusiveMinimum string
	ExclusiveMaximum string
	MultipleOf       string

	AllOf         []*Schema
	AnyOf         []*Schema
	OneOf         []*Schema
	Not           *Schema
	If            *Schema
	Then          *Schema
	Else          *Schema
	Discriminator *Discriminator

	Extensions source.Extensions
	Source     *source.Value // what the schema was read from; nil for one that was made
	Dialect    Dialect       // in which it was read
}

// At returns the location of a keyword, or of the schema itself when it does not have the keyword.
func (s *Schema) At(keyword string) source.Location {
	if s.Source != nil {
		for _, f := range s.Source.Fields {
			if f.Name == keyword {
				return f.Location()
			}
		}
	}
	return s.Location
}

// A Property is a named schema of an object.
type Property struct {
	source.Position // of the name
	Name            string
	Schema          *Schema
	Source          *source.Value // the value of the name; nil for a property that was not read from a contract
}

// Location returns the location of the name of p.
func (p Property) Location() source.Location {
	return source.Location{Position: p.Position, Path: p.Source.Pointer()}
}

// A Dependency is one entry of "dependencies": if Property is there, either the Required properties
// must be there, or the object must also match Schema.
type Dependency struct {
	Property string
	Required []string
	Schema   *Schema
}

// A Discriminator names the property that distinguishes the variants of a schema. AsyncAPI has only
// the name, and a value is the variant's component name. OpenAPI also has a mapping.
type Discriminator struct {
	Property string
	Mapping  []DiscriminatorMapping
}

// A DiscriminatorMapping is one value of a discriminator and its schema.
type DiscriminatorMapping struct {
	Value  string
	Schema *Schema
}
