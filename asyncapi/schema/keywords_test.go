package schema

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// notKeywords are the fields of Schema that are not keywords.
var notKeywords = []string{"Location", "Name", "Always", "Extensions", "Source", "Dialect"}

// Each field of Schema has its row, and no row stands for the field of another.
func TestKeywordsOfEachField(t *testing.T) {
	s := &Schema{}
	rows := map[any][]string{}
	for _, k := range Keywords {
		rows[k.Field(s)] = append(rows[k.Field(s)], k.Name)
	}
	fields := reflect.ValueOf(s).Elem()
	for i := range fields.NumField() {
		name := fields.Type().Field(i).Name
		if slices.Contains(notKeywords, name) {
			continue
		}
		if found := rows[fields.Field(i).Addr().Interface()]; len(found) != 1 {
			t.Errorf("the field %s has the rows %q, want one: see Keywords", name, found)
		}
	}
	if want := fields.NumField() - len(notKeywords); len(Keywords) != want {
		t.Errorf("%d rows for %d fields", len(Keywords), want)
	}
}

// Each row is whole: what is done with a keyword suits the kind of its value.
func TestKeywordRows(t *testing.T) {
	whole := &Schema{}
	names := map[string]Keyword{}
	for _, k := range Keywords {
		if _, twice := names[k.Name]; twice || k.Effect == 0 || k.Merge == 0 {
			t.Errorf("the row %s is there twice, or has no effect or no merge", k.Name)
		}
		names[k.Name] = k
		if want := mergedKinds[k.Merge]; want != nil && reflect.TypeOf(k.Field(whole)) != reflect.TypeOf(want) {
			t.Errorf("%s has a %T, which is not merged so", k.Name, k.Field(whole))
		}
		if k.IsIn(whole) {
			t.Errorf("an empty schema has %s", k.Name)
		}
	}
	for _, k := range Keywords {
		if k.Upper != "" && !isLimit(names[k.Upper]) {
			t.Errorf("the upper limit of %s is %s, which is none", k.Name, k.Upper)
		}
	}
}

// mergedKinds has the kinds of field that can be merged in a way.
var mergedKinds = map[Merge]any{Smallest: new(*int), Largest: new(*int), Either: new(bool), One: new("")}

func isLimit(k Keyword) bool {
	_, isCount := k.field.(fieldOf[*int])
	return isCount || k.isNumber
}

// The keywords of each dialect are those of its specification.
func TestKeywordsOfDialects(t *testing.T) {
	const common = "$ref additionalProperties allOf anyOf default deprecated description enum exclusiveMaximum exclusiveMinimum format items " +
		"maxItems maxLength maxProperties maximum minItems minLength minProperties minimum multipleOf not oneOf pattern properties " +
		"readOnly required title type uniqueItems writeOnly "
	const drafts = common + "$defs additionalItems const contains contentEncoding contentMediaType definitions dependencies else examples if " +
		"patternProperties propertyNames then "
	for language, want := range map[Dialect]string{
		Draft07: drafts, AsyncAPI: drafts + "discriminator", OpenAPI30: common + "discriminator example nullable",
		OpenAPI31: common + "$defs const contains contentEncoding contentMediaType dependentRequired dependentSchemas discriminator else example " +
			"examples if patternProperties prefixItems propertyNames then unevaluatedItems unevaluatedProperties",
	} {
		got := slices.Sorted(maps.Keys(keywordsOf(language)))
		if diff := cmp.Diff(slices.Sorted(slices.Values(strings.Fields(want))), got); diff != "" {
			t.Errorf("the dialect %d (-want +got):\n%s", language, diff)
		}
	}
	var annotations []string
	for _, name := range slices.Concat(strings.Fields(drafts), []string{"discriminator", "example", "nullable"}) {
		if isAnnotation(name) {
			annotations = append(annotations, name)
		}
	}
	slices.Sort(annotations)
	want := strings.Fields("$defs default definitions deprecated description example examples readOnly title writeOnly")
	if diff := cmp.Diff(want, annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

// exportedKeywords are schemas of one keyword each.
var exportedKeywords = map[string]string{
	"type":                 `["string","null"]`,
	"enum":                 `[1,"a",null]`,
	"const":                `{"a":[1]}`,
	"minLength":            `1`,
	"maxLength":            `2`,
	"pattern":              `"^a$"`,
	"format":               `"date-time"`,
	"contentEncoding":      `"base64"`,
	"contentMediaType":     `"text/plain"`,
	"items":                `{"minLength":1}`,
	"contains":             `{"minLength":1}`,
	"minItems":             `1`,
	"maxItems":             `2`,
	"uniqueItems":          `true`,
	"properties":           `{"a":{"minLength":1},"b":false}`,
	"required":             `["a","b"]`,
	"patternProperties":    `{"^a":{"minLength":1}}`,
	"additionalProperties": `{"minLength":1}`,
	"propertyNames":        `{"minLength":1}`,
	"minProperties":        `1`,
	"maxProperties":        `2`,
	"dependencies":         `{"a":["b"],"c":{"minLength":1}}`,
	"minimum":              `1.50`,
	"maximum":              `2.50`,
	"exclusiveMinimum":     `1.50`,
	"exclusiveMaximum":     `2.50`,
	"multipleOf":           `0.10`,
	"allOf":                `[{"minLength":1},true]`,
	"anyOf":                `[{"minLength":1},true]`,
	"oneOf":                `[{"minLength":1},true]`,
	"not":                  `{"minLength":1}`,
	"if":                   `{"minLength":1}`,
	"then":                 `{"minLength":1}`,
	"else":                 `{"minLength":1}`,
}

// What is read of a keyword is exported again, under its name and with its value.
func TestExportOfEachKeyword(t *testing.T) {
	schemas := []string{`{"items":[{"minLength":1},true],"additionalItems":{"maxLength":2}}`}
	for _, k := range Keywords {
		value, ok := exportedKeywords[k.Name]
		if want := k.Effect != Annotates && k.in.has(Draft07); ok != want {
			t.Errorf("%s: a schema is here: %t, want %t", k.Name, ok, want)
		}
		if ok {
			schemas = append(schemas, `{"`+k.Name+`":`+value+`}`)
		}
	}
	for _, schema := range schemas {
		s, problems := loadSchema(t, schema)
		checkProblems(t, problems)
		checkExport(t, s, schema)
	}
}

// What is not a keyword of draft-07 is exported in its words, or not at all.
func TestExportOfOtherDialects(t *testing.T) {
	checkExport(t, &Schema{Types: []string{"string"}, Nullable: true}, `{"type":["string","null"]}`)
	checkExport(t, &Schema{Nullable: true, Format: "int32", Discriminator: &Discriminator{Property: "a"}}, `{}`)
	checkExport(t, &Schema{Title: "t", Description: "d", Default: num("1"), Examples: []*source.Value{num("1")}, Deprecated: true, ReadOnly: true, WriteOnly: true}, `{}`)
}

func checkExport(t *testing.T, s *Schema, want string) {
	t.Helper()
	j := NewDefinitions()
	j.Add(s)
	text, err := json.Marshal(j.expand(j.definitions["0"]))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(jsonOf(t, want), jsonOf(t, string(text))); diff != "" {
		t.Errorf("%s is exported as %s", want, text)
	}
}

// expand returns v with the schemas that it refers to.
func (j *Definitions) expand(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			return j.expand(j.definitions[strings.TrimPrefix(ref, "#/definitions/")])
		}
		all := map[string]any{}
		for name, part := range v {
			all[name] = j.expand(part)
		}
		return all
	case []any:
		all := []any{}
		for _, part := range v {
			all = append(all, j.expand(part))
		}
		return all
	}
	return v
}

func jsonOf(t *testing.T, text string) (v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}
