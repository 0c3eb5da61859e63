package examples

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A violation is one way in which a value breaks a schema.
type violation struct {
	kind   jsonschema.ErrorKind
	schema *schema.Schema
	value  *source.Value
}

// in returns what is wrong, as a sentence about the value at the end of a path.
func (v violation) in(path []string) string {
	subject := "it"
	if len(path) > 0 {
		subject = fmt.Sprintf("%q", clipped(path[len(path)-1]))
		if isIndex(path[len(path)-1]) {
			subject = "item " + path[len(path)-1]
		}
	}
	return subject + " " + v.predicate()
}

func isIndex(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}

func (v violation) predicate() string {
	s := v.schema
	switch broken := v.kind.(type) {
	case *kind.Type:
		return fmt.Sprintf("must be %s, found %s", typesText(broken.Want), v.value.Kind.WithArticle())
	case *kind.Enum:
		return fmt.Sprintf("must be one of %s, found %s", valuesText(s.Enum), valueText(v.value))
	case *kind.Const:
		return fmt.Sprintf("must be %s, found %s", valueText(s.Const), valueText(v.value))
	case *kind.Format:
		return fmt.Sprintf("must have the format %q, found %s", s.Format, valueText(v.value))
	case *kind.Pattern:
		return fmt.Sprintf("must match the pattern %q, found %s", clipped(s.Pattern), valueText(v.value))
	case *kind.FalseSchema:
		return "must not be there"
	case *kind.Not:
		return "matches the schema in \"not\""
	case *kind.AnyOf:
		return "matches none of the schemas in \"anyOf\""
	case *kind.OneOf:
		if broken.Subschemas == nil {
			return "matches none of the schemas in \"oneOf\""
		}
		return "matches more than one of the schemas in \"oneOf\""
	case *kind.MultipleOf:
		return fmt.Sprintf("must be a multiple of %s, found %s", s.MultipleOf, valueText(v.value))
	}
	return v.limit()
}

// limit is predicate for numbers, and for how much there is of something.
func (v violation) limit() string {
	s, found := v.schema, valueText(v.value)
	switch broken := v.kind.(type) {
	case *kind.Minimum:
		return fmt.Sprintf("must be at least %s, found %s", s.Minimum, found)
	case *kind.Maximum:
		return fmt.Sprintf("must be at most %s, found %s", s.Maximum, found)
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("must be more than %s, found %s", s.ExclusiveMinimum, found)
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("must be less than %s, found %s", s.ExclusiveMaximum, found)
	case *kind.MinLength:
		return fmt.Sprintf("must have %d characters at least, found %d", broken.Want, broken.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("must have %d characters at most, found %d", broken.Want, broken.Got)
	case *kind.MinItems:
		return fmt.Sprintf("must have %d items at least, found %d", broken.Want, broken.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have %d items at most, found %d", broken.Want, broken.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("must have %d properties at least, found %d", broken.Want, broken.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("must have %d properties at most, found %d", broken.Want, broken.Got)
	}
	return v.members()
}

// members is predicate for what is in objects and arrays.
func (v violation) members() string {
	switch broken := v.kind.(type) {
	case *kind.Required:
		return "must have " + namesText(broken.Missing)
	case *kind.Dependency:
		return fmt.Sprintf("must have %s, as it has %q", namesText(broken.Missing), clipped(broken.Prop))
	case *kind.AdditionalProperties:
		return "must not have " + namesText(broken.Properties)
	case *kind.PropertyNames:
		return fmt.Sprintf("must not have the name %q", clipped(broken.Property))
	case *kind.AdditionalItems:
		return fmt.Sprintf("must not have the last %d of its items", broken.Count)
	case *kind.UniqueItems:
		return fmt.Sprintf("must not have an item twice: %d and %d are equal", broken.Duplicates[0], broken.Duplicates[1])
	case *kind.Contains:
		return "must have an item that matches the schema in \"contains\""
	case *kind.RefCycle:
		return "cannot be checked: its schema leads back to itself"
	}
	return "breaks " + strings.Join(v.kind.KeywordPath(), "/")
}

func typesText(types []string) string {
	var names []string
	for _, name := range slices.Sorted(slices.Values(types)) {
		switch name {
		case "null":
		case "array", "integer", "object":
			name = "an " + name
		default:
			name = "a " + name
		}
		names = append(names, name)
	}
	return strings.Join(names, " or ")
}

// mostNames is how many names or values a message lists.
const mostNames = 10

func namesText(names []string) string {
	var quoted []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		quoted = append(quoted, fmt.Sprintf("%q", clipped(name)))
	}
	return listText(quoted)
}

func valuesText(values []*source.Value) string {
	var texts []string
	for _, v := range values[:min(len(values), mostNames+1)] {
		texts = append(texts, valueText(v))
	}
	return listText(texts)
}

func listText(list []string) string {
	if len(list) > mostNames {
		list = append(list[:mostNames:mostNames], "…")
	}
	return strings.Join(list, ", ")
}

// valueText returns a value as JSON, arrays and objects by their kind.
func valueText(v *source.Value) string {
	if v.Kind == source.Array || v.Kind == source.Object {
		return v.Kind.WithArticle()
	}
	scalar := *v
	scalar.Text = clipped(v.Text)
	return string(scalar.AppendJSON(nil))
}

// clipped returns the start of a text that is too long for a message.
func clipped(text string) string {
	const most = 60
	for i := range text {
		if i > most {
			return text[:i] + "…"
		}
	}
	return text
}
