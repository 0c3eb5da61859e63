//go:build !race

package schemasuite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A presence is one combination of how a member can be there: in what its value is, whether it may be absent or null, and what is in it.
type presence struct {
	within    string // see containers
	optional  bool
	nullable  bool   // the member may be null
	nullInner bool   // what is in it may be null
	inner     string // integer, itself, or another schema that contains this one
	openAPI   bool   // written as in OpenAPI 3.0
}

// containers are the ways in which a member can have a value, each with the smallest value and one that has %s in it.
var containers = map[string]struct{ schema, smallest, full string }{
	"alone":   {schema: "%s", full: "%s"},
	"list":    {"{type: array, items: %s}", "[]", "[%s]"},
	"map":     {"{type: object, additionalProperties: %s}", "{}", `{"x": %s}`},
	"tuple":   {"{type: array, items: [%s, {type: integer}]}", "[]", "[%s, 7]"},
	"union":   {"{oneOf: [%s, {type: string}, {type: array, items: {type: string}}]}", `"s"`, "%s"},
	"checked": {"{type: object, additionalProperties: %s, propertyNames: {maxLength: 2}}", "{}", `{"x": %s}`},
	"pattern": {"{type: object, patternProperties: {'^x': %s}, properties: {y: {type: string}}}", "{}", `{"x": %s, "y": "y"}`},
}

// presences are all combinations that have a value.
func presences() (all []presence) {
	both := []bool{false, true}
	for _, within := range []string{"alone", "list", "map", "tuple", "union", "pattern", "checked"} {
		for _, inner := range []string{"integer", "itself", "another"} {
			for i := range 16 {
				p := presence{within, both[i&1], both[i>>1&1], both[i>>2&1], inner, both[i>>3&1]}
				if p.openAPI && !p.isOpenAPI() || p.smallest() == "" || p.nullInner && p.within == "union" {
					continue // a value would never end, and a union has its null itself
				}
				all = append(all, p)
			}
		}
	}
	return all
}

// isOpenAPI says whether OpenAPI 3.0 can say p: it has no tuples, patterns and propertyNames, and null only beside a type.
func (p presence) isOpenAPI() bool {
	return p.within != "tuple" && p.within != "pattern" && p.within != "checked" && (p.within != "union" || !p.nullable) &&
		(p.inner != "itself" || !p.nullInner && (!p.nullable || p.within != "alone")) && (p.inner != "another" || !p.nullable || p.within != "alone")
}

// smallest is the smallest value of the schema, "" when it has none that ends.
func (p presence) smallest() string {
	switch within := containers[p.within]; {
	case p.optional:
		return "{}"
	case p.nullable, p.within == "alone" && p.nullInner:
		return `{"m": null}`
	case within.smallest != "":
		return `{"m": ` + within.smallest + `}`
	case p.inner == "integer":
		return `{"m": 1}`
	}
	return ""
}

// schemas are the components for p, which has a number.
func (p presence) schemas(i int) string {
	inner, other := fmt.Sprintf("{$ref: '#/components/schemas/S%d'}", i), ""
	switch p.inner {
	case "integer":
		inner = "{type: integer}"
	case "another":
		inner = fmt.Sprintf("{$ref: '#/components/schemas/T%d'}", i)
		other = fmt.Sprintf("{type: object, properties: {s: {$ref: '#/components/schemas/S%d'}}}", i)
	}
	switch {
	case p.nullInner && p.openAPI && other != "":
		other = p.orNull(other)
	case p.nullInner:
		inner = p.orNull(inner)
	}
	if other != "" {
		other = fmt.Sprintf("    T%d: %s\n", i, other)
	}
	member := fmt.Sprintf(containers[p.within].schema, inner)
	if p.nullable && (p.within != "alone" || !p.nullInner) {
		if p.within == "union" {
			member = strings.Replace(member, "{type: string}", "{type: string}, {type: 'null'}", 1)
		} else {
			member = p.orNull(member)
		}
	}
	required := ", required: [m]"
	if p.optional {
		required = ""
	}
	return fmt.Sprintf("    S%d: {type: object, properties: {m: %s}%s}\n%s", i, member, required, other)
}

func (p presence) orNull(schema string) string {
	if p.openAPI {
		return "{nullable: true, " + schema[1:]
	}
	return "{oneOf: [{type: 'null'}, " + schema + "]}"
}

// examples are values of the schema: without the member, with null, with a value, and with what the value has in it.
func (p presence) examples() []string {
	all := []string{p.smallest()}
	if p.nullable || p.within == "alone" && p.nullInner {
		all = append(all, `{"m": null}`)
	}
	within := containers[p.within]
	inner := "1"
	switch p.inner {
	case "itself":
		inner = p.smallest()
	case "another":
		inner = `{"s": ` + p.smallest() + `}`
	}
	all = append(all, fmt.Sprintf(`{"m": `+within.full+`}`, inner))
	if within.smallest != "" {
		all = append(all, `{"m": `+within.smallest+`}`)
	}
	if p.nullInner {
		all = append(all, fmt.Sprintf(`{"m": `+within.full+`}`, "null"))
	}
	return all
}

// presenceContract has a message for each combination.
func presenceContract(all []presence) string {
	var messages, schemas strings.Builder
	for i, p := range all {
		payload := fmt.Sprintf("{$ref: '#/components/schemas/S%d'}", i)
		if p.openAPI {
			payload = "{schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', schema: " + payload + "}"
		}
		fmt.Fprintf(&messages, "      M%d:\n        payload: %s\n        examples:\n", i, payload)
		for _, e := range p.examples() {
			fmt.Fprintf(&messages, "        - payload: %s\n", e)
		}
		schemas.WriteString(p.schemas(i))
	}
	return "asyncapi: 3.0.0\ninfo: {title: Presence, version: 1.0.0}\nchannels:\n  c:\n    address: c\n    messages:\n" + messages.String() + "components:\n  schemas:\n" + schemas.String()
}

// TestPresence walks all combinations of optional, nullable and recursive members, alone and in each kind of container: their types compile, and
// an absent member, null and a value come back. A validator has the same verdict on instances that are made from the schemas.
func TestPresence(t *testing.T) {
	all := presences()
	checkContract(t, presenceContract(all), 4*len(all))
}

// extremes have what is hard to express in Go: inheritance, integers beyond int64, parts of an allOf that disagree about an optional member, and enums
// with limits.
const extremes = `asyncapi: 3.0.0
info: {title: Extremes, version: 1.0.0}
channels:
  c:
    address: c
    messages:
      Listed: {payload: {$ref: '#/components/schemas/Listed'}, examples: [{payload: {kind: Van, wheels: 4, load: 3, tows: {kind: Bike}}}, {payload: {kind: Bike, bell: true}}]}
      Parent: {payload: {$ref: '#/components/schemas/Parent'}, examples: [{payload: {type: Parent}}, {payload: {type: Child, own: 1, next: {type: Grandchild, own: 2, deep: x}}}]}
      Numbers: {payload: {$ref: '#/components/schemas/Numbers'}, examples: [{payload: {big: 18446744073709551615, exact: 9007199254740993, list: [18446744073709551615, 0], huge: 1e400}}]}
      Disagree: {payload: {$ref: '#/components/schemas/Disagree'}, examples: [{payload: {}}, {payload: {other: x}}]}
      Values: {payload: {$ref: '#/components/schemas/Values'}, examples: [{payload: {a: x, b: ab, c: 2, d: null}}]}
components:
  schemas:
    Listed:
      type: object
      discriminator: kind
      required: [kind]
      properties: {kind: {type: string}, wheels: {type: integer}, tows: {$ref: '#/components/schemas/Listed'}}
      oneOf: [{$ref: '#/components/schemas/Van'}, {$ref: '#/components/schemas/Bike'}]
    Van: {allOf: [{$ref: '#/components/schemas/Listed'}, {type: object, properties: {load: {type: integer}}}]}
    Bike: {allOf: [{$ref: '#/components/schemas/Listed'}, {type: object, properties: {bell: {type: boolean}}}]}
    Parent:
      type: object
      discriminator: type
      required: [type]
      properties: {type: {type: string}, next: {description: The next one, allOf: [{$ref: '#/components/schemas/Parent'}]}}
    Child: {allOf: [{$ref: '#/components/schemas/Parent'}, {type: object, required: [own], properties: {own: {type: integer}}}]}
    Grandchild: {allOf: [{$ref: '#/components/schemas/Child'}, {type: object, properties: {deep: {type: string}}}]}
    Numbers:
      type: object
      properties:
        big: {type: integer, format: uint64, minimum: 0, maximum: 18446744073709551615}
        bound: {type: integer, minimum: 0, maximum: 18446744073709551615, multipleOf: 3}
        some: {type: integer, format: uint64, exclusiveMinimum: 2, maximum: 18446744073709551614}
        small: {type: integer, format: uint8, minimum: 0, maximum: 255}
        short: {type: integer, format: int16, minimum: -32768, maximum: 32767}
        unsigned: {type: integer, format: uint32, minimum: 0, maximum: 4294967295}
        exact: {type: integer, minimum: -9223372036854775808, maximum: 9223372036854775807}
        huge: {enum: [1, 1e400]}
        one: {type: integer, enum: [18446744073709551615, 0]}
        only: {type: integer, format: uint64, const: 18446744073709551615}
        list: {type: array, uniqueItems: true, items: {type: integer, format: uint64, minimum: 0, maximum: 18446744073709551615}}
        map: {type: object, additionalProperties: {type: integer, format: uint32, minimum: 0, maximum: 4294967295}}
    Disagree:
      allOf:
      - {type: object, properties: {never: {type: string}, short: {type: string, minLength: 5}, deep: {properties: {a: {const: 1}}}, other: {type: string}}}
      - {type: object, properties: {never: {type: integer}, short: {type: string, maxLength: 3}, deep: {properties: {a: {const: 2}}}}}
    Values:
      type: object
      properties:
        a: {type: string, const: x, enum: [w, x]}
        b: {type: string, enum: [ab, cd], maxLength: 2, pattern: '^[a-d]+$'}
        c: {type: integer, enum: [1, 2], minimum: 1, maximum: 9}
        d: {enum: [a, null], maxLength: 3}
        e: {allOf: [{enum: [x, y]}, {enum: [y, z]}]}
`

func TestExtremes(t *testing.T) { checkContract(t, extremes, 40) }

// checkContract runs examples and instances of the schemas of a contract through the generated
// codecs: those of its types, at least so many valid ones. It returns the folder of the module,
// with what has been generated in d.
func checkContract(t *testing.T, text string, least int) string {
	t.Helper()
	module := newModule(t)
	d := &corpusDocument{file: t.Name(), folder: "d"}
	put(t, filepath.Join(module, d.folder, "contract.yaml"), text)
	d.generate(t, module, filepath.Join(module, d.folder, "contract.yaml"))
	if d.refused() {
		t.Fatal(d.problems)
	}
	examples := d.exampleJobs(t)
	jobs := append(examples, d.instanceJobs(t)...)
	runJobs(t, module, jobs)
	valid := 0
	for _, j := range jobs {
		if wrong := j.wrong(); wrong != "" {
			t.Error(wrong)
		}
		if j.example != nil && !j.valid {
			t.Errorf("the example %s of %s is not valid", j.Text, j.Type)
		}
		if j.example != nil && len(j.Dropped) > 0 {
			t.Errorf("the example %s of %s comes back without %q", j.Text, j.Type, j.Dropped)
		}
		if j.valid {
			valid++
		}
	}
	t.Logf("%d types, %d values, %d of them valid", len(d.types), len(jobs), valid)
	if valid < least {
		t.Errorf("only %d values are valid, want %d", valid, least)
	}
	return module
}
