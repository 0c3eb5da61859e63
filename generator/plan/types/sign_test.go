package types

import (
	"cmp"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/runtime/payload"
)

var (
	never     = &keywords{Always: new(bool)}
	aText     = &keywords{Types: []string{"string"}}
	aNumber   = &keywords{Types: []string{"number"}}
	anInteger = &keywords{Types: []string{"integer"}}
	aOrNull   = &keywords{Types: []string{"string"}, Nullable: true}
	isA       = &keywords{Types: []string{"string"}, Const: word}
	isB       = &keywords{Types: []string{"string"}, Enum: []*source.Value{term}}
	isAOrB    = &keywords{Types: []string{"string"}, Enum: []*source.Value{word, term}}
	anyText   = &keywords{}
)

// object is one that requires some members, and has a and b.
func object(required string, a, b *keywords) *keywords {
	s := &keywords{Types: []string{"object"}, Location: source.Location{Path: "/" + required}}
	for _, name := range required {
		s.Required = append(s.Required, string(name))
	}
	for i, p := range []*keywords{a, b} {
		if p != nil {
			s.Properties = append(s.Properties, schema.Property{Name: string(rune('a' + i)), Schema: p})
		}
	}
	return s
}

func closed(s *keywords) *keywords {
	own := *s
	own.AdditionalProperties = never
	return &own
}

// TestApart has pairs of schemas, and whether no value can be of both.
func TestApart(t *testing.T) {
	for name, c := range map[string]struct {
		x, y *keywords
		want bool
	}{
		"kinds":                           {aText, aNumber, true},
		"a number and an integer":         {anInteger, aNumber, false},
		"an object and a text":            {object("a", aText, nil), aText, true},
		"members":                         {object("a", aText, nil), object("b", nil, aText), false},
		"one closed, without the other's": {closed(object("a", aText, nil)), object("b", nil, aText), true},
		"one closed, with the other's":    {closed(object("a", aText, aText)), object("b", nil, aText), false},
		"a member that is false":          {object("a", aText, never), object("b", nil, aText), true},
		"an optional one that is false":   {object("a", aText, never), object("a", aText, aText), false},
		"types":                           {object("a", aText, nil), object("a", aNumber, nil), true},
		"types, optional":                 {object("a", aText, nil), object("", aNumber, nil), false},
		"types that share null":           {object("a", aOrNull, nil), object("a", &keywords{Types: []string{"null", "integer"}}, nil), false},
		"any type":                        {object("a", anyText, nil), object("a", aNumber, nil), false},
		"constants":                       {object("a", isA, nil), object("a", isB, nil), true},
		"constants that meet":             {object("a", isA, nil), object("a", isAOrB, nil), false},
		"a constant and a type":           {object("a", isA, nil), object("a", aNumber, nil), true},
		"a constant and a text":           {object("a", isA, nil), object("a", aText, nil), false},
		"required alone":                  {object("ac", aText, nil), closed(object("a", aText, nil)), true},
		"an allOf": {
			&keywords{AllOf: []*keywords{object("a", aText, nil), object("b", nil, aText)}},
			object("b", nil, aNumber), true,
		},
		"a choice": {
			&keywords{OneOf: []*keywords{object("a", aText, nil), object("b", nil, aText)}},
			object("ab", aNumber, aNumber), true,
		},
		"a choice of which one is not": {
			&keywords{OneOf: []*keywords{object("a", aText, nil), object("b", nil, aText)}},
			object("a", aNumber, nil), false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBuilder()
			if got, back := b.isApart(c.x, c.y), b.isApart(c.y, c.x); got != c.want || back != c.want {
				t.Errorf("got %t, and %t the other way round", got, back)
			}
		})
	}
}

// TestSigns has what the variants of unions look like, and when values of the first could be of
// another, too.
func TestSigns(t *testing.T) {
	object3 := func(required string, more *keywords) *keywords {
		s := object(required, aText, nil)
		s.Properties = append(s.Properties, schema.Property{Name: "c", Schema: more})
		return s
	}
	for name, c := range map[string]struct {
		variants []*keywords
		signs    []payload.Sign
		overlap  *payload.Overlap
	}{
		"members": {
			[]*keywords{object("ab", aText, aText), object3("ac", aText)},
			[]payload.Sign{{Needs: []string{"b"}}, {Needs: []string{"c"}}},
			&payload.Overlap{Others: true},
		},
		"an optional member": {
			[]*keywords{object("a", aText, aText), object("b", nil, aText)},
			[]payload.Sign{{Needs: []string{"a"}}, {Needs: []string{"b"}}},
			&payload.Overlap{Members: []string{"b"}},
		},
		"a smaller one": {
			[]*keywords{object("ab", aText, aText), object("a", aText, nil)},
			[]payload.Sign{{Needs: []string{"b"}}, {}},
			&payload.Overlap{Always: true},
		},
		"constants and types": {
			[]*keywords{object("a", isA, nil), object("a", isB, nil), object("a", aNumber, nil)},
			[]payload.Sign{
				{Members: []payload.SignMember{{Name: "a", Types: payload.TypeString, Texts: []string{"a"}}}},
				{Members: []payload.SignMember{{Name: "a", Types: payload.TypeString, Texts: []string{"b"}}}},
				{Members: []payload.SignMember{{Name: "a", Types: payload.TypeNumber}}},
			},
			nil,
		},
		"closed ones": {
			[]*keywords{closed(object("a", aText, nil)), closed(object("ab", aText, aText)), aNumber},
			[]payload.Sign{{Lacks: []string{"b"}}, {Needs: []string{"b"}}, {Types: payload.TypeNumber}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBuilder()
			union := &keywords{Name: "Union", Location: source.Location{Path: "/Union"}, OneOf: c.variants}
			for i, v := range c.variants {
				v.Name = string(rune('P' + i))
			}
			b.Settle([]Payload{{Schema: union, IsJSON: true}})
			b.Payload(union, "Union")
			declared, _ := b.Finish()
			var signs []payload.Sign
			var overlap *payload.Overlap
			for _, of := range declared {
				for _, v := range of.Variants {
					signs = append(signs, v.Signs...)
				}
				if of.Variants != nil {
					overlap = of.Variants[0].Overlap
				}
			}
			for i := range c.signs {
				c.signs[i].Types = cmp.Or(c.signs[i].Types, payload.TypeObject)
			}
			if diff := gocmp.Diff(c.signs, signs, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(c.overlap, overlap, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestComparingIsBounded: beyond the limit nothing is told apart, and nothing takes long.
func TestComparingIsBounded(t *testing.T) {
	b := newTestBuilder()
	b.looked = maxCompared
	if b.isApart(object("a", aText, nil), object("a", aNumber, nil)) {
		t.Error("it is still compared")
	}
}
