package schema

import "github.com/scampgen/scampgen/asyncapi/source"

// A Schema is one JSON Schema, whichever dialect it was written in: AsyncAPI's
// superset of draft-07, JSON Schema draft-07 or OpenAPI 3.0. A schema that is
// referred to from several places, or from within itself, is one *Schema.
//
// Numbers keep their digits: they are the text of the contract.
type Schema struct {
	source.Location        // where the schema stands, after references: its identity for a reader
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
}

// At returns where a keyword stands, the schema itself when it does not have it.
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
	Source          *source.Value // what stands under the name; nil for a property that was made
}

// Location returns where the name of p stands.
func (p Property) Location() source.Location {
	return source.Location{Position: p.Position, Path: p.Source.Pointer()}
}

// A Dependency is one entry of "dependencies": when Property is there, either the Required
// properties must be, or the object must also match Schema.
type Dependency struct {
	Property string
	Required []string
	Schema   *Schema
}

// A Discriminator names the property that tells the variants of a schema apart.
// AsyncAPI has only the name (the value is the variant's component name); OpenAPI has a mapping too.
type Discriminator struct {
	Property string
	Mapping  []DiscriminatorMapping
}

// A DiscriminatorMapping is one value of a discriminator and the schema it stands for.
type DiscriminatorMapping struct {
	Value  string
	Schema *Schema
}
