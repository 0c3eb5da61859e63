package plan

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi"
)

// refuses reports the keywords of s for which there is no Go yet, each by its name, and says whether there are any.
func (t *typeBuilder) refuses(s *asyncapi.Schema) bool {
	features := []struct {
		name string
		used bool
		what string
	}{
		{"allOf", s.AllOf != nil, ""},
		{"anyOf", s.AnyOf != nil, ""},
		{"oneOf", s.OneOf != nil, ""},
		{"not", s.Not != nil, ""},
		{"if", s.If != nil, ""},
		{"items", s.PrefixItems != nil, "a list of schemas for items"},
		{"contains", s.Contains != nil, ""},
		{"patternProperties", len(s.PatternProperties) > 0, ""},
		{"propertyNames", s.PropertyNames != nil, ""},
		{"dependencies", len(s.Dependencies) > 0, ""},
		{"false", isFalse(s), "a schema that allows nothing"},
		{"type", isMixed(s), "several types at once"},
		{"enum", isMixedEnum(s), "an enum of several types, or of lists or objects"},
	}
	refused := false
	for _, f := range features {
		if !f.used {
			continue
		}
		at, ok := s.Keywords[f.name]
		if !ok {
			at = s.Position
		}
		if f.what == "" {
			f.what = fmt.Sprintf("the keyword %q", f.name)
		}
		t.unsupported(at, s.Path, "schema/"+f.name, f.what+" has no Go type",
			"name a Go type of your own for the schema, with "+extGoType+" or under types in scampgen.yaml")
		refused = true
	}
	return refused
}

// isMixed says whether values of s may be of several types, null apart.
func isMixed(s *asyncapi.Schema) bool {
	return len(s.Types) > 0 && jsonType(s) == "" && !isOnlyNull(s)
}

func isOnlyNull(s *asyncapi.Schema) bool {
	return len(s.Types) == 1 && s.Types[0] == "null"
}

// isMixedEnum says whether the values of the enum or const of s have no scalar type in common.
func isMixedEnum(s *asyncapi.Schema) bool {
	if len(values(s)) == 0 {
		return false
	}
	kind := valuesType(s)
	return kind == "object" || kind == "array" || kind == "" && len(s.Types) == 0
}
