package plan

import (
	"fmt"
	"reflect"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// What one contract may ask for, so that generating takes two seconds and 300 MB at the most, and the Go compiler can take what
// comes out. docs/contract.md has these limits. The largest of 929 public contracts is a thirteenth of them, and one of 300 channels with 600 messages fits.
const (
	maxPlanned  = 68_000  // names, texts and numbers in the plan, each 100 bytes of a text counted as one more
	maxMerging  = 200_000 // members, names and values that the parts of allOf bring together
	maxLevels   = 5_000   // schemas within one another, along references
	maxMembers  = 1_000   // properties and required names of an object
	maxPatterns = 200     // patterns for the members of an object
	maxItems    = 500     // schemas by place in a list
	maxValues   = 10_000  // values of an enum that becomes constants
	maxVariants = 500     // schemas in a choice that becomes a type
	maxMessages = 500     // messages of one package
	maxGoName   = 500     // bytes of a Go name
	maxPath     = 1_000   // bytes of a path that is made of others
)

// tooLarge reports a limit that s breaks.
func (b *builder) tooLarge(at source.Position, path, feature string, limit int, what string) {
	b.unsupported(at, path, "limit/"+feature, fmt.Sprintf("more than %d %s", limit, what), "see the limits in docs/contract.md")
}

// spend takes n off what one contract may have planned, for what stands at a place. It returns false when that is too much: then it is
// not planned, which has been reported, and there will be no plan.
func (b *builder) spend(n int, at source.Position, path string) bool {
	if b.planned > maxPlanned {
		return false
	}
	if b.planned += n; b.planned > maxPlanned {
		b.tooLarge(at, path, "size", maxPlanned, "names, texts and numbers would be in the generated code")
		return false
	}
	return true
}

// weight returns how many names, texts and numbers are in a part of a plan.
func weight(part any) int { return weightOf(reflect.ValueOf(part)) }

func weightOf(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			n = weightOf(v.Elem())
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			n += weightOf(field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += 1 + weightOf(v.Index(i))
		}
	case reflect.String:
		if v.Len() > 0 {
			n = 1 + v.Len()/100
		}
	default:
		if !v.IsZero() {
			n = 1
		}
	}
	return n
}

// spendMerging takes n off what the parts of all allOf may bring together. It returns false, after it has reported so once, when that is
// too much; s is the part.
func (t *typeBuilder) spendMerging(s *asyncapi.Schema, n int) bool {
	if t.merged > maxMerging {
		return false
	}
	if t.merged += n; t.merged > maxMerging {
		t.tooLarge(s.Position, s.Path, "allOf", maxMerging, "members, names and values are brought together by allOf")
		return false
	}
	return true
}

// isSmall says whether the view s of a schema is within the limits of one Go type; where not, it has reported that.
func (t *typeBuilder) isSmall(s *asyncapi.Schema) bool {
	for _, part := range []struct {
		feature string
		n, most int
		what    string
	}{
		{"properties", len(s.Properties), maxMembers, "properties in an object"},
		{"required", len(s.Required), maxMembers, "required names in an object"},
		{"patternProperties", len(s.PatternProperties), maxPatterns, "patterns for the members of an object"},
		{"items", len(s.PrefixItems), maxItems, "schemas for the items of a list by their places"},
		{"enum", len(s.Enum), maxValues, "values in an enum"},
		{"choice", len(choices(s)), maxVariants, "schemas in a choice"},
	} {
		if part.n > part.most {
			t.tooLarge(s.Position, s.Path, part.feature, part.most, part.what)
			return false
		}
	}
	return true
}
