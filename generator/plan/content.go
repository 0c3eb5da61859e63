package plan

import "strings"

// foreignContent are media types of content that is not JSON, though a schema may describe it.
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

// isForeign reports whether content of a media type is certainly neither JSON nor text nor plain
// bytes.
func isForeign(mediaType string) bool {
	return foreignContent[mediaType] || strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+avro") ||
		strings.HasSuffix(mediaType, "+protobuf") || strings.HasSuffix(mediaType, "+cbor")
}
