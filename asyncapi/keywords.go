package asyncapi

import (
	"fmt"
	"maps"
	"math"
	"math/big"
)

// A keyword reads one field of a schema.
type keyword func(r *schemaReader, f Field)

// annotationKeywords are the keywords that change nothing of what is valid.
var annotationKeywords = []string{
	"title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly",
	"definitions", "$defs",
}

// keywordsOf returns the keywords of a dialect. Other fields mean nothing there.
func keywordsOf(language dialect) map[string]keyword {
	switch language {
	case openAPI30:
		return openAPIKeywords
	case draft07:
		return draft07Keywords
	default:
		return asyncAPIKeywords
	}
}

var (
	asyncAPIKeywords = unionKeywords(commonKeywords, draftKeywords, map[string]keyword{"discriminator": discriminatorName})
	draft07Keywords  = unionKeywords(commonKeywords, draftKeywords)
	openAPIKeywords  = unionKeywords(commonKeywords, map[string]keyword{
		"nullable":         flagKeyword(func(r *schemaReader) *bool { return &r.Nullable }),
		"example":          func(r *schemaReader, f Field) { r.Examples = []*Value{f.Value} },
		"exclusiveMinimum": flagKeyword(func(r *schemaReader) *bool { return &r.belowIsOut }),
		"exclusiveMaximum": flagKeyword(func(r *schemaReader) *bool { return &r.aboveIsOut }),
		"discriminator":    discriminatorObject,
	})
)

func unionKeywords(parts ...map[string]keyword) map[string]keyword {
	all := map[string]keyword{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// commonKeywords mean the same in all dialects.
var commonKeywords = map[string]keyword{
	"$ref":        textKeyword(func(r *schemaReader) *string { return new(string) }), // one that is a string is followed instead
	"title":       textKeyword(func(r *schemaReader) *string { return &r.Title }),
	"description": textKeyword(func(r *schemaReader) *string { return &r.Description }),
	"default":     func(r *schemaReader, f Field) { r.Default = f.Value },
	"deprecated":  flagKeyword(func(r *schemaReader) *bool { return &r.Deprecated }),
	"readOnly":    flagKeyword(func(r *schemaReader) *bool { return &r.ReadOnly }),
	"writeOnly":   flagKeyword(func(r *schemaReader) *bool { return &r.WriteOnly }),

	"type":   typeKeyword,
	"format": textKeyword(func(r *schemaReader) *string { return &r.Format }),
	"enum":   enumKeyword,

	"properties":           propertiesKeyword(func(r *schemaReader) *[]Property { return &r.Properties }),
	"required":             requiredKeyword,
	"additionalProperties": schemaKeyword(func(r *schemaReader) **Schema { return &r.AdditionalProperties }),
	"minProperties":        countKeyword(func(r *schemaReader) **int { return &r.MinProperties }),
	"maxProperties":        countKeyword(func(r *schemaReader) **int { return &r.MaxProperties }),

	"items":       schemaKeyword(func(r *schemaReader) **Schema { return &r.Items }),
	"minItems":    countKeyword(func(r *schemaReader) **int { return &r.MinItems }),
	"maxItems":    countKeyword(func(r *schemaReader) **int { return &r.MaxItems }),
	"uniqueItems": flagKeyword(func(r *schemaReader) *bool { return &r.UniqueItems }),

	"minLength": countKeyword(func(r *schemaReader) **int { return &r.MinLength }),
	"maxLength": countKeyword(func(r *schemaReader) **int { return &r.MaxLength }),
	"pattern":   textKeyword(func(r *schemaReader) *string { return &r.Pattern }),

	"minimum":    numberKeyword(func(r *schemaReader) *string { return &r.Minimum }),
	"maximum":    numberKeyword(func(r *schemaReader) *string { return &r.Maximum }),
	"multipleOf": multipleOfKeyword,

	"allOf": schemasKeyword(func(r *schemaReader) *[]*Schema { return &r.AllOf }),
	"anyOf": schemasKeyword(func(r *schemaReader) *[]*Schema { return &r.AnyOf }),
	"oneOf": schemasKeyword(func(r *schemaReader) *[]*Schema { return &r.OneOf }),
	"not":   schemaKeyword(func(r *schemaReader) **Schema { return &r.Not }),
}

// draftKeywords are those of JSON Schema draft-07 that OpenAPI 3.0 has not got or means otherwise.
var draftKeywords = map[string]keyword{
	"examples":          examplesKeyword,
	"const":             func(r *schemaReader, f Field) { r.Const = f.Value },
	"patternProperties": propertiesKeyword(func(r *schemaReader) *[]Property { return &r.PatternProperties }),
	"propertyNames":     schemaKeyword(func(r *schemaReader) **Schema { return &r.PropertyNames }),
	"dependencies":      dependenciesKeyword,
	"items":             itemsKeyword,
	"additionalItems":   schemaKeyword(func(r *schemaReader) **Schema { return &r.additionalItems }),
	"contains":          schemaKeyword(func(r *schemaReader) **Schema { return &r.Contains }),
	"contentEncoding":   textKeyword(func(r *schemaReader) *string { return &r.ContentEncoding }),
	"contentMediaType":  textKeyword(func(r *schemaReader) *string { return &r.ContentMediaType }),
	"exclusiveMinimum":  numberKeyword(func(r *schemaReader) *string { return &r.ExclusiveMinimum }),
	"exclusiveMaximum":  numberKeyword(func(r *schemaReader) *string { return &r.ExclusiveMaximum }),
	"if":                schemaKeyword(func(r *schemaReader) **Schema { return &r.If }),
	"then":              schemaKeyword(func(r *schemaReader) **Schema { return &r.Then }),
	"else":              schemaKeyword(func(r *schemaReader) **Schema { return &r.Else }),
	"definitions":       definitionsKeyword,
	"$defs":             definitionsKeyword,
}

// expect returns a keyword's value when it is of a kind, and reports it and returns nil when not.
func (r *schemaReader) expect(f Field, want Kind, hint string) *Value {
	if f.Value.Kind == want {
		return f.Value
	}
	r.report(Mistake, f.Value, fmt.Sprintf("%q must be %s, found %s", f.Name, want.withArticle(), f.Value.Kind), hint)
	return nil
}

func textKeyword(target func(*schemaReader) *string) keyword {
	return func(r *schemaReader, f Field) {
		if resolved, ok := r.refs.resolve(f.Value); ok { // long descriptions stand in files of their own
			f.Value = resolved
		}
		if v := r.expect(f, String, ""); v != nil {
			*target(r) = v.Text
		}
	}
}

func flagKeyword(target func(*schemaReader) *bool) keyword {
	return func(r *schemaReader, f Field) {
		if v := r.expect(f, Bool, ""); v != nil {
			*target(r) = v.Text == "true"
		}
	}
}

func numberKeyword(target func(*schemaReader) *string) keyword {
	return func(r *schemaReader, f Field) {
		hint := ""
		if f.Value.Kind == Bool {
			hint = "write the bound itself, as in JSON Schema since draft-06"
		}
		if v := r.expect(f, Number, hint); v != nil {
			*target(r) = v.Text
		}
	}
}

func multipleOfKeyword(r *schemaReader, f Field) {
	v := r.expect(f, Number, "")
	if v == nil {
		return
	}
	if n, ok := new(big.Rat).SetString(v.Text); !ok || n.Sign() <= 0 {
		r.report(Mistake, v, "\"multipleOf\" must be greater than 0, found "+v.Text, "")
		return
	}
	r.MultipleOf = v.Text
}

func countKeyword(target func(*schemaReader) **int) keyword {
	return func(r *schemaReader, f Field) {
		v := r.expect(f, Number, "")
		if v == nil {
			return
		}
		n, ok := new(big.Rat).SetString(v.Text)
		if !ok || !n.IsInt() || n.Sign() < 0 {
			r.report(Mistake, v, fmt.Sprintf("%q must be an integer of 0 or more, found %s", f.Name, v.Text), "")
			return
		}
		length := math.MaxInt // no value is longer
		if n.Num().IsInt64() {
			length = int(n.Num().Int64())
		}
		*target(r) = &length
	}
}

func schemaKeyword(target func(*schemaReader) **Schema) keyword {
	return func(r *schemaReader, f Field) { *target(r) = r.schema(f.Value, r.dialect) }
}

func schemasKeyword(target func(*schemaReader) *[]*Schema) keyword {
	return func(r *schemaReader, f Field) {
		v := r.expect(f, Array, "")
		if v == nil {
			return
		}
		if len(v.Items) == 0 {
			r.report(Mistake, v, fmt.Sprintf("%q must have one schema at least", f.Name), "")
		}
		*target(r) = r.all(v.Items)
	}
}

// all returns the schemas of a list, without those whose references lead nowhere.
func (r *schemaReader) all(list []*Value) []*Schema {
	var schemas []*Schema
	for _, item := range list {
		if s := r.schema(item, r.dialect); s != nil {
			schemas = append(schemas, s)
		}
	}
	return schemas
}
