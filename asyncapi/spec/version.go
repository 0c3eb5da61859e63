package spec

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A Version is a release of the specification: its major version times 10 and its minor.
type Version int

const (
	v20 Version = 20
	v21 Version = 21
	v22 Version = 22
	v23 Version = 23
	v24 Version = 24
	v25 Version = 25
	v26 Version = 26
	v30 Version = 30
	v31 Version = 31
)

// versionOf returns the version that a value of "asyncapi", one of versions, means. The patch
// version makes no difference.
func versionOf(text string) Version {
	return Version(text[0]-'0')*10 + Version(text[2]-'0')
}

// String returns the version as people write it: "2.6".
func (v Version) String() string {
	return string(rune('0'+v/10)) + "." + string(rune('0'+v%10))
}

// Major returns the major version, 2 or 3.
func (v Version) Major() int { return int(v) / 10 }

// versions are the values of "asyncapi" that are accepted.
var versions = []string{"2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "3.0.0", "3.0.1", "3.1.0"}

// ReadVersion returns the version that a contract names. It returns false when the version is
// missing or not one of those that are read, and reports that.
func ReadVersion(root *source.Value, problems *source.Report) (Version, bool) {
	wrong := func(v *source.Value, message, hint string) (Version, bool) {
		problems.Add(v.Problem(source.Mistake, message, hint))
		return 0, false
	}
	const hint = "write it as \"2.0.0\" to \"2.6.0\", \"3.0.0\" or \"3.1.0\""
	if root.Kind != source.Object {
		return wrong(root, "this is not an AsyncAPI contract: a contract is an object, found "+root.Kind.String(), "a contract begins with the line asyncapi: 3.0.0")
	}
	named := root.Get("asyncapi")
	switch {
	case named == nil && (root.Get("openapi") != nil || root.Get("swagger") != nil):
		return wrong(root, "this is an OpenAPI document, not an AsyncAPI contract", "name the contract; its messages may refer to schemas in this document")
	case named == nil:
		return wrong(root, "the field \"asyncapi\" is missing: this is not an AsyncAPI contract", "")
	case named.Kind != source.String:
		return wrong(named, "the version must be a string, found "+named.Kind.String(), hint)
	}
	for _, v := range versions {
		if named.Text == v {
			return versionOf(v), true
		}
	}
	return wrong(named, fmt.Sprintf("version %q is not read", named.Text), hint)
}
