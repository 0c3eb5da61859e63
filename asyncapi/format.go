package asyncapi

import (
	"mime"
	"strings"
)

// A dialect is a language for schemas that is read.
type dialect uint8

const (
	asyncAPI  dialect = iota // AsyncAPI's superset of JSON Schema draft-07
	draft07                  // JSON Schema draft-07
	openAPI30                // OpenAPI 3.0's Schema Object
)

// schemaDialect returns the dialect that a schemaFormat names; false when it names none that is read.
func schemaDialect(format string) (dialect, bool) {
	if format == "" {
		return asyncAPI, true
	}
	name, parameters, err := mime.ParseMediaType(format)
	if err != nil {
		return 0, false
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "+json"), "+yaml")
	version := parameters["version"]
	switch {
	case name == "application/vnd.aai.asyncapi":
		return asyncAPI, true
	case name == "application/schema" && (version == "" || strings.HasPrefix(version, "draft-07")):
		return draft07, true
	case name == "application/vnd.oai.openapi" && (version == "" || strings.HasPrefix(version, "3.0")):
		return openAPI30, true
	default:
		return 0, false
	}
}

// foreignContent are media types of content that is no JSON, though a schema may describe it.
var foreignContent = map[string]bool{
	"application/xml":                   true,
	"text/xml":                          true,
	"application/avro":                  true,
	"application/vnd.apache.avro":       true,
	"avro/binary":                       true,
	"application/protobuf":              true,
	"application/x-protobuf":            true,
	"application/vnd.google.protobuf":   true,
	"application/msgpack":               true,
	"application/x-msgpack":             true,
	"application/vnd.msgpack":           true,
	"application/cbor":                  true,
	"application/vnd.apache.thrift":     true,
	"application/x-thrift":              true,
	"application/x-www-form-urlencoded": true,
	"application/yaml":                  true,
}

// isForeign says whether content of a media type is certainly neither JSON, nor text, nor bytes as they are.
func isForeign(contentType string) bool {
	name, _, err := mime.ParseMediaType(contentType)
	return err == nil && (foreignContent[name] || strings.HasSuffix(name, "+xml") || strings.HasSuffix(name, "+avro") ||
		strings.HasSuffix(name, "+protobuf") || strings.HasSuffix(name, "+cbor"))
}
