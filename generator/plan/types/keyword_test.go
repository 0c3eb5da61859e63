package types

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A keywordCase says of one keyword what a schema with it alone says, and what an allOf of two such
// schemas becomes.
type keywordCase struct {
	name string
	with schema.Schema // the keyword alone
	also schema.Schema // the keyword with another value
	both schema.Schema // what merging with and also gives, in this order

	isLoose bool   // merging them gives a schema that allows more
	implied string // the type that the keyword is for
	nothing bool   // the keyword alone allows every value
	beside  bool   // the keyword is checked in addition to the Go type
	dropped bool   // an allOf does not have what a part says
	checked bool   // it does not, and is loose for that
}

var (
	short = &schema.Schema{Location: source.Location{Path: "/short"}, MaxLength: new(1)}
	small = &schema.Schema{Location: source.Location{Path: "/small"}, Maximum: "1"}
	word  = &source.Value{Kind: source.String, Text: "a"}
	term  = &source.Value{Kind: source.String, Text: "b"}
	whole = &source.Value{Kind: source.Number, Text: "1"}
	kind  = &schema.Discriminator{Property: "a"}
)

type keywords = schema.Schema

func members(schemas ...*keywords) (all []schema.Property) {
	for i, s := range schemas {
		all = append(all, schema.Property{Name: string(rune('a' + i)), Schema: s})
	}
	return all
}

func allOf(schemas ...*keywords) *keywords { return &keywords{AllOf: schemas} }

var keywordCases = []keywordCase{
	{name: "title", with: keywords{Title: "a"}, also: keywords{Title: "b"}, both: keywords{Title: "a"}, nothing: true},
	{name: "description", with: keywords{Description: "a"}, also: keywords{Description: "b"}, both: keywords{Description: "a"}, nothing: true},
	{name: "default", with: keywords{Default: word}, also: keywords{Default: term}, both: keywords{Default: word}, nothing: true},
	{name: "examples", with: keywords{Examples: []*source.Value{word}}, both: keywords{Examples: []*source.Value{word}}, nothing: true, dropped: true},
	{name: "deprecated", with: keywords{Deprecated: true}, both: keywords{Deprecated: true}, nothing: true, dropped: true},
	{name: "readOnly", with: keywords{ReadOnly: true}, also: keywords{}, both: keywords{ReadOnly: true}, nothing: true},
	{name: "writeOnly", with: keywords{WriteOnly: true}, also: keywords{}, both: keywords{WriteOnly: true}, nothing: true},

	{name: "type", with: keywords{Types: []string{"string", "number"}}, also: keywords{Types: []string{"integer", "string"}}, both: keywords{Types: []string{"string", "integer"}}},
	{name: "nullable", with: keywords{Nullable: true}, also: keywords{Types: []string{"string"}}, both: keywords{Types: []string{"string"}}, nothing: true},
	{name: "enum", with: keywords{Enum: []*source.Value{word, term}}, also: keywords{Enum: []*source.Value{term}}, both: keywords{Enum: []*source.Value{term}}, implied: "string"},
	{name: "const", with: keywords{Const: whole}, also: keywords{Const: whole}, both: keywords{Enum: []*source.Value{whole}}, implied: "integer"},

	{name: "minLength", with: keywords{MinLength: new(2)}, also: keywords{MinLength: new(3)}, both: keywords{MinLength: new(3)}, implied: "string"},
	{name: "maxLength", with: keywords{MaxLength: new(3)}, also: keywords{MaxLength: new(2)}, both: keywords{MaxLength: new(2)}, implied: "string"},
	{name: "pattern", with: keywords{Pattern: "a"}, also: keywords{Pattern: "b"}, both: keywords{Pattern: "a"}, isLoose: true, implied: "string"},
	{name: "format", with: keywords{Format: "email"}, also: keywords{Format: "uri"}, both: keywords{Format: "email"}, isLoose: true, implied: "string"},
	{name: "contentEncoding", with: keywords{ContentEncoding: "base64"}, both: keywords{ContentEncoding: "base64"}, nothing: true, dropped: true},
	{name: "contentMediaType", with: keywords{ContentMediaType: "image/png"}, both: keywords{ContentMediaType: "image/png"}, nothing: true, dropped: true},

	{name: "items", with: keywords{Items: short}, also: keywords{Items: small}, both: keywords{Items: allOf(short, small)}, implied: "array"},
	{name: "prefixItems", with: keywords{PrefixItems: []*keywords{short}}, also: keywords{PrefixItems: []*keywords{small}}, both: keywords{PrefixItems: []*keywords{small}}, isLoose: true, implied: "array"},
	{name: "contains", with: keywords{Contains: short}, also: keywords{Contains: small}, both: keywords{Contains: short}, isLoose: true, beside: true, checked: true},
	{name: "minItems", with: keywords{MinItems: new(2)}, also: keywords{MinItems: new(3)}, both: keywords{MinItems: new(3)}},
	{name: "maxItems", with: keywords{MaxItems: new(3)}, also: keywords{MaxItems: new(2)}, both: keywords{MaxItems: new(2)}},
	{name: "uniqueItems", with: keywords{UniqueItems: true}, also: keywords{}, both: keywords{UniqueItems: true}},

	{name: "properties", with: keywords{Properties: members(short)}, also: keywords{Properties: members(small)}, both: keywords{Properties: members(allOf(short, small))}, implied: "object"},
	{name: "required", with: keywords{Required: []string{"a"}}, also: keywords{Required: []string{"b", "a"}}, both: keywords{Required: []string{"a", "b"}}, implied: "object"},
	{name: "patternProperties", with: keywords{PatternProperties: members(short)}, also: keywords{PatternProperties: members(small)}, both: keywords{PatternProperties: append(members(short), members(small)...)}, isLoose: true},
	{name: "additionalProperties", with: keywords{AdditionalProperties: short}, also: keywords{AdditionalProperties: small}, both: keywords{AdditionalProperties: allOf(short, small)}, implied: "object"},
	{name: "propertyNames", with: keywords{PropertyNames: short}, also: keywords{PropertyNames: small}, both: keywords{PropertyNames: short}, isLoose: true, beside: true, checked: true},
	{name: "minProperties", with: keywords{MinProperties: new(2)}, also: keywords{MinProperties: new(3)}, both: keywords{MinProperties: new(3)}},
	{name: "maxProperties", with: keywords{MaxProperties: new(3)}, also: keywords{MaxProperties: new(2)}, both: keywords{MaxProperties: new(2)}},
	{name: "dependencies", with: keywords{Dependencies: []schema.Dependency{{Property: "a", Schema: short}}}, also: keywords{Dependencies: []schema.Dependency{{Property: "b", Required: []string{"c"}}}}, both: keywords{Dependencies: []schema.Dependency{{Property: "a", Schema: short}}}, isLoose: true, beside: true, checked: true},

	{name: "minimum", with: keywords{Minimum: "1"}, also: keywords{Minimum: "2"}, both: keywords{Minimum: "1"}, isLoose: true, implied: "number"},
	{name: "maximum", with: keywords{Maximum: "1"}, also: keywords{Maximum: "2"}, both: keywords{Maximum: "1"}, isLoose: true, implied: "number"},
	{name: "exclusiveMinimum", with: keywords{ExclusiveMinimum: "1"}, also: keywords{ExclusiveMinimum: "2"}, both: keywords{ExclusiveMinimum: "1"}, isLoose: true, implied: "number"},
	{name: "exclusiveMaximum", with: keywords{ExclusiveMaximum: "1"}, also: keywords{ExclusiveMaximum: "2"}, both: keywords{ExclusiveMaximum: "1"}, isLoose: true, implied: "number"},
	{name: "multipleOf", with: keywords{MultipleOf: "2"}, also: keywords{MultipleOf: "3"}, both: keywords{MultipleOf: "2"}, isLoose: true, implied: "number"},

	{name: "allOf", with: keywords{AllOf: []*keywords{short}}, also: keywords{AllOf: []*keywords{{MaxLength: new(0)}}}, both: keywords{MaxLength: new(0)}},
	{name: "anyOf", with: keywords{AnyOf: []*keywords{short, small}}, also: keywords{AnyOf: []*keywords{small, short}}, both: keywords{AnyOf: []*keywords{short, small}}, isLoose: true, beside: true},
	{name: "oneOf", with: keywords{OneOf: []*keywords{short, small}, Discriminator: kind}, also: keywords{OneOf: []*keywords{small, short}}, both: keywords{OneOf: []*keywords{short, small}, Discriminator: kind}, isLoose: true, beside: true},
	{name: "not", with: keywords{Not: short}, also: keywords{Not: small}, both: keywords{Not: short}, isLoose: true, beside: true, checked: true},
	{name: "if", with: keywords{If: short}, also: keywords{If: small}, both: keywords{If: short}, isLoose: true, beside: true, checked: true},
	{name: "then", with: keywords{Then: short}, both: keywords{Then: short}, nothing: true, dropped: true, beside: true},
	{name: "else", with: keywords{Else: short}, both: keywords{Else: short}, nothing: true, dropped: true, beside: true},
	{name: "discriminator", with: keywords{Discriminator: kind}, both: keywords{Discriminator: kind}, nothing: true, dropped: true},
}

// caseOf returns the case of a keyword. Each has one, and one that is added fails here first.
func caseOf(t *testing.T, k schema.Keyword) *keywordCase {
	t.Helper()
	for i := range keywordCases {
		if keywordCases[i].name == k.Name {
			return &keywordCases[i]
		}
	}
	t.Fatalf("the keyword %s has no case", k.Name)
	return nil
}

func TestKeywordAlone(t *testing.T) {
	for _, k := range schema.Keywords {
		c := caseOf(t, k)
		if !k.IsIn(&c.with) {
			t.Errorf("%s: the case has another keyword", k.Name)
		}
		if got := saysNothing(&c.with); got != c.nothing {
			t.Errorf("%s says nothing: %t, want %t", k.Name, got, c.nothing)
		}
		if got := jsonType(&c.with); got != c.implied {
			t.Errorf("%s implies %q, want %q", k.Name, got, c.implied)
		}
		if got := hasCondition(&c.with); got != (c.beside && !c.nothing) {
			t.Errorf("%s is a condition: %t", k.Name, got)
		}
		if got := k.IsIn(conditions(&c.with)); got != c.beside {
			t.Errorf("%s is checked beside the Go type: %t, want %t", k.Name, got, c.beside)
		}
	}
}

// A format that is not known says nothing, and so does the schema true; false says that nothing is
// valid.
func TestSaysNothing(t *testing.T) {
	for _, c := range []struct {
		s    keywords
		want bool
	}{
		{keywords{}, true}, {keywords{Format: "word"}, true}, {keywords{Always: new(true)}, true}, {keywords{Always: new(false)}, false},
	} {
		if saysNothing(&c.s) != c.want || impliedType(&c.s) != "" {
			t.Errorf("%+v: want %t, and no type is implied", c.s, c.want)
		}
	}
}

// What one part of an allOf says, or two say, the view of the allOf says too, or it is loose.
func TestKeywordMerged(t *testing.T) {
	for _, k := range schema.Keywords {
		c := caseOf(t, k)
		want := c.with
		switch {
		case c.dropped || c.checked:
			want = keywords{}
		case k.Name == "allOf":
			want = *short
		}
		for _, alone := range []*keywords{allOf(&c.with), allOf(&c.with, &keywords{}), allOf(&keywords{}, &c.with)} {
			v := viewAlone(alone)
			if diff := cmp.Diff(&want, v.schema, sameContent); diff != "" || v.loose != c.checked {
				t.Errorf("%s in one part: loose is %t (-want +got):\n%s", k.Name, v.loose, diff)
			}
		}
	}
	for _, c := range keywordCases {
		own := c.with // the schema beside its allOf
		own.AllOf = append(slices.Clone(own.AllOf), &c.also)
		v := viewAlone(&own)
		if diff := cmp.Diff(&c.both, v.schema, sameContent); diff != "" || v.loose != c.isLoose {
			t.Errorf("%s in both: loose is %t, want %t (-want +got):\n%s", c.name, v.loose, c.isLoose, diff)
		}
	}
}

// sameContent compares schemas without their places.
var sameContent = cmp.Options{
	cmpopts.EquateEmpty(), cmpopts.IgnoreFields(keywords{}, "Location", "Name", "Source", "Extensions"),
	cmpopts.IgnoreFields(schema.Property{}, "Position"), cmpopts.IgnoreUnexported(source.Value{}),
}

func newTestBuilder() *Builder {
	return NewBuilder("contract.yaml", nil, Options{}, names.Output{}, names.NewNamer(nil), new(report.Report))
}

func viewAlone(s *keywords) view { return newTestBuilder().viewOf(s) }

// The keywords that are merged together are those of the functions for them.
func TestKeywordsTogether(t *testing.T) {
	var want, got []string
	for _, k := range schema.Keywords {
		if k.Merge == schema.Together {
			want = append(want, k.Name)
		}
	}
	for _, several := range together {
		got = append(got, several.keywords...)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A lower limit above the upper one is a contradiction; one that is equal is none.
func TestKeywordLimits(t *testing.T) {
	for _, c := range []struct {
		low, equal, high *keywords
		want             string
	}{
		{&keywords{MinLength: new(3)}, &keywords{MaxLength: new(3)}, &keywords{MaxLength: new(2)}, "minLength is 3 and maxLength is 2"},
		{&keywords{MinItems: new(3)}, &keywords{MaxItems: new(3)}, &keywords{MaxItems: new(2)}, "minItems is 3 and maxItems is 2"},
		{&keywords{MinProperties: new(3)}, &keywords{MaxProperties: new(3)}, &keywords{MaxProperties: new(2)}, "minProperties is 3 and maxProperties is 2"},
		{&keywords{Minimum: "0.3"}, &keywords{Maximum: "0.30"}, &keywords{Maximum: "0.2"}, "minimum is 0.3 and maximum is 0.2"},
	} {
		for high, want := range map[*keywords]string{c.equal: "", c.high: "allOf contradicts itself: " + c.want} {
			b := newTestBuilder()
			b.viewOf(allOf(c.low, high))
			b.reportContradictions()
			if got := b.report.Problems().Error(); !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

// Limits are checked of the values that they are for.
func TestKeywordLimitsChecked(t *testing.T) {
	s := &keywords{
		MinLength: new(1), MaxLength: new(2), MinItems: new(3), MaxItems: new(4), UniqueItems: true, MinProperties: new(5), MaxProperties: new(6),
		Minimum: "1.0", Maximum: "2.0", ExclusiveMinimum: "3.0", ExclusiveMaximum: "4.0", MultipleOf: "5.0",
	}
	want := payload.Schema{
		String: &payload.StringRule{MinLength: 1, MaxLength: 2},
		Array:  &payload.ArrayRule{MinItems: 3, MaxItems: 4, UniqueItems: true},
		Object: &payload.MapRule{MinProperties: 5, MaxProperties: 6},
		Number: payload.NewNumberRule(payload.NumberLimits{
			Minimum: "1.0", Maximum: "2.0", ExclusiveMinimum: "3.0", ExclusiveMaximum: "4.0", MultipleOf: "5.0",
		}),
	}
	if got := newTestBuilder().schemas.keywords(s); !reflect.DeepEqual(want, got) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Each keyword that restricts what is valid reaches the schema that is checked as data, and is
// known where schemas are walked.
func TestKeywordChecked(t *testing.T) {
	for _, k := range schema.Keywords {
		c := caseOf(t, k)
		if c.nothing {
			continue
		}
		made := newTestBuilder().schemas.keywords(&c.with)
		if reflect.DeepEqual(made, payload.Schema{}) {
			t.Errorf("%s is not checked", k.Name)
		}
	}
	for _, k := range schema.Keywords {
		var within []*keywords
		s := &caseOf(t, k).with
		switch at := k.Field(s).(type) {
		case **keywords:
			within = append(within, *at)
		case *[]*keywords:
			within = append(within, *at...)
		case *[]schema.Property:
			within = append(within, (*at)[0].Schema)
		case *[]schema.Dependency:
			within = append(within, (*at)[0].Schema)
		}
		for _, part := range within {
			if !slices.Contains(parts(s), part) {
				t.Errorf("the schemas of %s are not walked", k.Name)
			}
		}
	}
}

// What decides on a Go type by the keywords of a schema looks at all of them.
func TestKeywordsOfTypes(t *testing.T) {
	for _, c := range []struct {
		s    keywords
		want string
	}{
		{keywords{Properties: members(short), Items: short, MinLength: new(1), Minimum: "1"}, "object"},
		{keywords{Items: short, MinLength: new(1), Minimum: "1"}, "array"},
		{keywords{MinLength: new(1), Minimum: "1"}, "string"},
	} {
		if got := impliedType(&c.s); got != c.want {
			t.Errorf("got the type %s, want %s", got, c.want)
		}
	}
	types := newTestBuilder()
	if got := types.scalarKind(&keywords{Format: "uuid"}, "string"); got != UUID {
		t.Errorf("a uuid becomes kind %d", got)
	}
	for _, s := range []*keywords{{Format: "uuid", MinLength: new(1)}, {Format: "uuid", MaxLength: new(1)}, {Format: "uuid", Pattern: "a"}} {
		if got := types.scalarKind(s, "string"); got != String {
			t.Errorf("a uuid whose text is checked becomes kind %d", got)
		}
	}
	for _, s := range []*keywords{{Enum: []*source.Value{whole}, Minimum: "1"}, {Enum: []*source.Value{word}, MinLength: new(1)}} {
		if got := types.shapeOf(s); got.demand != demandNothing || len(got.enum) != 1 {
			t.Errorf("an enum whose value keeps its limits has the demand %d and %d values", got.demand, len(got.enum))
		}
	}
	for _, s := range []*keywords{{Enum: []*source.Value{whole}, Minimum: "1e9"}, {Enum: []*source.Value{word}, MinLength: new(100)}, {Enum: []*source.Value{word}, Const: whole}} {
		if got := types.shapeOf(s); got.demand != demandAll {
			t.Errorf("an enum without a value has the demand %d", got.demand)
		}
	}
	declared := &Type{GoName: "A"}
	types.tupleType(declared, &keywords{PrefixItems: []*keywords{short}, MinItems: new(1)})
	if want := (&payload.ArrayRule{MinItems: 1, MaxItems: payload.NoLimit}); !reflect.DeepEqual(declared.Rule, want) {
		t.Errorf("a tuple has the rule %v", declared.Rule)
	}
	s := &keywords{Types: []string{"string"}, Not: short}
	if name := types.schemas.demand("A", s, s, demandRest); types.schemas.all[name].Types != 0 || types.schemas.all[name].Not == nil {
		t.Errorf("the rest of a string that is not short is %+v", types.schemas.all[name])
	}
}

// A payload that becomes a string is not checked, and each keyword that would be is said.
func TestIsPlainString(t *testing.T) {
	for _, s := range []*keywords{{}, {Types: []string{"string"}}, {Types: []string{"null", "string"}}, {Title: "a"}} {
		if !IsPlainString(s) {
			t.Errorf("%+v says more than string", s)
		}
	}
	for _, s := range []*keywords{
		{MinLength: new(1)}, {MaxLength: new(1)}, {Pattern: "a"}, {Format: "word"}, {Enum: []*source.Value{word}}, {Const: word}, {Types: []string{"null"}},
	} {
		if IsPlainString(s) {
			t.Errorf("%+v says no more than string", s)
		}
	}
}
