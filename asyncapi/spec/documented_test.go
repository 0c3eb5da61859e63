package spec

import (
	"compress/gzip"
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/docpage"
)

// A documentedField is a row of the table of all fields in docs/contract.md.
type documentedField struct{ versions, becomes string }

var documentedRow = regexp.MustCompile("(?m)^\\| `([^`]+)\\.([^`.]+)` \\| ([^|]+) \\| (\\w+) \\|")

// documentedFields returns the rows of the table by "object.field", without those of amqp bindings.
func documentedFields(t *testing.T) map[string]documentedField {
	t.Helper()
	table := docpage.Part(t, "../../docs/contract.md", "fields")
	rows := map[string]documentedField{}
	for _, row := range documentedRow.FindAllStringSubmatch(table, -1) {
		if key := row[1] + "." + row[2]; !strings.HasPrefix(key, "amqp ") {
			rows[key] = documentedField{row[3], row[4]}
		}
	}
	return rows
}

// docs/contract.md has a row for each field of each object, with its versions, and the rows that are
// called a note are the fields that nothing is made of.
func TestDocumentedFields(t *testing.T) {
	documented := documentedFields(t)
	for name, o := range objects {
		if bindingsObjects[name].fields != nil {
			continue
		}
		for field, versions := range versionsOf(o) {
			key := name + "." + field
			row, ok := documented[key]
			delete(documented, key)
			switch isNote := row.becomes == "note"; {
			case !ok:
				t.Errorf("docs/contract.md has no row for %s", key)
			case row.versions != versions:
				t.Errorf("%s: docs/contract.md says version %s, the table %s", key, row.versions, versions)
			case isNote != (whyUnused(name, field) != "") && !notedElsewhere[key]:
				t.Errorf("%s is %q in docs/contract.md, and why it is not used is %q", key, row.becomes, whyUnused(name, field))
			}
		}
	}
	for key := range documented {
		t.Errorf("docs/contract.md has a row for %s, which does not exist", key)
	}
}

// notedElsewhere are notes that depend on the value.
var notedElsewhere = map[string]bool{"server.protocolVersion": true, "operation.security": true}

// versionsOf returns the fields of an object with their versions as the table has them.
func versionsOf(o object) map[string]string {
	all := map[string]versionRange{}
	for _, f := range o.fields {
		in, known := all[f.name]
		if !known {
			in = f.in
		}
		all[f.name] = versionRange{min(in.from, f.in.from), max(in.to, f.in.to)}
	}
	texts := map[string]string{}
	for name, in := range all {
		switch {
		case in == always:
			texts[name] = "all"
		case in == only2:
			texts[name] = "2"
		case in == only3:
			texts[name] = "3"
		case in.to == v31:
			texts[name] = "since " + in.from.String()
		default:
			texts[name] = in.from.String() + " to " + in.to.String()
		}
	}
	return texts
}

// objectsOfDefinitions are the objects that a definition of the official JSON schemas describes. The
// fields within a field have a definition of their own here: "message.examples".
var objectsOfDefinitions = map[string][]string{
	"": {"contract"}, "info": {"info"}, "contact": {"contact"}, "license": {"license"}, "tag": {"tag"}, "externalDocs": {"externalDocs"},
	"server": {"server"}, "serverVariable": {"server variable"}, "channelItem": {"channel"}, "channel": {"channel"}, "parameter": {"parameter"},
	"operation": {"operation"}, "operationTrait": {"operation trait"}, "operationReply": {"reply"}, "operationReplyAddress": {"reply address"},
	"message": {"message", "messages"}, "messageObject": {"message"}, "messageTrait": {"message trait"}, "messageExampleObject": {"message example"},
	"message.examples": {"message example"}, "messageTrait.examples": {"message example"},
	"messageObject.examples": {"message example"}, "correlationId": {"correlation ID"}, "components": {"components"},
	"userPassword": {"security by type alone"}, "X509": {"security by type alone"}, "symmetricEncryption": {"security by type alone"}, "asymmetricEncryption": {"security by type alone"},
	"SaslPlainSecurityScheme": {"security by type alone"}, "SaslScramSecurityScheme": {"security by type alone"}, "SaslGssapiSecurityScheme": {"security by type alone"},
	"apiKey": {"security by API key"}, "APIKeyHTTPSecurityScheme": {"security by HTTP API key"},
	"NonBearerHTTPSecurityScheme": {"security by HTTP"}, "BearerHTTPSecurityScheme": {"security by bearer"},
	"NonBearerHTTPSecurityScheme.not": {"security by HTTP"},
	"oauth2Flows":                     {"security by OAuth2"}, "oauth2Flows.flows": {"flows"}, "openIdConnect": {"security by OpenID Connect"},
	"oauth2Flow": {"implicit flow", "token flow", "code flow"},
}

// notObjects are the definitions that have no fields of the specification's objects: schemas, which
// docs/schemas.md is about, bindings by protocol, and extensions.
var notObjects = []string{
	"schema", "anySchema", "openapiSchema_3_0", "avroSchema_v1", "multiFormatSchema", "bindingsObject", "serverBindingsObject", "channelBindingsObject",
	"operationBindingsObject", "messageBindingsObject", "Reference", "infoExtensions", "message.headers", "messageTrait.headers",
}

// docs/contract.md has a row for each property of the official JSON schemas of all versions.
func TestDocumentedProperties(t *testing.T) {
	documented := documentedFields(t)
	seen := map[Version]bool{}
	for _, version := range versions {
		if seen[versionOf(version)] {
			continue
		}
		seen[versionOf(version)] = true
		root := officialSchema(t, version)
		definitions := map[string]any{"": map[string]any{"properties": root["properties"]}}
		for name, s := range root["definitions"].(schema) {
			if base, ok := strings.CutSuffix(path.Base(name), ".json"); ok && strings.Contains(name, "/definitions/") {
				definitions[base] = s
			}
		}
		for _, name := range slices.Sorted(maps.Keys(definitions)) {
			if slices.Contains(notObjects, name) {
				continue
			}
			properties := map[string][]string{}
			collectProperties(definitions[name].(schema), name, properties)
			for within, names := range properties {
				if slices.Contains(notObjects, within) {
					continue
				}
				for _, property := range names {
					has := func(object string) bool { _, ok := documented[object+"."+property]; return ok }
					if !slices.ContainsFunc(objectsOfDefinitions[within], has) {
						t.Errorf("%s: docs/contract.md has no row for %q of %q", version, property, within)
					}
				}
			}
		}
	}
}

// collectProperties adds the properties of s, and of the objects within it, to those by definition.
func collectProperties(s schema, within string, to map[string][]string) {
	for keyword, value := range s {
		if keyword == "examples" || keyword == "default" {
			continue
		}
		switch value := value.(type) {
		case []any:
			for _, part := range value {
				if part, ok := part.(schema); ok {
					collectProperties(part, within, to)
				}
			}
		case schema:
			if keyword != "properties" {
				collectProperties(value, within, to)
				continue
			}
			for name, property := range value {
				if name != "$ref" {
					to[within] = append(to[within], name)
				}
				if property, ok := property.(schema); ok {
					collectProperties(property, strings.TrimPrefix(within+"."+name, "."), to)
				}
			}
		}
	}
}

func officialSchema(t *testing.T, version string) schema {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", "official", version+".json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var root schema
	if err := json.NewDecoder(text).Decode(&root); err != nil {
		t.Fatal(err)
	}
	return root
}
