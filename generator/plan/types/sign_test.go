package types

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

var (
	never     = &schema{Always: new(bool)}
	aText     = &schema{Types: []string{"string"}}
	aNumber   = &schema{Types: []string{"number"}}
	anInteger = &schema{Types: []string{"integer"}}
	aOrNull   = &schema{Types: []string{"string"}, Nullable: true}
	isA       = &schema{Types: []string{"string"}, Const: word}
	isB       = &schema{Types: []string{"string"}, Enum: []*source.Value{term}}
	isAOrB    = &schema{Types: []string{"string"}, Enum: []*source.Value{word, term}}
	anyText   = &schema{}
)

// object is one that requires some members, and has a and b.
func object(required string, a, b *schema) *schema {
	s := &schema{Types: []string{"object"}, Path: "/" + required}
	for _, name := range required {
		s.Required = append(s.Required, string(name))
	}
	for i, p := range []*schema{a, b} {
		if p != nil {
			s.Properties = append(s.Properties, asyncapi.Property{Name: string(rune('a' + i)), Schema: p})
		}
	}
	return s
}

func closed(s *schema) *schema {
	own := *s
	own.AdditionalProperties = never
	return &own
}

// TestApart has pairs of schemas, and whether no value can be of both.
func TestApart(t *testing.T) {
	for name, c := range map[string]struct {
		x, y *schema
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
		"types that share null":           {object("a", aOrNull, nil), object("a", &schema{Types: []string{"null", "integer"}}, nil), false},
		"any type":                        {object("a", anyText, nil), object("a", aNumber, nil), false},
		"constants":                       {object("a", isA, nil), object("a", isB, nil), true},
		"constants that meet":             {object("a", isA, nil), object("a", isAOrB, nil), false},
		"a constant and a type":           {object("a", isA, nil), object("a", aNumber, nil), true},
		"a constant and a text":           {object("a", isA, nil), object("a", aText, nil), false},
		"required alone":                  {object("ac", aText, nil), closed(object("a", aText, nil)), true},
		"an allOf": {
			&schema{AllOf: []*schema{object("a", aText, nil), object("b", nil, aText)}},
			object("b", nil, aNumber), true,
		},
		"a choice": {
			&schema{OneOf: []*schema{object("a", aText, nil), object("b", nil, aText)}},
			object("ab", aNumber, aNumber), true,
		},
		"a choice of which one is not": {
			&schema{OneOf: []*schema{object("a", aText, nil), object("b", nil, aText)}},
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

// TestSigns has what the variants of unions look like, and when values of the first could be of another, too.
func TestSigns(t *testing.T) {
	object3 := func(required string, more *schema) *schema {
		s := object(required, aText, nil)
		s.Properties = append(s.Properties, asyncapi.Property{Name: "c", Schema: more})
		return s
	}
	for name, c := range map[string]struct {
		variants []*schema
		signs    []Sign
		overlap  Overlap
	}{
		"members": {
			[]*schema{object("ab", aText, aText), object3("ac", aText)},
			[]Sign{{Needs: []string{"b"}}, {Needs: []string{"c"}}},
			Overlap{Maps: []string{"AdditionalProperties"}},
		},
		"an optional member": {
			[]*schema{object("a", aText, aText), object("b", nil, aText)},
			[]Sign{{Needs: []string{"a"}}, {Needs: []string{"b"}}},
			Overlap{Fields: []Field{{GoName: "B", JSONName: "b"}}},
		},
		"a smaller one": {
			[]*schema{object("ab", aText, aText), object("a", aText, nil)},
			[]Sign{{Needs: []string{"b"}}, {}},
			Overlap{Always: true},
		},
		"closed ones": {
			[]*schema{closed(object("a", aText, nil)), closed(object("ab", aText, aText)), aNumber},
			[]Sign{{Lacks: []string{"b"}}, {Needs: []string{"b"}}, {Kinds: []JSONKind{"number"}}},
			Overlap{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBuilder()
			union := &schema{Name: "Union", Path: "/Union", OneOf: c.variants}
			for i, v := range c.variants {
				v.Name = string(rune('P' + i))
			}
			b.Payload(union, "Union")
			declared, _ := b.Finish()
			var signs []Sign
			var overlap Overlap
			for _, of := range declared {
				for i, v := range of.Variants {
					if i == 0 {
						overlap = v.Overlap
					}
					signs = append(signs, v.Signs...)
				}
			}
			for i := range c.signs {
				if c.signs[i].Kinds == nil {
					c.signs[i].Kinds = []JSONKind{"object"}
				}
			}
			if diff := cmp.Diff(c.signs, signs, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.overlap, overlap, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Field{}, "Type")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestComparingIsBounded: beyond the limit nothing is told apart, and nothing takes long.
func TestComparingIsBounded(t *testing.T) {
	b := newTestBuilder()
	b.compared = maxCompared
	if b.isApart(object("a", aText, nil), object("a", aNumber, nil)) {
		t.Error("it is still compared")
	}
}
