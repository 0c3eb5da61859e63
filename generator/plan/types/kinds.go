package types

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/runtime/payload"
)

// haveOwnKinds reports whether each kind of JSON values belongs to one of the variants at most.
func (t *Builder) haveOwnKinds(variants []*schema.Schema) bool {
	seen := map[payload.Kind]bool{}
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

// kindsOf returns the kinds of the JSON values but null that s can allow. Of a variant of a union
// null does not count: the union is null itself.
func (t *Builder) kindsOf(s *schema.Schema) []payload.Kind {
	if t.kinds[s] == nil {
		isNull := func(k payload.Kind) bool { return k == payload.NullKind }
		t.kinds[s] = slices.DeleteFunc(t.kindsOfShape(t.shapeOf(s)), isNull)
	}
	return t.kinds[s]
}

func (t *Builder) kindsOfShape(sh shape) []payload.Kind {
	var kinds []payload.Kind
	switch sh.kind {
	case shapeStruct, shapeMap:
		kinds = []payload.Kind{payload.ObjectKind}
	case shapeList, shapeTuple:
		kinds = []payload.Kind{payload.ArrayKind}
	case shapeScalar:
		kinds = []payload.Kind{scalarKindOf(sh.scalar)}
	case shapeUnion, shapeScalars:
		for _, v := range sh.variants {
			kinds = addKinds(kinds, t.kindsOf(v)...)
		}
	case shapeAny:
		return kindsOfTypes(sh.schema.Types)
	}
	return kinds
}

// addKinds adds those of more that are not among kinds.
func addKinds(kinds []payload.Kind, more ...payload.Kind) []payload.Kind {
	for _, kind := range more {
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// kindsOfTypes returns the kinds of the values of types; no types are all types.
func kindsOfTypes(types []string) []payload.Kind {
	if len(types) == 0 {
		types = []string{"object", "array", "string", "number", "boolean", "null"}
	}
	var kinds []payload.Kind
	for _, name := range types {
		kinds = addKinds(kinds, kindOfType[name])
	}
	return kinds
}

// kindOfType has the kind of the values of each type.
var kindOfType = map[string]payload.Kind{
	"null": payload.NullKind, "boolean": payload.BoolKind, "integer": payload.NumberKind, "number": payload.NumberKind,
	"string": payload.StringKind, "array": payload.ArrayKind, "object": payload.ObjectKind,
}

func scalarKindOf(kind RefKind) payload.Kind {
	switch kind {
	case Bool:
		return payload.BoolKind
	case Int32, Int64, Uint32, Uint64, Float32, Float64, Decimal:
		return payload.NumberKind
	}
	return payload.StringKind
}
