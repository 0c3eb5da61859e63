package generator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/generator/plan/types"
)

const fullConfig = `version: 1
contract: ../contracts/orders.yaml
out: internal/orders
side: consumer
channels:
  order.placed:
    package: placed
    side: both
  order/cancelled: {}
types:
  Money: example.com/shop/money.Amount
  Time: time.Time
  com.example.Line: {name: OrderLine}
  "#/channels/a/messages/b/payload": {name: Body}
messages:
  com.example.Placed: {name: Placed}
messages-package: events
servers: false
servers-package: brokers
initialisms: [SKU, ERP]
allow-outside: true
allow-remote: false
allow-imports: [example.com/shop]
`

func TestReadConfig(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, ConfigName)
	put(t, file, fullConfig)
	got, problems := ReadConfig(file, false)
	if problems != nil {
		t.Fatal(problems)
	}
	want := Config{
		Contract: filepath.Join(filepath.Dir(dir), "contracts", "orders.yaml"),
		NamedAt:  source.Location{Position: source.Position{File: file, Line: 2, Column: 11}, Path: "/contract"},
		Out:      filepath.Join(dir, "internal", "orders"),
		Side:     topology.ConsumerSide,
		Channels: []ChannelConfig{
			{
				Location: source.Location{Position: source.Position{File: file, Line: 6, Column: 3}, Path: "/channels/order.placed"}, Name: "order.placed",
				ChannelOptions: topology.ChannelOptions{Package: "placed", Side: topology.Both},
			},
			{Location: source.Location{Position: source.Position{File: file, Line: 9, Column: 3}, Path: "/channels/order~1cancelled"}, Name: "order/cancelled"},
		},
		Types: []TypeConfig{
			{
				Location: source.Location{Position: source.Position{File: file, Line: 11, Column: 3}, Path: "/types/Money"}, Schema: "Money",
				GoType: types.GoType{Package: "example.com/shop/money", Name: "Amount"},
			},
			{
				Location: source.Location{Position: source.Position{File: file, Line: 12, Column: 3}, Path: "/types/Time"}, Schema: "Time",
				GoType: types.GoType{Package: "time", Name: "Time"},
			},
			{Location: source.Location{Position: source.Position{File: file, Line: 13, Column: 3}, Path: "/types/com.example.Line"}, Schema: "com.example.Line", Rename: "OrderLine"},
			{
				Location: source.Location{Position: source.Position{File: file, Line: 14, Column: 3}, Path: "/types/#~1channels~1a~1messages~1b~1payload"},
				Schema:   "#/channels/a/messages/b/payload", Rename: "Body",
			},
		},
		Messages: []MessageConfig{
			{Location: source.Location{Position: source.Position{File: file, Line: 16, Column: 3}, Path: "/messages/com.example.Placed"}, Name: "com.example.Placed", Rename: "Placed"},
		},
		MessagesPackage: "events",
		ServersPackage:  "brokers",
		NoServers:       true,
		Initialisms:     []string{"SKU", "ERP"},
		AllowOutside:    true,
		AllowImports:    []string{"example.com/shop"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("ReadConfig (-want +got):\n%s", diff)
	}
}

func TestReadConfigProblems(t *testing.T) {
	tests := map[string]struct{ source, want string }{
		"no version":      {"contract: a.yaml\n", `1:1: has no version; write version: 1 as its first line`},
		"another version": {"version: 2\nanything: else\n", `1:10: /version: "version" must be 1`},
		"quoted version":  {"version: '1'\n", `1:10: /version: "version" must be 1`},
		"a list":          {"- version: 1\n", `1:1: the file must be an object, found array; write version: 1 as its first line`},
		"an unknown key":  {"version: 1\ncontracts: a.yaml\n", `2:1: /contracts: "contracts" is not a field of scampgen.yaml; did you mean "contract"?`},
		"an unknown key of a channel": {
			"version: 1\nchannels:\n  order.placed:\n    packages: placed\n",
			`4:5: /channels/order.placed/packages: "packages" is not a field of a channel; did you mean "package"?`,
		},
		"a key twice":       {"version: 1\nout: a\nout: b\n", `3:1: the name "out" appears twice in this object, first in line 2; remove or rename one of them`},
		"an empty contract": {"version: 1\ncontract:\n", `2:10: /contract: "contract" must be a string that is not empty, found null`},
		"a side":            {"version: 1\nside: client\n", `2:7: /side: "side" must be one of producer, consumer, both, found "client"`},
		"a flag":            {"version: 1\nallow-remote: yes\n", `2:15: /allow-remote: "allow-remote" must be a boolean, found string`},
		"package names": {
			"version: 1\nchannels:\n  a: {package: Placed}\n  b: {package: func}\n  c: {package: ../up}\n  d: {package: main}\n  e: {package: aux}\n",
			`3:16: /channels/a/package: "Placed" cannot name a package; use lower-case letters and digits
4:16: /channels/b/package: "func" cannot name a package: it is a Go keyword
5:16: /channels/c/package: "../up" cannot name a package; use lower-case letters and digits
6:16: /channels/d/package: "main" cannot name a package: it is a name that Go or the generated code uses already
7:16: /channels/e/package: "aux" cannot name a package: Windows has no folder of that name, so that Go refuses modules with it`,
		},
		"types": {
			"version: 1\ntypes:\n  A: Amount\n  B: example.com/money.amount\n  C: ../money.Amount\n  D: 7\n",
			`3:6: /types/A: "Amount" is not an exported Go type; write it as example.com/shop/money.Amount
4:6: /types/B: "example.com/money.amount" is not an exported Go type; write it as example.com/shop/money.Amount
5:6: /types/C: "../money.Amount" is not an exported Go type; write it as example.com/shop/money.Amount
6:6: /types/D: "D" must be a string that is not empty, found number`,
		},
		"names": {
			"version: 1\ntypes:\n  A: {name: parcel}\n  B: {title: Parcel}\nmessages:\n  C: Placed\n  D: {}\nmessages-package: context\n",
			`3:13: /types/A/name: "parcel" is not an exported Go name; write it as ParcelSent
4:6: /types/B: a new name must have "name"
4:7: /types/B/title: "title" is not a field of a new name; there is "name"
6:6: /messages/C: "C" must be an object, found string
7:6: /messages/D: a message must have "name" or "type"
8:19: /messages-package: "context" cannot name a package: it is a name that Go or the generated code uses already`,
		},
		"imports": {
			"version: 1\nallow-imports: [example.com/a, ../b, 3]\n",
			`2:32: /allow-imports/1: "../b" is not an import path; write the path of a module or package, such as example.com/shop
2:38: /allow-imports/2: item 2 of "allow-imports" must be a string that is not empty, found number`,
		},
		"initialisms": {
			"version: 1\ninitialisms: [SKU, Erp, 3]\n",
			`2:20: /initialisms/1: "Erp" is not an initialism; write capitals and digits only, such as SKU
2:25: /initialisms/2: item 2 of "initialisms" must be a string that is not empty, found number`,
		},
		"wrong kinds": {
			"version: 1\nchannels: [a]\ntypes: x\ninitialisms: SKU\n",
			`2:11: /channels: "channels" must be an object, found array
3:8: /types: "types" must be an object, found string
4:14: /initialisms: "initialisms" must be an array, found string; write a list such as [SKU, ERP]`,
		},
	}
	schema := configSchema(t)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			put(t, ConfigName, test.source)
			_, problems := ReadConfig(ConfigName, false)
			got := strings.ReplaceAll(problems.Error(), ConfigName+":", "")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if accepts(schema, test.source) {
				t.Error("docs/scampgen.schema.json accepts it")
			}
		})
	}
	t.Run("no file", func(t *testing.T) {
		if _, problems := ReadConfig(filepath.Join(t.TempDir(), ConfigName), false); !problems.Fatal() {
			t.Error("a file that is not there gives no problem")
		}
	})
}

func TestConfigEntriesForTheSame(t *testing.T) {
	config := Config{
		Channels: []ChannelConfig{{Name: "placed"}, {Name: "order.placed"}, {Name: "order.cancelled"}},
		Types:    []TypeConfig{{Schema: "Order"}, {Schema: "#/components/schemas/Line"}, {Schema: "#/components/schemas/Order"}},
	}
	doc := &asyncapi.Document{
		Channels: []*asyncapi.Channel{{Name: "placed", Address: "order.placed", HasAddress: true}, {Name: "cancelled", Address: "order.cancelled", HasAddress: true}},
		Schemas: []*schema.Schema{
			{Name: "Order", Location: source.Location{Path: "/components/schemas/Order"}},
			{Name: "Line", Location: source.Location{Path: "/components/schemas/Line"}},
		},
	}
	want := `: "order.placed" is the same channel as "placed"; write one entry for it
: "#/components/schemas/Order" is the same schema as "Order"; write one entry for it`
	if diff := cmp.Diff(want, config.repeated(doc).Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// TestConfigEntriesThatOnlyLookTheSame has names that a channel and a schema share, a channel called
// like the address of another, and an address of two channels: each entry counts for something.
func TestConfigEntriesThatOnlyLookTheSame(t *testing.T) {
	config := Config{
		Channels: []ChannelConfig{{Name: "placed"}, {Name: "cancelled"}, {Name: "first"}, {Name: "orders"}},
		Types:    []TypeConfig{{Schema: "cancelled"}, {Schema: "placed"}},
	}
	doc := &asyncapi.Document{
		Channels: []*asyncapi.Channel{
			{Name: "placed", Address: "cancelled", HasAddress: true},
			{Name: "cancelled", Address: "gone", HasAddress: true},
			{Name: "first", Address: "orders", HasAddress: true},
			{Name: "second", Address: "orders", HasAddress: true},
		},
		Schemas: []*schema.Schema{{Name: "placed"}, {Name: "cancelled"}},
	}
	if got := config.repeated(doc); got != nil {
		t.Errorf("problems:\n%s", got)
	}
}

func TestConfigNamesOfTheContract(t *testing.T) {
	config := Config{
		Channels: []ChannelConfig{{Name: "placed"}, {Name: "order.placed"}, {Name: "order.place", Location: source.Location{Path: "/channels/order.place"}}},
		Types:    []TypeConfig{{Schema: "Order"}, {Schema: "Ordre", Location: source.Location{Path: "/types/Ordre"}}, {Schema: "#/nowhere"}},
		Messages: []MessageConfig{{Name: "Placed"}, {Name: "Place", Location: source.Location{Path: "/messages/Place"}}},
	}
	doc := &asyncapi.Document{
		Channels: []*asyncapi.Channel{{Name: "placed", Address: "order.placed", HasAddress: true, Messages: []*asyncapi.Message{{Name: "Placed"}}}},
		Schemas:  []*schema.Schema{{Name: "Order"}},
	}
	want := `: /channels/order.place: the contract has no channel "order.place"; did you mean "order.placed"?
: /messages/Place: the contract has no message "Place"; did you mean "Placed"?
: /types/Ordre: the contract has no schema "Ordre"; did you mean "Order"?`
	if diff := cmp.Diff(want, config.unused(doc).Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestFindConfig(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, ConfigName), "version: 1\n")
	put(t, filepath.Join(root, "module", "go.mod"), "module example.com/shop\n")
	put(t, filepath.Join(root, "module", "a", ConfigName), "version: 1\n")
	put(t, filepath.Join(root, "module", "a", "b", "c", "x.go"), "package c\n")
	put(t, filepath.Join(root, "module", "d", "x.go"), "package d\n")
	put(t, filepath.Join(root, "module", "a", "e", "go.mod", "x"), "")
	for dir, want := range map[string]string{
		"module/a/b/c": "../../scampgen.yaml",
		"module/a":     "scampgen.yaml",
		"module/a/e":   "../scampgen.yaml", // a folder called go.mod begins no module
		"module/d":     "",                 // that above the module belongs to something else
	} {
		t.Chdir(filepath.Join(root, dir))
		got, err := FindConfig(".")
		if err != nil || filepath.ToSlash(got) != want {
			t.Errorf("FindConfig in %s returned %q, %v, wanted %q", dir, got, err, want)
		}
	}
}

// The JSON schema for editors and docs/config.md have the keys that ReadConfig has, with their
// kinds and choices.
func TestConfigSchema(t *testing.T) {
	var editors editorSchema
	data, err := os.ReadFile("../docs/scampgen.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &editors); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	checkTable(t, configTable(), &editors, editors.Properties, string(page))
	checkTable(t, channelTable, &editors, editors.Properties["channels"].AdditionalProperties.Properties, string(page))
	checkTable(t, messageTable, &editors, editors.Properties["messages"].AdditionalProperties.Properties, string(page))
	checkTable(t, renameTable, &editors, editors.Definitions["named"].Properties, string(page))
	if !accepts(configSchema(t), fullConfig) {
		t.Error("the schema refuses a configuration that has every key")
	}
}

// An editorSchema is what is compared of a schema for editors.
type editorSchema struct {
	Description, Type    string
	Ref                  string `json:"$ref"`
	Enum                 []string
	Properties           map[string]*editorSchema
	AdditionalProperties editorObject
	Definitions          map[string]*editorSchema
}

// resolve returns a schema, or the definition that it refers to.
func (s *editorSchema) resolve(part *editorSchema) *editorSchema {
	if name, ok := strings.CutPrefix(part.Ref, "#/definitions/"); ok {
		return s.Definitions[name]
	}
	return part
}

// An editorObject is an editorSchema, or a boolean.
type editorObject struct{ *editorSchema }

func (o *editorObject) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, &o.editorSchema)
}

// checkTable compares a table with the properties that a schema for editors has, and with a page.
func checkTable(t *testing.T, table *source.Table, editors *editorSchema, properties map[string]*editorSchema, page string) {
	t.Helper()
	kinds := map[string]string{
		source.Word.String(): "string", source.Flag.String(): "boolean", source.Map.String(): "object", source.List.String(): "array",
		sides.String(): "", source.Any.String(): "",
	}
	rows := map[string]bool{}
	for _, row := range table.Rows {
		rows[row.Name] = true
		described := properties[row.Name]
		switch {
		case described == nil:
			t.Errorf("the schema does not have %s of %s", row.Name, table.Title)
		case described.Description == "" || row.Doc == "":
			t.Errorf("%s of %s is not described", row.Name, table.Title)
		case kinds[row.Is.String()] != "" && editors.resolve(described).Type != kinds[row.Is.String()]:
			t.Errorf("%s of %s must be %s, the schema says %q", row.Name, table.Title, row.Is, described.Type)
		case !slices.Equal(row.Is.Choices(), editors.resolve(described).Enum):
			t.Errorf("the schema does not have the choices of %s of %s", row.Name, table.Title)
		}
		if !strings.Contains(page, "`"+row.Name+"`") {
			t.Errorf("docs/config.md does not mention `%s` of %s", row.Name, table.Title)
		}
	}
	for name := range properties {
		if !rows[name] {
			t.Errorf("the schema has %s, which %s does not have", name, table.Title)
		}
	}
}

func configSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../docs/scampgen.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// accepts reports whether a YAML file can be read and matches the schema.
func accepts(schema *jsonschema.Schema, source string) bool {
	var value any
	return yaml.Unmarshal([]byte(source), &value) == nil && schema.Validate(value) == nil
}
