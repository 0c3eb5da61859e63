package payload

import (
	"strings"
	"testing"
)

// checkText returns what a schema finds wrong with a text, "" when nothing.
func checkText(schemas Schemas, text string) string {
	err := Unmarshal([]byte(text), func(d *Decoder) {
		at := d.Offset()
		d.Skip()
		d.CheckSchema(at, schemas, "S")
	})
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestSchemas(t *testing.T) {
	never, text, number := Schema{Never: true}, Schema{Types: TypeString}, Schema{Types: TypeNumber}
	long := Schema{String: &StringRule{MinLength: 3, MaxLength: NoLimit}}
	positive := Schema{Number: NewNumberRule(NumberLimits{ExclusiveMinimum: "0"})}
	for name, c := range map[string]struct {
		schema Schema
		want   map[string]string // what is found wrong with each text
	}{
		"nothing": {Schema{}, map[string]string{`null`: "", `{"a":[1]}`: ""}},
		"never":   {never, map[string]string{`1`: "payload: nothing is allowed here"}},
		"type": {Schema{Types: TypeInteger | TypeNull}, map[string]string{
			`1`: "", `1.0`: "", `null`: "", `1.5`: "payload: is a number, want null or an integer", `"1"`: "payload: is a string, want null or an integer", `{}`: "payload: is an object, want null or an integer",
			`true`: "payload: is a boolean, want null or an integer", `[]`: "payload: is an array, want null or an integer",
		}},
		"const": {Schema{Const: `{"a":[1,2]}`}, map[string]string{`{"a":[1.0,2]}`: "", `{"a":[2,1]}`: `payload: want {"a":[1,2]}`, `{}`: `payload: want {"a":[1,2]}`}},
		"enum":  {Schema{Enum: []string{`1`, `"a"`, `false`}}, map[string]string{`1e0`: "", `false`: "", `0`: `payload: is a number, want one of 1, "a", false`}},
		"items": {Schema{PrefixItems: []Schema{text}, Items: &number, Array: &ArrayRule{MaxItems: 3, UniqueItems: true}}, map[string]string{
			`["a",1,2]`: "", `[]`: "", `"no array"`: "",
			`[1,"a"]`:     "/0: is a number, want a string; /1: is a string, want a number",
			`["a",1,1.0]`: "payload: the items 1 and 2 are equal", `["a",1,2,3]`: "payload: has 4 items, want at most 3",
		}},
		"contains": {Schema{Contains: &positive}, map[string]string{`[-1,2]`: "", `[-1]`: "payload: has no item of the kind that the schema wants", `[]`: "payload: has no item of the kind that the schema wants"}},
		"members": {
			Schema{
				Properties: []Property{{"a", text}}, Patterns: []PatternProperty{{NewPattern("^n", "^n"), number}}, Additional: &never,
				Names: &Schema{String: &StringRule{MaxLength: 2}}, Required: []string{"a", "b"}, Object: &MapRule{MaxProperties: 2},
			},
			map[string]string{
				`{"a":"x"}`:         `payload: the member "b" is missing`,
				`{"a":1,"n":"x"}`:   `/a: is a number, want a string; /n: is a string, want a number; payload: the member "b" is missing`,
				`{"a":"x","b":1}`:   "/b: is not a member that the schema allows",
				`{"a":"x","nnn":1}`: `/nnn: is not a name that the schema allows; payload: the member "b" is missing`,
				`{"a":"","n":1,"b/c":null}`: `payload: has 3 members, want at most 2; /b~1c: is not a name that the schema allows; ` +
					`/b~1c: is not a member that the schema allows; payload: the member "b" is missing`,
				`[]`: "",
			},
		},
		"dependencies": {Schema{Dependencies: []Dependency{{Name: "a", Required: []string{"b"}, Schema: &Schema{Object: &MapRule{MinProperties: 3, MaxProperties: NoLimit}}}}}, map[string]string{
			`{}`: "", `{"b":1}`: "", `{"a":1,"b":2,"c":3}`: "", `{"a":1}`: `payload: the member "b" is missing, which "a" needs; payload: has 1 members, want at least 3`,
		}},
		"allOf": {Schema{AllOf: []Schema{text, long}}, map[string]string{`"abc"`: "", `"ab"`: "payload: has 2 characters, want at least 3", `1`: "payload: is a number, want a string"}},
		"anyOf": {Schema{AnyOf: []Schema{number, long}}, map[string]string{`1`: "", `"abc"`: "", `null`: "", `"ab"`: "payload: is none of what anyOf allows"}},
		"oneOf": {Schema{OneOf: []Schema{number, positive}}, map[string]string{`-1`: "", `"a"`: "", `1`: "payload: is 2 of what oneOf allows, want one"}},
		"not":   {Schema{Not: &text}, map[string]string{`1`: "", `"a"`: "payload: is what the schema excludes"}},
		"if":    {Schema{If: &text, Then: &long, Else: &positive}, map[string]string{`"abc"`: "", `1`: "", `"a"`: "payload: has 1 characters, want at least 3", `0`: "payload: is 0, want more than 0"}},
	} {
		for text, want := range c.want {
			if got := checkText(Schemas{"S": c.schema}, text); got != want {
				t.Errorf("%s: of %s it says %q, want %q", name, text, got, want)
			}
		}
	}
}

func TestSchemasReferToEachOther(t *testing.T) {
	list := Schemas{
		"S":    {Types: TypeObject, Properties: []Property{{"next", Schema{Ref: "Next"}}}},
		"Next": {AnyOf: []Schema{{Types: TypeNull}, {Ref: "S"}}},
	}
	for text, want := range map[string]string{
		`{"next":{"next":{"next":null}}}`: "", `{}`: "", `{"next":{"next":1}}`: "/next: is none of what anyOf allows",
	} {
		if got := checkText(list, text); got != want {
			t.Errorf("of %s it says %q, want %q", text, got, want)
		}
	}
	if got := checkText(Schemas{"S": {Ref: "T"}, "T": {Ref: "S"}}, `1`); got != "payload: the schema refers to itself without end" {
		t.Errorf("of a reference that goes in circles it says %q", got)
	}
}

// TestSchemasRepeatNothing makes sure that what generated checks have found is not said again.
func TestSchemasRepeatNothing(t *testing.T) {
	schemas := Schemas{"S": {Properties: []Property{{"n", Schema{Number: NewNumberRule(NumberLimits{Minimum: "1"})}}}, Required: []string{"n", "m"}}}
	const wantRead = `/n: is 0, want at least 1; payload: the member "m" is missing`
	err := Unmarshal([]byte(`{"n":0}`), func(d *Decoder) {
		at := d.Offset()
		for o := d.Object(); d.Next(&o); {
			d.Int64(&IntegerRule{Minimum: 1, Maximum: 9})
		}
		d.CheckSchema(at, schemas, "S")
	})
	if err == nil || err.Error() != wantRead {
		t.Errorf("reading: got %v, want %s", err, wantRead)
	}
	const wantChecked = `/v/n: is 0, want at least 1; /v: the member "m" is missing`
	err = Validate(func(r *Report) {
		mark := r.Mark()
		CheckInt64(r, 0, &IntegerRule{Minimum: 1, Maximum: 9})
		r.named(mark, "n")
		CheckSchema(r, mark, func(dst []byte) ([]byte, error) { return append(dst, `{"n":0}`...), nil }, schemas, "S")
		r.named(mark, "v")
	})
	if err == nil || err.Error() != wantChecked {
		t.Errorf("checking: got %v, want %s", err, wantChecked)
	}
}

func TestSchemasOfWhatHasNoJSON(t *testing.T) {
	err := Validate(func(r *Report) {
		CheckSchema(r, r.Mark(), func(dst []byte) ([]byte, error) { return dst, errNotFinite }, Schemas{"S": {}}, "S")
		CheckSchema(r, r.Mark(), func(dst []byte) ([]byte, error) { return append(dst, '{'), nil }, Schemas{"S": {}}, "S")
	})
	if err == nil || !strings.Contains(err.Error(), errNotFinite.Error()) || !strings.Contains(err.Error(), errNotJSON.Error()) {
		t.Errorf("got %v", err)
	}
}
