package plan_test

import (
	"slices"
	"testing"
)

// A union whose variants nothing tells apart is checked as data where one variant alone must match, and not where several may.
func TestUnionsThatNothingTellsApart(t *testing.T) {
	const variants = `[{$ref: "#/components/schemas/a"}, {$ref: "#/components/schemas/b"}]`
	schemas := []string{`a: {type: object, properties: {x: {type: string}}}`, `b: {type: object, properties: {y: {type: string}}}`}
	for keyword, checked := range map[string]bool{"oneOf": true, "anyOf": false} {
		p := mustBuild(t, oneMessage(`{type: object, properties: {u: {`+keyword+`: `+variants+`}}}`, schemas...))
		u, ok := p.Type("OrderPlacedU")
		if !ok || len(u.Variants) != 2 || (u.OneOf != "") != checked {
			t.Errorf("%s: got %+v", keyword, u)
		}
	}
}

// A discriminator tells variants apart when each has a value of its own.
func TestDiscriminator(t *testing.T) {
	const named, unnamed = `{$ref: "#/components/schemas/a"}, {$ref: "#/components/schemas/b"}`, `{type: object, properties: {k: {type: string}}}, {type: object, properties: {k: {type: string}, y: {}}}`
	schemas := []string{`a: {type: object, properties: {k: {type: string}}}`, `b: {type: object, properties: {k: {type: string}}}`}
	for variants, want := range map[string]string{named: "k", unnamed: ""} {
		p := mustBuild(t, oneMessage(`{type: object, properties: {u: {discriminator: k, oneOf: [`+variants+`]}}}`, schemas...))
		u, _ := p.Type("OrderPlacedU")
		if u.Member != want || want != "" && (!slices.Equal(u.Variants[0].Values, []string{"a"}) || !slices.Equal(u.Variants[1].Values, []string{"b"})) {
			t.Errorf("%s: got %+v", variants, u)
		}
	}
}

// A discriminator that a variant cannot have, or not as a text, or has no value for, tells nothing.
func TestDiscriminatorThatTellsNothing(t *testing.T) {
	for _, b := range []string{
		`{$ref: "#/components/schemas/closed"}`, `{$ref: "#/components/schemas/number"}`, `{$ref: "#/components/schemas/never"}`,
		`{type: object, properties: {k: {type: string}, y: {type: string}}}`,
	} {
		p := mustBuild(t, oneMessage(`{type: object, properties: {u: {discriminator: k, oneOf: [{$ref: "#/components/schemas/a"}, `+b+`]}}}`,
			`a: {type: object, required: [k], properties: {k: {type: string}}}`, `closed: {type: object, properties: {x: {type: string}}, additionalProperties: false}`,
			`number: {type: object, properties: {k: {type: integer}}}`, `never: {type: object, properties: {k: false, x: {type: string}}}`))
		if u, ok := p.Type("OrderPlacedU"); !ok || u.Member != "" || len(u.Variants) != 2 {
			t.Errorf("%s: got %+v", b, u)
		}
	}
}

// A variant that does not describe the discriminator has a place for it.
func TestDiscriminatorThatIsNotDescribed(t *testing.T) {
	p := mustBuild(t, oneMessage(`{type: object, properties: {u: {discriminator: k, oneOf: [{$ref: "#/components/schemas/a"}, {$ref: "#/components/schemas/b"}]}}}`,
		`a: {type: object, properties: {k: {type: string}}}`, `b: {type: object, properties: {x: {type: string}}}`))
	for name, want := range map[string]string{"A": "", "B": "AdditionalProperties"} {
		if typ, ok := p.Type(name); !ok || typ.RestName != want {
			t.Errorf("%s: got %+v", name, typ)
		}
	}
}
