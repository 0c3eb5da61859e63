//go:build !race

package schemasuite

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// A typedMember is a schema that names types or values, and values of it: a Go type other than
// payload.Raw expresses it.
type typedMember struct {
	schema string
	values []string // a member that is left out apart
}

var typedMembers = []typedMember{
	// null beside checks
	{`{type: [string, 'null'], not: {const: x}}`, []string{`null`, `"a"`}},
	{`{type: [string, 'null'], not: {type: 'null'}}`, []string{`"a"`}},
	{`{type: [string, 'null'], if: {maxLength: 2}, then: {pattern: '^a'}}`, []string{`"ab"`, `"long"`}},
	{`{type: [string, 'null'], if: {type: string}, then: {minLength: 2}, else: {type: 'null'}}`, []string{`null`, `"ab"`}},
	{`{type: [string, 'null'], if: {type: string}, then: {minLength: 2}, else: false}`, []string{`"ab"`}},
	{`{type: [string, 'null'], anyOf: [{minLength: 3}, {pattern: '^a'}]}`, []string{`null`, `"ab"`, `"xyz"`}},
	{`{type: [string, 'null'], anyOf: [{type: string, minLength: 3}, {type: string, pattern: '^a'}]}`, []string{`"ab"`, `"xyz"`}},
	{`{type: [string, 'null'], oneOf: [{type: string, minLength: 3}, {type: 'null'}]}`, []string{`null`, `"xyz"`}},
	{`{type: [object, 'null'], properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}`, []string{`{"a": "x"}`, `{"b": "x"}`}},
	{`{type: [object, 'null'], properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}`, []string{`null`, `{"a": "x", "b": "y"}`}},
	{`{type: [array, 'null'], items: {type: integer}, not: {maxItems: 1}}`, []string{`[1, 2]`}},
	{`{type: [array, 'null'], items: {type: integer}, contains: {const: 1}}`, []string{`null`, `[1, 2]`}},
	{`{type: [integer, 'null'], not: {multipleOf: 2}}`, []string{`3`}},
	{`{type: [boolean, 'null'], enum: [true, null]}`, []string{`true`, `null`}},
	{`{type: [boolean, 'null'], const: true}`, []string{`true`}},
	{`{allOf: [{type: [object, 'null'], properties: {a: {type: string}}, additionalProperties: false}, {type: [object, 'null'], properties: {b: {type: string}}}]}`, []string{`null`, `{"a": "x"}`, `{}`}},
	// null among the variants of a union
	{`{oneOf: [{type: 'null'}, {$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}`, []string{`null`, `{"a": "x", "c": 1}`, `{"b": "x"}`}},
	{`{anyOf: [{type: 'null'}, {$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}`, []string{`null`, `{"a": "x", "c": 1}`, `{"b": "x"}`}},
	{`{oneOf: [{type: [object, 'null'], required: [x], properties: {x: {type: string}}}, {type: string}]}`, []string{`null`, `{"x": "x"}`, `"s"`}},
	{`{oneOf: [{type: [object, 'null'], required: [x], properties: {x: {type: string}}}, {type: [string, 'null']}]}`, []string{`{"x": "x"}`, `"s"`}},
	{`{anyOf: [{type: [object, 'null'], required: [x], properties: {x: {type: string}}}, {type: [string, 'null']}]}`, []string{`null`, `{"x": "x"}`, `"s"`}},
	{`{oneOf: [{type: [string, 'null']}, {type: integer}]}`, []string{`null`, `"s"`, `1`}},
	{`{oneOf: [{$ref: '#/components/schemas/N'}, {type: string}]}`, []string{`null`, `{"n": 1}`, `"s"`}},
	{`{oneOf: [{$ref: '#/components/schemas/Parent'}, {type: 'null'}]}`, []string{`null`, `{"kind": "Heir", "h": 1}`}},
	{`{$ref: '#/components/schemas/NullableParent'}`, []string{`null`, `{"kind": "NullableHeir", "h": 1}`}},
	// values with checks
	{`{type: string, enum: [a, bb, c], not: {const: bb}}`, []string{`"a"`, `"c"`}},
	{`{type: string, enum: [a, bb, ccc], anyOf: [{maxLength: 1}, {minLength: 3}]}`, []string{`"a"`, `"ccc"`}},
	{`{type: [string, 'null'], enum: [a, bb, null], not: {maxLength: 1}}`, []string{`"bb"`}},
	{`{type: integer, enum: [1, 2, 3], oneOf: [{multipleOf: 2}, {minimum: 3}]}`, []string{`2`, `3`}},
	{`{enum: [a, 1, null]}`, []string{`"a"`, `1`, `null`}},
	{`{type: [string, integer], enum: [a, 1]}`, []string{`"a"`, `1`}},
	{`{type: [string, integer], not: {const: a}}`, []string{`"b"`, `1`}},
	{`{type: [string, integer, 'null'], maximum: 5, maxLength: 2, enum: [a, 1, null, 7]}`, []string{`"a"`, `1`, `null`}},
	// variants of one type
	{`{oneOf: [{type: string, format: uuid}, {type: string, format: email}]}`, []string{`"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`, `"a@b.c"`}},
	{`{anyOf: [{type: [string, 'null'], maxLength: 2}, {type: string, pattern: '^x'}]}`, []string{`"ab"`, `"xyz"`, `null`}},
	{`{anyOf: [{type: string, format: date-time}, {type: string, format: date-time, maxLength: 20}]}`, []string{`"2026-11-22T10:15:30Z"`}},
	{`{anyOf: [{type: integer, maximum: 5}, {type: integer, minimum: 10}]}`, []string{`5`, `9007199254740993`}},
	{`{anyOf: [{type: integer}, {type: number, maximum: 1}]}`, []string{`5`, `0.5`}},
	{`{anyOf: [{type: integer, format: uint64}, {type: integer, minimum: -3}]}`, []string{`18446744073709551615`, `-3`}},
	{`{oneOf: [{type: boolean}, {type: boolean, const: true}]}`, []string{`false`}},
	{`{anyOf: [{type: string, maxLength: 2}, {type: string, pattern: '^x'}, {type: integer}]}`, []string{`"ab"`, `"xyz"`, `7`}},
	// several types
	{`{type: [string, array], items: {type: string}}`, []string{`"a"`, `["a", "b"]`}},
	{`{type: [string, array, 'null'], items: {type: string}, maxLength: 2, maxItems: 2}`, []string{`"a"`, `["a", "b"]`, `null`}},
	{`{type: [object, string], properties: {a: {type: integer}}}`, []string{`"a"`, `{"a": 1}`}},
	{`{type: [object, boolean], additionalProperties: {type: integer}}`, []string{`true`, `{"a": 1}`}},
	{`{type: [object, array], properties: {a: {type: integer}}, items: {type: integer}, minItems: 1, minProperties: 1}`, []string{`[1]`, `{"a": 1}`}},
}

const typedComponents = `
    A: {type: object, required: [a], properties: {a: {type: string}, c: {type: integer}}}
    B: {type: object, required: [b], properties: {b: {type: string}, c: {type: integer}}}
    N: {type: [object, 'null'], required: [n], properties: {n: {type: integer}}}
    Parent: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string}}}
    Heir: {allOf: [{$ref: '#/components/schemas/Parent'}, {type: object, properties: {h: {type: integer}}}]}
    NullableParent: {type: [object, 'null'], discriminator: kind, required: [kind], properties: {kind: {type: string}}}
    NullableHeir: {allOf: [{$ref: '#/components/schemas/NullableParent'}, {type: [object, 'null'], properties: {h: {type: integer}}}]}
`

var rawField = regexp.MustCompile(`(?m)^(\t|type S\d+)(Maybe|Needed|List)\w*\s+\S*payload\.Raw\b`)

// TestTypedMembers wants a Go type for each of the typedMembers, optional, required and within a
// list, that takes and brings back its values.
func TestTypedMembers(t *testing.T) {
	var messages, schemas strings.Builder
	for i, m := range typedMembers {
		fmt.Fprintf(&messages, "      M%d:\n        payload: {$ref: '#/components/schemas/S%d'}\n        examples:\n", i, i)
		for _, v := range m.values {
			fmt.Fprintf(&messages, "        - payload: {needed: %s, list: [%s, %s]}\n        - payload: {maybe: %s, needed: %s}\n", v, v, v, v, v)
		}
		fmt.Fprintf(&schemas, "    S%d: {type: object, required: [needed], properties: {maybe: %s, needed: %s, list: {type: array, items: %s}}}\n", i, m.schema, m.schema, m.schema)
	}
	contract := "asyncapi: 3.0.0\ninfo: {title: Typed, version: 1.0.0}\nchannels:\n  c:\n    address: c\n    messages:\n" + messages.String() + "components:\n  schemas:" + typedComponents + schemas.String()
	module := checkContract(t, contract, 4*len(typedMembers))
	for i, m := range typedMembers {
		text, err := os.ReadFile(filepath.Join(module, "d", "messages", fmt.Sprintf("s%d.gen.go", i)))
		if err != nil {
			t.Fatal(err)
		}
		if rawField.Match(text) {
			t.Errorf("S%d: %s has no Go type", i, m.schema)
		}
	}
}

// In the valid documents of the corpus, a type that is declared as a payload.Raw is one that names
// neither types nor values that Go has, or a whole message that may be null.
func TestRawIsOpen(t *testing.T) {
	raw := 0
	for _, file := range validDocuments(t) {
		doc, problems := asyncapi.Load(filepath.Join(corpusFolder, file), source.Options{AllowOutside: true})
		if problems.Fatal() {
			continue
		}
		planned, _ := plan.Build(doc, plan.Options{Output: names.Output{ImportPath: "example.com/suite"}})
		if planned == nil {
			continue
		}
		schemas := schemasByPlace(doc, true)
		for _, declared := range planned.Declared {
			if declared.Kind != types.DefinedType || declared.Underlying.Kind != types.Raw {
				continue
			}
			raw++
			s := schemas[[2]string{declared.File, declared.Path}]
			isContradiction := s == nil || s.AllOf != nil
			isMessage := slices.ContainsFunc(messages(doc), func(m *asyncapi.Message) bool { return m.Payload == s })
			mayBeNull := s != nil && slices.Contains(s.Types, "null")
			isNull := mayBeNull && (isMessage || len(s.Types) == 1)
			if !isContradiction && s.Always == nil && s.Not == nil && !isNull {
				t.Errorf("%s: %s is a payload.Raw", file, declared.Path)
			}
		}
	}
	t.Logf("%d types are a payload.Raw", raw)
}
