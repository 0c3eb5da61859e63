package types

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A keywordCase says of one keyword what a schema with it alone says, and what an allOf of two such schemas becomes.
type keywordCase struct {
	name string
	with asyncapi.Schema // the keyword alone
	also asyncapi.Schema // the keyword with another value
	both asyncapi.Schema // what merging with and also gives, in this order

	isLoose bool   // merging them gives a schema that allows more
	implied string // the type that the keyword is for
	nothing bool   // the keyword alone allows every value
	beside  bool   // the keyword is checked beside the Go type
	dropped bool   // an allOf does not have what a part says
	checked bool   // it does not, and is loose for that
}

var (
	short = &asyncapi.Schema{Path: "/short", MaxLength: new(1)}
	small = &asyncapi.Schema{Path: "/small", Maximum: "1"}
	word  = &asyncapi.Value{Kind: asyncapi.String, Text: "a"}
	term  = &asyncapi.Value{Kind: asyncapi.String, Text: "b"}
	whole = &asyncapi.Value{Kind: asyncapi.Number, Text: "1"}
	kind  = &asyncapi.Discriminator{Property: "a"}
)

type schema = asyncapi.Schema

func members(schemas ...*schema) (all []asyncapi.Property) {
	for i, s := range schemas {
		all = append(all, asyncapi.Property{Name: string(rune('a' + i)), Schema: s})
	}
	return all
}

func allOf(schemas ...*schema) *schema { return &schema{AllOf: schemas} }

var keywordCases = []keywordCase{
	{name: "title", with: schema{Title: "a"}, also: schema{Title: "b"}, both: schema{Title: "a"}, nothing: true},
	{name: "description", with: schema{Description: "a"}, also: schema{Description: "b"}, both: schema{Description: "a"}, nothing: true},
	{name: "default", with: schema{Default: word}, also: schema{Default: term}, both: schema{Default: word}, nothing: true},
	{name: "examples", with: schema{Examples: []*asyncapi.Value{word}}, both: schema{Examples: []*asyncapi.Value{word}}, nothing: true, dropped: true},
	{name: "deprecated", with: schema{Deprecated: true}, both: schema{Deprecated: true}, nothing: true, dropped: true},
	{name: "readOnly", with: schema{ReadOnly: true}, also: schema{}, both: schema{ReadOnly: true}, nothing: true},
	{name: "writeOnly", with: schema{WriteOnly: true}, also: schema{}, both: schema{WriteOnly: true}, nothing: true},

	{name: "type", with: schema{Types: []string{"string", "number"}}, also: schema{Types: []string{"integer", "string"}}, both: schema{Types: []string{"string", "integer"}}},
	{name: "nullable", with: schema{Nullable: true}, also: schema{Types: []string{"string"}}, both: schema{Types: []string{"string"}}, nothing: true},
	{name: "enum", with: schema{Enum: []*asyncapi.Value{word, term}}, also: schema{Enum: []*asyncapi.Value{term}}, both: schema{Enum: []*asyncapi.Value{term}}, implied: "string"},
	{name: "const", with: schema{Const: whole}, also: schema{Const: whole}, both: schema{Enum: []*asyncapi.Value{whole}}, implied: "integer"},

	{name: "minLength", with: schema{MinLength: new(2)}, also: schema{MinLength: new(3)}, both: schema{MinLength: new(3)}, implied: "string"},
	{name: "maxLength", with: schema{MaxLength: new(3)}, also: schema{MaxLength: new(2)}, both: schema{MaxLength: new(2)}, implied: "string"},
	{name: "pattern", with: schema{Pattern: "a"}, also: schema{Pattern: "b"}, both: schema{Pattern: "a"}, isLoose: true, implied: "string"},
	{name: "format", with: schema{Format: "email"}, also: schema{Format: "uri"}, both: schema{Format: "email"}, isLoose: true, implied: "string"},
	{name: "contentEncoding", with: schema{ContentEncoding: "base64"}, both: schema{ContentEncoding: "base64"}, nothing: true, dropped: true},
	{name: "contentMediaType", with: schema{ContentMediaType: "image/png"}, both: schema{ContentMediaType: "image/png"}, nothing: true, dropped: true},

	{name: "items", with: schema{Items: short}, also: schema{Items: small}, both: schema{Items: allOf(short, small)}, implied: "array"},
	{name: "prefixItems", with: schema{PrefixItems: []*schema{short}}, also: schema{PrefixItems: []*schema{small}}, both: schema{PrefixItems: []*schema{small}}, isLoose: true, implied: "array"},
	{name: "contains", with: schema{Contains: short}, also: schema{Contains: small}, both: schema{Contains: short}, isLoose: true, beside: true, checked: true},
	{name: "minItems", with: schema{MinItems: new(2)}, also: schema{MinItems: new(3)}, both: schema{MinItems: new(3)}},
	{name: "maxItems", with: schema{MaxItems: new(3)}, also: schema{MaxItems: new(2)}, both: schema{MaxItems: new(2)}},
	{name: "uniqueItems", with: schema{UniqueItems: true}, also: schema{}, both: schema{UniqueItems: true}},

	{name: "properties", with: schema{Properties: members(short)}, also: schema{Properties: members(small)}, both: schema{Properties: members(allOf(short, small))}, implied: "object"},
	{name: "required", with: schema{Required: []string{"a"}}, also: schema{Required: []string{"b", "a"}}, both: schema{Required: []string{"a", "b"}}, implied: "object"},
	{name: "patternProperties", with: schema{PatternProperties: members(short)}, also: schema{PatternProperties: members(small)}, both: schema{PatternProperties: append(members(short), members(small)...)}, isLoose: true},
	{name: "additionalProperties", with: schema{AdditionalProperties: short}, also: schema{AdditionalProperties: small}, both: schema{AdditionalProperties: allOf(short, small)}, implied: "object"},
	{name: "propertyNames", with: schema{PropertyNames: short}, also: schema{PropertyNames: small}, both: schema{PropertyNames: short}, isLoose: true, beside: true, checked: true},
	{name: "minProperties", with: schema{MinProperties: new(2)}, also: schema{MinProperties: new(3)}, both: schema{MinProperties: new(3)}},
	{name: "maxProperties", with: schema{MaxProperties: new(3)}, also: schema{MaxProperties: new(2)}, both: schema{MaxProperties: new(2)}},
	{name: "dependencies", with: schema{Dependencies: []asyncapi.Dependency{{Property: "a", Schema: short}}}, also: schema{Dependencies: []asyncapi.Dependency{{Property: "b", Required: []string{"c"}}}}, both: schema{Dependencies: []asyncapi.Dependency{{Property: "a", Schema: short}}}, isLoose: true, beside: true, checked: true},

	{name: "minimum", with: schema{Minimum: "1"}, also: schema{Minimum: "2"}, both: schema{Minimum: "1"}, isLoose: true, implied: "number"},
	{name: "maximum", with: schema{Maximum: "1"}, also: schema{Maximum: "2"}, both: schema{Maximum: "1"}, isLoose: true, implied: "number"},
	{name: "exclusiveMinimum", with: schema{ExclusiveMinimum: "1"}, also: schema{ExclusiveMinimum: "2"}, both: schema{ExclusiveMinimum: "1"}, isLoose: true, implied: "number"},
	{name: "exclusiveMaximum", with: schema{ExclusiveMaximum: "1"}, also: schema{ExclusiveMaximum: "2"}, both: schema{ExclusiveMaximum: "1"}, isLoose: true, implied: "number"},
	{name: "multipleOf", with: schema{MultipleOf: "2"}, also: schema{MultipleOf: "3"}, both: schema{MultipleOf: "2"}, isLoose: true, implied: "number"},

	{name: "allOf", with: schema{AllOf: []*schema{short}}, also: schema{AllOf: []*schema{{MaxLength: new(0)}}}, both: schema{MaxLength: new(0)}},
	{name: "anyOf", with: schema{AnyOf: []*schema{short, small}}, also: schema{AnyOf: []*schema{small, short}}, both: schema{AnyOf: []*schema{short, small}}, isLoose: true, beside: true},
	{name: "oneOf", with: schema{OneOf: []*schema{short, small}, Discriminator: kind}, also: schema{OneOf: []*schema{small, short}}, both: schema{OneOf: []*schema{short, small}, Discriminator: kind}, isLoose: true, beside: true},
	{name: "not", with: schema{Not: short}, also: schema{Not: small}, both: schema{Not: short}, isLoose: true, beside: true, checked: true},
	{name: "if", with: schema{If: short}, also: schema{If: small}, both: schema{If: short}, isLoose: true, beside: true, checked: true},
	{name: "then", with: schema{Then: short}, both: schema{Then: short}, nothing: true, dropped: true, beside: true},
	{name: "else", with: schema{Else: short}, both: schema{Else: short}, nothing: true, dropped: true, beside: true},
	{name: "discriminator", with: schema{Discriminator: kind}, both: schema{Discriminator: kind}, nothing: true, dropped: true},
}

// caseOf returns the case of a keyword. Each has one, and one that is added fails here first.
func caseOf(t *testing.T, k asyncapi.Keyword) *keywordCase {
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
	for _, k := range asyncapi.Keywords {
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

// A format that is not known says nothing, and so does the schema true; false says that nothing is valid.
func TestSaysNothing(t *testing.T) {
	for _, c := range []struct {
		s    schema
		want bool
	}{
		{schema{}, true}, {schema{Format: "word"}, true}, {schema{Always: new(true)}, true}, {schema{Always: new(false)}, false},
	} {
		if saysNothing(&c.s) != c.want || impliedType(&c.s) != "" {
			t.Errorf("%+v: want %t, and no type is implied", c.s, c.want)
		}
	}
}

// What one part of an allOf says, or two say, the view of the allOf says too, or it is loose.
func TestKeywordMerged(t *testing.T) {
	for _, k := range asyncapi.Keywords {
		c := caseOf(t, k)
		want := c.with
		switch {
		case c.dropped || c.checked:
			want = schema{}
		case k.Name == "allOf":
			want = *short
		}
		for _, alone := range []*schema{allOf(&c.with), allOf(&c.with, &schema{}), allOf(&schema{}, &c.with)} {
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
	cmpopts.EquateEmpty(), cmpopts.IgnoreFields(schema{}, "Path", "Name", "Position", "Keywords", "Extensions"),
	cmpopts.IgnoreFields(asyncapi.Property{}, "Position"), cmpopts.IgnoreUnexported(asyncapi.Value{}),
}

func newTestBuilder() *Builder {
	return NewBuilder(nil, Options{}, names.Output{}, names.NewNamer(nil), new(report.Report))
}

func viewAlone(s *schema) view { return newTestBuilder().viewOf(s) }

// The keywords that are merged together are those of the functions for them.
func TestKeywordsTogether(t *testing.T) {
	var want, got []string
	for _, k := range asyncapi.Keywords {
		if k.Merge == asyncapi.Together {
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
		low, equal, high *schema
		want             string
	}{
		{&schema{MinLength: new(3)}, &schema{MaxLength: new(3)}, &schema{MaxLength: new(2)}, "minLength is 3 and maxLength is 2"},
		{&schema{MinItems: new(3)}, &schema{MaxItems: new(3)}, &schema{MaxItems: new(2)}, "minItems is 3 and maxItems is 2"},
		{&schema{MinProperties: new(3)}, &schema{MaxProperties: new(3)}, &schema{MaxProperties: new(2)}, "minProperties is 3 and maxProperties is 2"},
		{&schema{Minimum: "0.3"}, &schema{Maximum: "0.30"}, &schema{Maximum: "0.2"}, "minimum is 0.3 and maximum is 0.2"},
	} {
		for high, want := range map[*schema]string{c.equal: "", c.high: "allOf contradicts itself: " + c.want} {
			b := newTestBuilder()
			b.viewOf(allOf(c.low, high))
			if got := b.report.Problems().Error(); !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
}

// Limits are checked of the values that they are for.
func TestKeywordLimitsChecked(t *testing.T) {
	s := &schema{
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

// Each keyword that restricts what is valid reaches the schema that is checked as data, and is known where schemas are walked.
func TestKeywordChecked(t *testing.T) {
	for _, k := range asyncapi.Keywords {
		c := caseOf(t, k)
		if c.nothing {
			continue
		}
		made := newTestBuilder().schemas.keywords(&c.with)
		if reflect.DeepEqual(made, payload.Schema{}) {
			t.Errorf("%s is not checked", k.Name)
		}
	}
	for _, k := range asyncapi.Keywords {
		var within []*schema
		s := &caseOf(t, k).with
		switch at := k.Field(s).(type) {
		case **schema:
			within = append(within, *at)
		case *[]*schema:
			within = append(within, *at...)
		case *[]asyncapi.Property:
			within = append(within, (*at)[0].Schema)
		case *[]asyncapi.Dependency:
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
		s    schema
		want string
	}{
		{schema{Properties: members(short), Items: short, MinLength: new(1), Minimum: "1"}, "object"},
		{schema{Items: short, MinLength: new(1), Minimum: "1"}, "array"},
		{schema{MinLength: new(1), Minimum: "1"}, "string"},
	} {
		if got := impliedType(&c.s); got != c.want {
			t.Errorf("got the type %s, want %s", got, c.want)
		}
	}
	types := newTestBuilder()
	if got := types.scalarKind(&schema{Format: "uuid"}, "string"); got != UUID {
		t.Errorf("a uuid becomes kind %d", got)
	}
	for _, s := range []*schema{{Format: "uuid", MinLength: new(1)}, {Format: "uuid", MaxLength: new(1)}, {Format: "uuid", Pattern: "a"}} {
		if got := types.scalarKind(s, "string"); got != String {
			t.Errorf("a uuid whose text is checked becomes kind %d", got)
		}
	}
	for _, s := range []*schema{{Enum: []*asyncapi.Value{whole}, Minimum: "1"}, {Enum: []*asyncapi.Value{word}, MinLength: new(1)}} {
		if got := types.shapeOf(s).demand; got != demandAll {
			t.Errorf("an enum with limits has the demand %d", got)
		}
	}
	declared := &Type{GoName: "A"}
	types.tupleType(declared, &schema{PrefixItems: []*schema{short}, MinItems: new(1)})
	if want := []Check{{Keyword: MinItems, Value: "1"}}; !cmp.Equal(declared.Checks, want) {
		t.Errorf("a tuple has the checks %v", declared.Checks)
	}
	s := &schema{Types: []string{"string"}, Not: short}
	if name := types.schemas.demand("A", s, s, demandRest); types.schemas.all[name].Types != 0 || types.schemas.all[name].Not == nil {
		t.Errorf("the rest of a string that is not short is %+v", types.schemas.all[name])
	}
}

// A payload that becomes a string is not checked, and each keyword that would be is said.
func TestIsPlainString(t *testing.T) {
	for _, s := range []*schema{{}, {Types: []string{"string"}}, {Types: []string{"null", "string"}}, {Title: "a"}} {
		if !IsPlainString(s) {
			t.Errorf("%+v says more than string", s)
		}
	}
	for _, s := range []*schema{
		{MinLength: new(1)}, {MaxLength: new(1)}, {Pattern: "a"}, {Format: "word"}, {Enum: []*asyncapi.Value{word}}, {Const: word}, {Types: []string{"null"}},
	} {
		if IsPlainString(s) {
			t.Errorf("%+v says no more than string", s)
		}
	}
}
