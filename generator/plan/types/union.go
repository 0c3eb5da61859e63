package types

import (
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime/payload"
)

// choiceShape returns the shape of a schema that is only a choice: a union of types, or of scalars.
// A choice in addition to other keywords becomes a check. sh is of the view of s.
func (t *Builder) choiceShape(sh shape, s *schema.Schema) (shape, bool) {
	of := sh.schema
	if choices(of) == nil {
		return t.typesShape(sh, s)
	}
	if of.OneOf != nil && of.AnyOf != nil || !isBareChoice(of) {
		return shape{}, false
	}
	null := allowance{types: t, value: &source.Value{Kind: source.Null}, known: map[literally]bool{}}
	nulls := 0
	for _, v := range choices(of) {
		if null.allows(literally{v, len(of.Types) > 0}) {
			nulls++
		}
		if !isOnlyNull(v) {
			sh.variants = append(sh.variants, v)
		}
	}
	sh.nullable = nulls == 1 || nulls > 1 && (of.AnyOf != nil || of.Discriminator != nil)
	sh.nullable = sh.nullable && (len(of.Types) == 0 || isNullable(of)) && (sh.demand == demandNothing || null.allows(literally{schema: s}))
	t.warnOfOpenVariants(of)
	switch sh.kind = t.unionKind(sh.variants); sh.kind {
	case shapeAny:
		return shape{}, false
	case shapeScalar:
		sh.scalar, sh.variants, sh.demand = t.commonScalar(sh.variants), nil, demandAll
		return sh, true
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
		if of.OneOf != nil {
			sh.exclusive, sh.demand = sh.demand == demandNothing, demandAll
		}
		for _, v := range sh.variants {
			t.kept[v] = true
		}
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

// typesShape returns the shape of a schema with several types: the choice of one schema for each. What
// is said of all of them, such as an enum, is a check. sh is of the view of s.
func (t *Builder) typesShape(sh shape, s *schema.Schema) (shape, bool) {
	of := sh.schema
	types := of.Types
	if of.Always != nil || jsonType(of) != "" {
		return shape{}, false
	}
	if len(types) == 0 {
		types = typesOfValues(values(of))
	}
	for i, name := range types {
		if name == "null" || name == "integer" && slices.Contains(types, "number") {
			continue
		}
		one := *of
		for _, k := range schema.Keywords {
			if k.Condition && k.For == "" || k.Effect == schema.Annotates {
				k.Copy(&one, &schema.Schema{})
			}
		}
		one.Types, one.Name, one.Nullable, one.Extensions, one.Enum, one.Const = []string{name}, "", false, nil, nil, nil
		one.Path += "/type/" + strconv.Itoa(i)
		sh.variants = append(sh.variants, &one)
	}
	if sh.kind = t.unionKind(sh.variants); sh.kind == shapeAny {
		return shape{}, false
	}
	if values(of) != nil || hasAny(of, func(k schema.Keyword) bool { return k.Condition && k.For == "" && k.Effect == schema.Restricts }) {
		sh.demand = demandAll
	}
	for _, v := range sh.variants {
		t.kept[v] = sh.demand != demandNothing
	}
	sh.nullable = sh.nullable && t.allowsNull(s, view{schema: of, loose: sh.demand == demandAll})
	return sh, true
}

// typesOfValues returns the types of values that are scalars, none when one is not.
func typesOfValues(values []*source.Value) []string {
	var all []string
	for _, v := range values {
		if hasParts(v) {
			return nil
		}
		if kind := typeOfValue(v); !slices.Contains(all, kind) {
			all = append(all, kind)
		}
	}
	return all
}

// isBareChoice reports whether s has only the choice, and perhaps a type that its variants have
// anyway.
func isBareChoice(s *schema.Schema) bool {
	bare := *s
	bare.OneOf, bare.AnyOf = nil, nil
	if jsonType(&bare) == "object" && len(bare.Types) > 0 {
		bare.Types, bare.Nullable = nil, false
	}
	return saysNothing(&bare) && !isStringFormat(bare.Format) && !bare.Nullable
}

// unionKind returns what a choice of variants becomes: shapeScalar when all are scalars of one kind, and
// shapeAny when Go cannot express it.
func (t *Builder) unionKind(variants []*schema.Schema) shapeKind {
	kind := shapeScalars
	seen := map[*schema.Schema]bool{}
	for _, v := range variants {
		sh := t.shapeOf(v)
		switch {
		case seen[v], sh.kind == shapeAny && sh.demand == demandNothing, t.isUserType(v):
			return shapeAny
		case sh.kind != shapeScalar || sh.enum != nil || v.Name != "" || sh.demand != demandNothing:
			kind = shapeUnion
		}
		seen[v] = true
	}
	switch {
	case len(variants) < 2:
		return shapeAny
	case kind == shapeUnion || t.haveOwnKinds(variants):
		return kind
	case slices.ContainsFunc(variants, func(v *schema.Schema) bool { return !slices.Equal(t.kindsOf(v), t.kindsOf(variants[0])) }):
		return shapeUnion
	}
	return shapeScalar
}

// commonScalar returns the scalar that has the values of all variants, which are of one kind.
func (t *Builder) commonScalar(variants []*schema.Schema) RefKind {
	common := t.shapeOf(variants[0]).scalar
	for _, v := range variants[1:] {
		switch kind := t.shapeOf(v).scalar; {
		case kind == common:
		case scalarKindOf(kind) == payload.StringKind:
			common = String
		case slices.Contains([]RefKind{Decimal, Uint64}, kind) || slices.Contains([]RefKind{Decimal, Uint64}, common):
			common = Decimal
		case slices.Contains([]RefKind{Float32, Float64}, kind) || slices.Contains([]RefKind{Float32, Float64}, common):
			common = Float64
		default:
			common = Int64
		}
	}
	return common
}

func (t *Builder) isUserType(s *schema.Schema) bool {
	return t.choice(s).Type != (GoType{}) || s.Extensions[extension.GoType] != nil
}

// union sets up a type that is one of several.
func (t *Builder) union(declared *Type, s *schema.Schema, sh shape) {
	declared.Kind = UnionType
	declared.Interface = t.unreserved(declared.GoName + "Value")
	at := t.origin(s)
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
	return union + "Variant" + columnOf(slices.Index(all, v))
}

// columnOf returns a number as letters, as spreadsheets name columns: A to Z, then AA.
func columnOf(n int) string {
	column := string(rune('A' + n%26))
	if n < 26 {
		return column
	}
	return columnOf(n/26-1) + column
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
