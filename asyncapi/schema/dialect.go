package schema

import (
	"mime"
	"strings"
)

// A Dialect is a language for schemas that is read.
type Dialect uint8

// The dialects.
const (
	AsyncAPI  Dialect = iota // AsyncAPI's superset of JSON Schema draft-07
	Draft07                  // JSON Schema draft-07
	OpenAPI30                // OpenAPI 3.0's Schema Object
	OpenAPI31                // OpenAPI 3.1's Schema Object: JSON Schema 2020-12 with OpenAPI's vocabulary
)

// String returns the name of a dialect as a part of a Go name: OpenAPI30.
func (d Dialect) String() string {
	return [...]string{AsyncAPI: "AsyncAPI", Draft07: "Draft07", OpenAPI30: "OpenAPI30", OpenAPI31: "OpenAPI31"}[d]
}

// DialectFor returns the dialect that a schemaFormat names; false when it names none that is read.
func DialectFor(format string) (Dialect, bool) {
	if format == "" {
		return AsyncAPI, true
	}
	name, parameters, err := mime.ParseMediaType(format)
	if err != nil {
		return 0, false
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "+json"), "+yaml")
	version := parameters["version"]
	switch {
	case name == "application/vnd.aai.asyncapi":
		return AsyncAPI, true
	case name == "application/schema" && (version == "" || strings.HasPrefix(version, "draft-07")):
		return Draft07, true
	case name == "application/vnd.oai.openapi" && (version == "" || strings.HasPrefix(version, "3.0")):
		return OpenAPI30, true
	case name == "application/vnd.oai.openapi" && strings.HasPrefix(version, "3.1"):
		return OpenAPI31, true
	default:
		return 0, false
	}
}

// dialects is a set of them.
type dialects uint8

const (
	inAsyncAPI  dialects = 1 << AsyncAPI
	inDraft07   dialects = 1 << Draft07
	inOpenAPI30 dialects = 1 << OpenAPI30
	inOpenAPI31 dialects = 1 << OpenAPI31

	inDrafts     = inAsyncAPI | inDraft07
	inJSONSchema = inDrafts | inOpenAPI31
	inOpenAPI    = inOpenAPI30 | inOpenAPI31
	inAll        = inDrafts | inOpenAPI
)

func (d dialects) has(language Dialect) bool { return d&(1<<language) != 0 }
