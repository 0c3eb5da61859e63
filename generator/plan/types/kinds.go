package types

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// haveOwnKinds reports whether each kind of JSON values belongs to one of the variants at most.
func (t *Builder) haveOwnKinds(variants []*schema.Schema) bool {
	seen := map[JSONKind]bool{}
	for _, v := range variants {
		for _, kind := range t.kindsOf(v) {
			if seen[kind] {
				return false
			}
			seen[kind] = true
		}
	}
	return true
}

// kindsOf returns the kinds of the JSON values that s can allow.
func (t *Builder) kindsOf(s *schema.Schema) []JSONKind {
	if t.kinds[s] == nil {
		t.kinds[s] = t.kindsOfShape(t.shapeOf(s))
	}
	return t.kinds[s]
}

func (t *Builder) kindsOfShape(sh shape) []JSONKind {
	var kinds []JSONKind
	switch sh.kind {
	case shapeStruct, shapeMap:
		kinds = []JSONKind{"object"}
	case shapeList, shapeTuple:
		kinds = []JSONKind{"array"}
	case shapeScalar:
		kinds = []JSONKind{scalarJSONKind(sh.scalar)}
	case shapeUnion, shapeScalars:
		for _, v := range sh.variants {
			kinds = addKinds(kinds, t.kindsOf(v)...)
		}
	case shapeAny:
		return kindsOfTypes(sh.schema.Types)
	}
	if sh.nullable {
		kinds = addKinds(kinds, "null")
	}
	return kinds
}

// addKinds adds those of more that are not among kinds.
func addKinds(kinds []JSONKind, more ...JSONKind) []JSONKind {
	for _, kind := range more {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// kindsOfTypes returns the kinds of the values of types; no types are all types.
func kindsOfTypes(types []string) []JSONKind {
	if len(types) == 0 {
		types = []string{"object", "array", "string", "number", "boolean", "null"}
	}
	var kinds []JSONKind
	for _, name := range types {
		kinds = addKinds(kinds, JSONKind(strings.Replace(name, "integer", "number", 1)))
	}
	return kinds
}

func scalarJSONKind(kind RefKind) JSONKind {
	switch kind {
	case Bool:
		return "boolean"
	case Int32, Int64, Float32, Float64, Decimal:
		return "number"
	}
	return "string"
}
