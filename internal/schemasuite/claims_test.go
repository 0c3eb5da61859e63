//go:build !race

package schemasuite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator"
)

// A claim is a schema with values that its Go type takes and brings back, and such that it refuses with the words given.
type claim struct {
	name    string
	schema  string // YAML on one line
	takes   []string
	refuses [][2]string // value, error
}

var claims = []claim{
	{
		name: "Tuple", schema: `{type: array, items: [{type: string, format: date-time}, {type: [integer, 'null']}, {$ref: '#/components/schemas/Tree'}], additionalItems: {type: number, minimum: 3}, minItems: 1, maxItems: 5}`,
		takes: []string{`["2026-01-01T00:00:00Z"]`, `["2026-01-01T00:00:00Z",null]`, `["2026-01-01T00:00:00Z",5,{"name":"x"},4,5.5]`},
		refuses: [][2]string{
			{`[]`, `payload: has 0 items, want at least 1`},
			{`{}`, `payload: is an object, want an array`},
			{`["x",5,{},2,3,7]`, `/0: "x" is not a date-time; /2: the member "name" is missing; /3: is 2, want at least 3; payload: has 6 items, want at most 5`},
		},
	},
	{
		name: "ClosedTuple", schema: `{items: [{type: number}, {type: number}], additionalItems: false, minItems: 2}`,
		takes:   []string{`[1,2.5]`},
		refuses: [][2]string{{`[1]`, `payload: has 1 items, want at least 2`}, {`[1,2,3]`, `/2: is not an item that the schema allows`}},
	},
	{
		name: "OpenTuple", schema: `{items: [{type: string}]}`,
		takes: []string{`[]`, `["a"]`, `["a",{"b":[null]}]`}, refuses: [][2]string{{`[1]`, `/0: is a number, want a string`}},
	},
	{
		name: "UniqueTuple", schema: `{items: [{type: string}, {type: string}], uniqueItems: true}`,
		takes: []string{`["a","b"]`}, refuses: [][2]string{{`["a","a"]`, `payload: the items 0 and 1 are equal`}},
	},
	{
		name: "Tree", schema: `{type: object, required: [name], properties: {name: {type: string}, left: {$ref: '#/components/schemas/Tree'}, kids: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}`,
		takes:   []string{`{"name":"a","left":{"name":"b"},"kids":[{"name":"c","kids":[]}]}`},
		refuses: [][2]string{{`{"name":"a","kids":[{"name":1},{}]}`, `/kids/0/name: is a number, want a string; /kids/1: the member "name" is missing`}},
	},
	{
		name: "Presence", schema: `{type: object, required: [r, rn], properties: {r: {type: string}, rn: {type: [string, 'null']}, o: {type: string}, on: {type: [string, 'null']}}}`,
		takes: []string{`{"r":"","rn":null}`, `{"r":"","rn":"","o":"","on":""}`, `{"r":"","rn":"","on":null}`},
		refuses: [][2]string{
			{`{"on":1}`, `/on: is a number, want a string; payload: the member "r" is missing; payload: the member "rn" is missing`},
			{`{"r":null,"rn":null,"o":null}`, `/r: is null, want a string; /o: is null, want a string`},
		},
	},
	{
		name: "Maps", schema: `{type: object, properties: {x: {type: string}}, additionalProperties: {type: integer}, patternProperties: {'^s-': {type: string}}}`,
		takes:   []string{`{"x":"","s-1":"t","other":3}`},
		refuses: [][2]string{{`{"x":1,"s-1":2,"other":"t"}`, `/x: is a number, want a string; /s-1: is a number, want a string; /other: is a string, want an integer`}},
	},
	{
		name: "Closed", schema: `{type: object, properties: {x: {type: string}}, additionalProperties: false}`,
		takes: []string{`{}`}, refuses: [][2]string{{`{"y":1,"z":{}}`, `/y: is not a member that the schema allows; /z: is not a member that the schema allows`}},
	},
	{
		name: "Overlapping", schema: `{anyOf: [{type: object, properties: {a: {type: integer}}}, {type: object, properties: {b: {type: integer}}}]}`,
		takes: []string{`{}`, `{"a":1}`, `{"b":1}`, `{"a":1,"b":2}`, `{"b":"x"}`}, refuses: [][2]string{{`{"a":"x","b":"y"}`, `payload: is none of the types that the schema allows; /a: is a string, want an integer`}},
	},
	{
		name: "Told", schema: `{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: pet}`,
		takes: []string{`{"pet":"Cat","name":"x"}`, `{"pet":"Dog"}`},
		refuses: [][2]string{
			{`{"pet":"Dog","bark":"x"}`, `/bark: is a string, want an integer`},
			{`{"pet":"Cow"}`, `payload: has "Cow" as "pet", want one of "Cat", "Dog"`},
		},
	},
	{name: "Cat", schema: `{type: object, required: [pet], properties: {pet: {type: string}, name: {type: string}}}`, takes: []string{`{"pet":""}`}},
	{name: "Dog", schema: `{type: object, required: [pet], properties: {pet: {type: string}, bark: {type: integer}}}`, takes: []string{`{"pet":""}`}},
	{
		name: "Narrowed", schema: `{allOf: [{type: object, properties: {kind: {enum: [a, b]}}}, {type: object, required: [kind], properties: {kind: {const: b}}}]}`,
		takes: []string{`{"kind":"b"}`}, refuses: [][2]string{{`{"kind":"a"}`, `/kind: is "a", want "b"`}},
	},
	{
		name: "Scalars", schema: `{type: [string, integer, boolean]}`,
		takes: []string{`"x"`, `1`, `false`}, refuses: [][2]string{{`1.5`, `payload: is 1.5, want an integer`}, {`null`, `payload: is null, want a string or number or boolean`}},
	},
	{
		name: "Constants", schema: `{type: object, properties: {b: {const: true}, n: {const: null}, o: {const: {a: 1}}, l: {const: [1, 2]}, m: {enum: [a, 1, null, {x: 1}]}, f: {enum: [1.5, 2]}}}`,
		takes: []string{`{"b":true,"n":null,"o":{"a":1.0},"l":[1,2],"m":{"x":1},"f":2.0}`, `{"m":null}`},
		refuses: [][2]string{
			{`{"b":false,"n":1,"o":{"a":2},"l":[2,1],"m":"b","f":3}`, `/b: want true; /n: want null; /o: want {"a":1}; /l: want [1,2]; /m: is a string, want one of "a", 1, null, {"x":1}; /f: is 3, want one of 1.5, 2`},
		},
	},
	{
		name: "Digits", schema: `{type: object, properties: {n: {type: number, format: decimal}, i: {type: integer, format: decimal}, t: {type: string, format: decimal}, big: {type: integer, maximum: 100000000000000000000000}, i64: {type: integer}}}`,
		takes: []string{`{"n":12345678901234567890.123456789,"i":123456789012345678901234567890,"t":"1.10","big":99999999999999999999999,"i64":9223372036854775807}`},
		refuses: [][2]string{
			{`{"i":1.5,"t":"x","big":100000000000000000000001,"i64":9223372036854775808}`, `/i: is 1.5, want an integer; /t: "x" is not a decimal number; /big: is 100000000000000000000001, want at most 100000000000000000000000; /i64: 9223372036854775808 does not fit 64 bits`},
		},
	},
	{
		name: "Unsigned", schema: `{type: object, properties: {a: {type: integer, format: uint64}, b: {type: integer, format: uint32}, c: {type: integer, format: uint8}, d: {type: number, format: int64}, e: {type: integer, format: uint64, minimum: 5}}}`,
		takes: []string{`{"a":18446744073709551615,"b":4294967295,"c":255,"d":9007199254740993}`, `{"a":1.0e19,"b":0,"c":0,"d":2.0}`},
		refuses: [][2]string{
			{`{"a":-1,"b":4294967296,"c":256,"d":1.5,"e":4}`, `/a: is -1, want at least 0; /b: does not fit 32 bits without a sign; /c: is 256, want at most 255; /d: is 1.5, want an integer; /e: is 4, want at least 5`},
			{`{"a":18446744073709551616,"b":-1,"c":"x","d":1e20,"e":-99999999999999999999}`, `/a: 18446744073709551616 does not fit 64 bits; /b: does not fit 32 bits without a sign; /c: is a string, want an integer; /d: 1e20 does not fit 64 bits; /e: is -99999999999999999999, want at least 0`},
			{`{"a":1.5,"b":1.5,"e":true}`, `/a: is 1.5, want an integer; /b: is 1.5, want an integer; /e: is a boolean, want an integer`},
		},
	},
	{name: "Instant", schema: `{type: string, format: date-time}`, takes: []string{`"2026-01-01T00:00:00.5Z"`}, refuses: [][2]string{{`"2026-01-01"`, `payload: "2026-01-01" is not a date-time`}}},
	{name: "Day", schema: `{type: string, format: date}`, takes: []string{`"2024-02-29"`}, refuses: [][2]string{{`"2023-02-29"`, `payload: "2023-02-29" is not a date`}}},
	{name: "Key", schema: `{type: string, format: uuid}`, takes: []string{`"2EB8AA08-AA98-11EA-B4AA-73B441D16380"`}, refuses: [][2]string{{`"2eb8"`, `payload: "2eb8" is not a uuid`}}},
	{name: "Span", schema: `{type: string, format: duration}`, takes: []string{`"P1DT2H"`}, refuses: [][2]string{{`"1h"`, `payload: "1h" is not a duration`}}},
	{name: "Octets", schema: `{type: string, format: byte}`, takes: []string{`"aGVsbG8="`, `""`}, refuses: [][2]string{{`"*"`, `payload: "*" is not base64 text`}}},
	{name: "Amount", schema: `{type: number, format: decimal, minimum: 0.1}`, takes: []string{`0.10`}, refuses: [][2]string{{`0.09`, `payload: is 0.09, want at least 0.1`}}},
	{name: "Moment", schema: `{type: string, format: date-time, not: {const: '2026-01-01T00:00:00Z'}}`, takes: []string{`"2026-01-01T00:00:01Z"`}, refuses: [][2]string{{`"2026-01-01T00:00:00Z"`, `payload: is what the schema excludes`}}},
	{
		name: "OneOfMany", schema: `{oneOf: [{$ref: '#/components/schemas/Instant'}, {$ref: '#/components/schemas/Amount'}, {$ref: '#/components/schemas/Tree'}, {type: array, items: {type: boolean}}]}`,
		takes: []string{`"2026-01-01T00:00:00Z"`, `1.10`, `{"name":"x"}`, `[true]`}, refuses: [][2]string{{`false`, `payload: is a boolean, want a string or number or object or array`}},
	},
	{
		name: "Own", schema: `{type: object, required: [r], properties: {r: {type: integer, x-go-type: math/big.Int}, o: {type: integer, x-go-type: math/big.Int}, n: {type: [integer, 'null'], x-go-type: math/big.Int}, l: {type: array, items: {type: integer, x-go-type: math/big.Int}}}}`,
		takes: []string{`{"r":1}`, `{"r":12345678901234567890123,"o":2,"n":null,"l":[3,4]}`, `{"r":0,"n":5}`},
	},
	{
		name: "Conditions", schema: `{type: object, properties: {k: {type: string}, v: {type: string}, w: {not: {type: string}}}, if: {properties: {k: {const: a}}, required: [k]}, then: {required: [v]}, dependencies: {v: [w]}}`,
		takes: []string{`{"k":"b"}`, `{"k":"a","v":"","w":1,"more":[]}`},
		refuses: [][2]string{
			{`{"k":"a"}`, `payload: the member "v" is missing`},
			{`{"v":"","w":""}`, `/w: is what the schema excludes`},
			{`{"v":""}`, `payload: the member "w" is missing, which "v" needs`},
		},
	},
	{
		name: "Strict", schema: `{type: object, properties: {s: {type: string}, n: {type: number}}}`,
		takes: []string{" {\n\"n\" : 1e2 }\t"},
		refuses: [][2]string{
			{`{"n":1} x`, `payload: data after the value: 'x' at offset 8`},
			{`{"n":1,"n":2}`, `/n: is there twice`},
			{`{"z":1,"z":2}`, `/z: is there twice`},
			{`{"s":"\ud800"}`, `/s: half of a surrogate pair at offset 6`},
			{`{"n":1e400}`, `/n: 1e400 does not fit a float64`},
			{``, `payload: found the end, want a value at offset 0`},
			{`{"z":` + strings.Repeat("[", 512), "/z" + strings.Repeat("/0", 62) + "…" + strings.Repeat("/0", 63) + `: nested deeper than 512 at offset 516`},
		},
	},
}

// TestClaims holds the generated codecs to what docs/schemas.md says of them.
func TestClaims(t *testing.T) {
	module := newModule(t)
	var messages, schemas strings.Builder
	for _, c := range claims {
		fmt.Fprintf(&messages, "      %sSent: {payload: {$ref: '#/components/schemas/%s'}}\n", c.name, c.name)
		fmt.Fprintf(&schemas, "    %s: %s\n", c.name, c.schema)
	}
	text := "asyncapi: 3.0.0\ninfo: {title: Claims, version: 1.0.0}\nchannels:\n  q:\n    address: q\n    messages:\n" + messages.String() +
		"operations:\n  send: {action: send, channel: {$ref: '#/channels/q'}}\ncomponents:\n  schemas:\n" + schemas.String()
	dir := filepath.Join(module, "claims")
	put(t, filepath.Join(dir, "contract.yaml"), text)
	output, problems, err := generator.Generate(generator.Config{Contract: filepath.Join(dir, "contract.yaml"), Out: dir})
	if err != nil || problems.Fatal() {
		t.Fatal(err, problems)
	}
	for _, f := range output.Files {
		if strings.HasPrefix(f.Name, "messages/") {
			put(t, filepath.Join(dir, f.Name), string(f.Content))
		}
	}
	var jobs []job
	for _, c := range claims {
		for _, text := range c.takes {
			jobs = append(jobs, job{Type: "claims." + c.name, Text: text})
		}
		for _, refused := range c.refuses {
			jobs = append(jobs, job{Type: "claims." + c.name, Text: refused[0]})
		}
	}
	runJobs(t, module, jobs)
	for _, c := range claims {
		for range c.takes {
			j := jobs[0]
			if jobs = jobs[1:]; j.Error+j.Validate+j.Trip != "" || !j.Equal || j.Dropped != nil {
				t.Errorf("%s: %s: got %q %q %q, equal: %t, not written: %v", c.name, j.Text, j.Error, j.Validate, j.Trip, j.Equal, j.Dropped)
			}
		}
		for _, refused := range c.refuses {
			if jobs[0].Error != refused[1] {
				t.Errorf("%s: %s: got %s\nwant %s", c.name, refused[0], jobs[0].Error, refused[1])
			}
			jobs = jobs[1:]
		}
	}
}
