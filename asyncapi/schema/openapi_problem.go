package schema

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// openAPIProblem reports what kin-openapi says of one keyword of a schema, in our words. The field
// is the keyword, or has no name when several keywords together are wrong.
func (r *keywordReader) openAPIProblem(f source.Field, err error) {
	version := openAPIVersions[r.dialect]
	if mismatch, ok := errors.AsType[*openapi3.FieldVersionMismatchError](err); ok {
		r.mistakeInName(f, fmt.Sprintf("%q came with OpenAPI %s, this schema is one of %s", f.Name, mismatch.MinVersion, version),
			"name OpenAPI 3.1 in schemaFormat: application/vnd.oai.openapi;version=3.1.0")
		return
	}
	if _, ok := errors.AsType[*openapi3.ExtraSiblingFieldsError](err); ok {
		r.mistakeInName(f, fmt.Sprintf("%q is no keyword of OpenAPI %s", f.Name, version), cmp.Or(r.reader.keywordHint(f.Name), "begin the name of an extension with \"x-\""))
		return
	}
	if _, ok := errors.AsType[*openapi3.SchemaTypeError](err); ok {
		r.mistake(f.Value, fmt.Sprintf("there is no type %q in OpenAPI %s", f.Value.Text, version), "write \"nullable: true\" beside another type")
		return
	}
	if isItemsRequired(err) {
		r.mistake(f.Value, fmt.Sprintf("an array must have \"items\" in OpenAPI %s", version), "write \"items: {}\" for items of any kind")
		return
	}
	if both, ok := errors.AsType[*openapi3.MutuallyExclusiveFieldsError](err); ok {
		r.mistakeInName(r.field(both.Field2), fmt.Sprintf("%q and %q cannot both be true in OpenAPI %s", both.Field1, both.Field2, version), "remove one of them")
		return
	}
	if _, ok := errors.AsType[*openapi3.ExternalDocsURLRequired](err); ok {
		r.mistake(f.Value, "\"externalDocs\" must have \"url\"", "")
		return
	}
	if _, ok := errors.AsType[*openapi3.ExternalDocsURLValidationError](err); ok {
		url := f.Value.Get("url")
		r.mistake(url, fmt.Sprintf("\"url\" must be a URL, found %q", url.Text), "")
		return
	}
	r.otherKind(f, err)
}

// unmarshalling matches what encoding/json says of a value of an unexpected kind.
var unmarshalling = regexp.MustCompile(`cannot unmarshal (\w+)(?: \S+)? into (?:field \w+\.(\S+) of type|value of type) (\S+)$`)

// otherKind reports a value of another kind than OpenAPI expects.
func (r *keywordReader) otherKind(f source.Field, err error) {
	m := unmarshalling.FindStringSubmatch(err.Error())
	if m == nil {
		r.mistakeInName(f, fmt.Sprintf("%q is not as OpenAPI %s has it: %s", f.Name, openAPIVersions[r.dialect], err), "")
		return
	}
	found, field, want := m[1], m[2], m[3]
	name, at := f.Name, f.Value
	if inner := at.Get(field); inner != nil {
		name, at = field, inner
	}
	switch {
	case strings.HasSuffix(want, "MappingRef"):
		want = "a map of strings"
		if i := slices.IndexFunc(at.Fields, func(f source.Field) bool { return f.Value.Kind != source.String }); i >= 0 {
			name, at, want = at.Fields[i].Name, at.Fields[i].Value, "a string"
		}
	case want == "string":
		want = source.String.WithArticle()
	case want == "bool":
		want = source.Bool.WithArticle()
	default:
		want = source.Object.WithArticle()
	}
	if found == "bool" {
		found = source.Bool.String()
	}
	r.mistake(at, fmt.Sprintf("%q must be %s, found %s", name, want, found), "")
}

// mistakeInName reports what is wrong with a keyword itself.
func (r *keywordReader) mistakeInName(f source.Field, message, hint string) {
	r.reader.problems.Add(f.Problem(source.Mistake, message, hint))
}
