package types

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// choiceShape returns the shape of a schema that is nothing but a choice: a union of types, or of scalars. A choice beside other
// keywords is a check of what these make.
func (t *Builder) choiceShape(sh shape) (shape, bool) {
	s := sh.schema
	if choices(s) == nil && len(s.Types) > 1 {
		return t.typesShape(sh)
	}
	if choices(s) == nil || s.OneOf != nil && s.AnyOf != nil || !isBareChoice(s) {
		return shape{}, false
	}
	for _, v := range choices(s) {
		if isOnlyNull(v) {
			sh.nullable = true
		} else {
			sh.variants = append(sh.variants, v)
		}
	}
	sh.kind = t.unionKind(sh.variants)
	if sh.kind == shapeAny || sh.nullable && sh.demand != demandNothing {
		return shape{}, false
	}
	if !t.areApart(sh.variants) && t.discriminator(sh) == "" {
		if s.OneOf != nil {
			sh.demand = demandAll
		}
		for _, v := range sh.variants {
			t.kept[v] = true
		}
	}
	if sh.nullable && (sh.demand != demandNothing || slices.ContainsFunc(sh.variants, func(v *schema.Schema) bool { return t.shapeOf(v).nullable })) {
		return shape{}, false
	}
	return sh, true
}

// typesShape returns the shape of a schema with several types, all of them scalar: the choice of one schema for each.
func (t *Builder) typesShape(sh shape) (shape, bool) {
	s := sh.schema
	if jsonType(s) != "" || values(s) != nil || sh.demand != demandNothing || t.demandOf(s, shape{kind: shapeScalar}) != demandNothing {
		return shape{}, false
	}
	for _, name := range s.Types {
		if name == "object" || name == "array" || name == "integer" && slices.Contains(s.Types, "number") {
			return shape{}, false
		}
		if name != "null" {
			one := *s
			one.Types, one.Name, one.Nullable = []string{name}, "", false
			sh.variants = append(sh.variants, &one)
		}
	}
	sh.kind = shapeScalars
	return sh, true
}

// isBareChoice says whether s has no keyword beside the choice, except a type that its variants have anyway.
func isBareChoice(s *schema.Schema) bool {
	bare := *s
	bare.OneOf, bare.AnyOf = nil, nil
	if len(bare.Types) == 1 && bare.Types[0] == "object" {
		bare.Types = nil
	}
	return saysNothing(&bare) && !isStringFormat(bare.Format) && !bare.Nullable
}

// unionKind says what a choice of variants becomes: shapeAny when there is no Go for it.
func (t *Builder) unionKind(variants []*schema.Schema) shapeKind {
	kind := shapeScalars
	seen := map[*schema.Schema]bool{}
	for _, v := range variants {
		sh := t.shapeOf(v)
		switch {
		case seen[v], sh.kind == shapeAny && sh.demand == demandNothing, t.isUserType(v), sh.nullable:
			return shapeAny
		case sh.kind != shapeScalar || sh.enum != nil || v.Name != "" || sh.demand != demandNothing:
			kind = shapeUnion
		}
		seen[v] = true
	}
	if len(variants) < 2 || kind == shapeScalars && !t.haveOwnKinds(variants) {
		return shapeAny
	}
	return kind
}

func (t *Builder) isUserType(s *schema.Schema) bool {
	return t.choice(s).Type != (GoType{}) || s.Extensions[extension.GoType] != nil
}

// areApart says whether no value can be of two of the variants.
func (t *Builder) areApart(variants []*schema.Schema) bool {
	return t.haveOwnKinds(variants) || t.telltale(variants) != ""
}

// haveOwnKinds says whether each kind of JSON values belongs to one of the variants at most.
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

// kindsOf returns the kinds of the JSON values that s can allow. No variant is nullable: see unionKind.
func (t *Builder) kindsOf(s *schema.Schema) []JSONKind {
	if t.kinds[s] == nil {
		t.kinds[s] = t.kindsOfShape(t.shapeOf(s))
	}
	return t.kinds[s]
}

func (t *Builder) kindsOfShape(sh shape) []JSONKind {
	switch sh.kind {
	case shapeStruct, shapeMap:
		return []JSONKind{"object"}
	case shapeList, shapeTuple:
		return []JSONKind{"array"}
	case shapeScalar:
		return []JSONKind{scalarJSONKind(sh.scalar)}
	case shapeAny:
		return kindsOfTypes(sh.schema.Types)
	}
	var kinds []JSONKind
	for _, v := range sh.variants {
		kinds = addKinds(kinds, t.kindsOf(v)...)
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

// union fills in a type that is one of several.
func (t *Builder) union(declared *Type, s *schema.Schema, sh shape) {
	declared.Kind = UnionType
	declared.Interface = declared.GoName + "Value"
	at := schemaOrigin(s)
	at.What = "the variants of " + at.What
	t.scope.Claim(declared.Interface, at)
	declared.ByKind = t.haveOwnKinds(sh.variants)
	if !declared.ByKind {
		declared.Member = t.discriminator(sh)
	}
	for _, v := range sh.variants {
		name := t.variantName(declared.GoName, v, sh.variants)
		t.mustName[v] = true
		variant := Variant{Type: t.ref(v, name), Kinds: t.kindsOf(v)}
		variant.Pointer = t.shapeOf(v).kind.isStruct()
		if declared.Member != "" {
			variant.Values = t.variantValues(sh.schema, v, declared.Member)
		}
		declared.Variants = append(declared.Variants, variant)
	}
}

// variantName is what an anonymous variant is called: after its title, its kind when it is the only one of that, else its number.
func (t *Builder) variantName(union string, v *schema.Schema, all []*schema.Schema) string {
	if title := t.namer.Exported(v.Title); title != "" && names.IsExported(title) {
		return union + strings.TrimPrefix(title, union)
	}
	kinds := t.kindsOf(v)
	same := 0
	for _, other := range all {
		if slices.Equal(t.kindsOf(other), kinds) {
			same++
		}
	}
	if same == 1 && len(kinds) == 1 {
		return union + t.namer.Exported(string(kinds[0]))
	}
	return union + "Variant" + string(rune('A'+slices.Index(all, v)%26))
}

// scalars fills in a type that is a scalar of one of several JSON types.
func (t *Builder) scalars(declared *Type, sh shape) {
	declared.Kind = ScalarsType
	for _, v := range sh.variants {
		inner := t.shapeOf(v)
		kind := scalarJSONKind(inner.scalar)
		declared.Variants = append(declared.Variants, Variant{
			GoName: t.namer.Exported(string(kind)),
			Type:   t.inline(inner.schema, inner, declared.GoName),
			Kinds:  []JSONKind{kind},
		})
	}
}
