package types

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime/payload"
)

// choiceShape returns the shape of a schema that is only a choice: a union of types, or of scalars.
// A choice in addition to other keywords becomes a check.
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
	t.warnOfOpenVariants(s)
	sh.kind = t.unionKind(sh.variants)
	if sh.kind == shapeAny || sh.nullable && sh.demand != demandNothing {
		return shape{}, false
	}
	member := ""
	if !t.haveOwnKinds(sh.variants) {
		member = t.discriminator(sh)
	}
	for _, v := range sh.variants {
		if _, described := t.membersOf(t.shapeOf(v).schema)[member]; member != "" && !described {
			t.kept[v] = true // so that there is somewhere to read the member to
		}
	}
	if member == "" && !t.areApart(sh.variants) {
		if s.OneOf != nil {
			sh.exclusive, sh.demand = sh.demand == demandNothing, demandAll
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

// warnOfOpenVariants warns of a schema in a oneOf that allows every value: what fits another one of
// them fits two, and is refused.
func (t *Builder) warnOfOpenVariants(s *schema.Schema) {
	if len(s.OneOf) < 2 {
		return
	}
	for _, v := range s.OneOf {
		if t.shapeOf(v).isAnything() && !t.warned[v.Location] {
			t.warned[v.Location] = true
			t.report.Warn(v.Location, "this schema of a oneOf allows every value: what fits another one fits two, and is refused",
				"write anyOf, or what the schema is meant to allow, such as {type: \"null\"}")
		}
	}
}

// typesShape returns the shape of a schema with several types, all of them scalar: the choice of
// one schema for each.
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

// isBareChoice reports whether s has only the choice, and perhaps a type that its variants have
// anyway.
func isBareChoice(s *schema.Schema) bool {
	bare := *s
	bare.OneOf, bare.AnyOf = nil, nil
	if len(bare.Types) == 1 && bare.Types[0] == "object" {
		bare.Types = nil
	}
	return saysNothing(&bare) && !isStringFormat(bare.Format) && !bare.Nullable
}

// unionKind returns what a choice of variants becomes: shapeAny when Go cannot express it.
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

// union sets up a type that is one of several.
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
	schemas := map[string]*schema.Schema{}
	for _, v := range sh.variants {
		name := t.variantName(declared.GoName, v, sh.variants)
		t.mustName[v] = true
		variant := Variant{Type: t.ref(v, name), Kinds: t.kindsOf(v)}
		variant.Pointer = t.shapeOf(v).kind.isStruct()
		if declared.Member != "" {
			variant.Values = t.variantValues(sh.schema, v, declared.Member)
		}
		schemas[variant.Type.Name] = v
		declared.Variants = append(declared.Variants, variant)
	}
	t.unions[declared.GoName] = unionSource{s, schemas}
	if declared.ByKind || declared.Member != "" {
		declared.OneOf = ""
		return
	}
	t.giveSigns(declared.Variants, sh.variants)
}

// variantName is the name of an anonymous variant: its title, or its kind if it is the only one of
// that kind, or its number.
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
		return union + t.namer.Exported(kinds[0].String())
	}
	return union + "Variant" + string(rune('A'+slices.Index(all, v)%26))
}

// scalars sets up a type that is a scalar of one of several JSON types.
func (t *Builder) scalars(declared *Type, sh shape) {
	declared.Kind = ScalarsType
	for _, v := range sh.variants {
		inner := t.shapeOf(v)
		kind := scalarKindOf(inner.scalar)
		declared.Variants = append(declared.Variants, Variant{
			GoName: t.namer.Exported(kind.String()),
			Type:   t.inline(inner.schema, inner, declared.GoName),
			Kinds:  []payload.Kind{kind},
		})
	}
}
