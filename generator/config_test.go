package generator

import (
	"encoding/json"
	"maps"
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
		Out:      filepath.Join(dir, "internal", "orders"),
		Side:     topology.ConsumerSide,
		Channels: []ChannelConfig{
			{
				Position: source.Position{File: file, Line: 6, Column: 3}, Path: "/channels/order.placed", Name: "order.placed",
				ChannelOptions: topology.ChannelOptions{Package: "placed", Side: topology.Both},
			},
			{Position: source.Position{File: file, Line: 9, Column: 3}, Path: "/channels/order~1cancelled", Name: "order/cancelled"},
		},
		Types: []TypeConfig{
			{
				Position: source.Position{File: file, Line: 11, Column: 3}, Path: "/types/Money", Schema: "Money",
				GoType: types.GoType{Package: "example.com/shop/money", Name: "Amount"},
			},
			{
				Position: source.Position{File: file, Line: 12, Column: 3}, Path: "/types/Time", Schema: "Time",
				GoType: types.GoType{Package: "time", Name: "Time"},
			},
			{Position: source.Position{File: file, Line: 13, Column: 3}, Path: "/types/com.example.Line", Schema: "com.example.Line", Rename: "OrderLine"},
			{
				Position: source.Position{File: file, Line: 14, Column: 3}, Path: "/types/#~1channels~1a~1messages~1b~1payload",
				Schema: "#/channels/a/messages/b/payload", Rename: "Body",
			},
		},
		Messages: []MessageConfig{
			{Position: source.Position{File: file, Line: 16, Column: 3}, Path: "/messages/com.example.Placed", Name: "com.example.Placed", Rename: "Placed"},
		},
		MessagesPackage: "events",
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
		"another version": {"version: 2\nanything: else\n", `1:10: /version: must be 1`},
		"quoted version":  {"version: '1'\n", `1:10: /version: must be 1`},
		"a list":          {"- version: 1\n", `1:1: must be an object that begins with version: 1`},
		"an unknown key":  {"version: 1\ncontracts: a.yaml\n", `2:1: there is no key "contracts"; did you mean "contract"?`},
		"an unknown key of a channel": {
			"version: 1\nchannels:\n  order.placed:\n    packages: placed\n",
			`4:5: /channels/order.placed: there is no key "packages"; did you mean "package"?`,
		},
		"a key twice":       {"version: 1\nout: a\nout: b\n", `3:1: the name "out" stands twice in this object, first in line 2; remove or rename one of them`},
		"an empty contract": {"version: 1\ncontract:\n", `2:10: /contract: must be a string that is not empty`},
		"a side":            {"version: 1\nside: client\n", `2:7: /side: "client" is no side; write producer, consumer or both`},
		"a flag":            {"version: 1\nallow-remote: yes\n", `2:15: /allow-remote: must be true or false`},
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
			`3:6: /types/A: "Amount" is no exported Go type; write it as example.com/shop/money.Amount
4:6: /types/B: "example.com/money.amount" is no exported Go type; write it as example.com/shop/money.Amount
5:6: /types/C: "../money.Amount" is no exported Go type; write it as example.com/shop/money.Amount
6:6: /types/D: must be a string that is not empty`,
		},
		"names": {
			"version: 1\ntypes:\n  A: {name: parcel}\n  B: {title: Parcel}\nmessages:\n  C: Placed\n  D: {}\nmessages-package: context\n",
			`3:13: /types/A/name: "parcel" is not an exported Go name; write it as ParcelSent
4:6: /types/B: has no name
4:7: /types/B: there is no key "title"; there is "name"
6:6: /messages/C: must be an object
7:6: /messages/D: has no name
8:19: /messages-package: "context" cannot name a package: it is a name that Go or the generated code uses already`,
		},
		"imports": {
			"version: 1\nallow-imports: [example.com/a, ../b, 3]\n",
			`2:32: /allow-imports/1: "../b" is no import path; write the path of a module or package, such as example.com/shop
2:38: /allow-imports/2: must be a string that is not empty`,
		},
		"initialisms": {
			"version: 1\ninitialisms: [SKU, Erp, 3]\n",
			`2:20: /initialisms/1: "Erp" is no initialism; write capitals and digits only, such as SKU
2:25: /initialisms/2: must be a string that is not empty`,
		},
		"wrong kinds": {
			"version: 1\nchannels: [a]\ntypes: x\ninitialisms: SKU\n",
			`2:11: /channels: must be an object
3:8: /types: must be an object
4:14: /initialisms: must be a list such as [SKU, ERP]`,
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

func TestConfigNamesOfTheContract(t *testing.T) {
	config := Config{
		Channels: []ChannelConfig{{Name: "placed"}, {Name: "order.placed"}, {Name: "order.place", Path: "/channels/order.place"}},
		Types:    []TypeConfig{{Schema: "Order"}, {Schema: "Ordre", Path: "/types/Ordre"}, {Schema: "#/nowhere"}},
		Messages: []MessageConfig{{Name: "Placed"}, {Name: "Place", Path: "/messages/Place"}},
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

// The JSON schema for editors has the keys that ReadConfig has, and accepts what it accepts.
func TestConfigSchema(t *testing.T) {
	var schema struct {
		Properties map[string]struct{ Description string }
	}
	data, err := os.ReadFile("../docs/scampgen.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	keys := slices.Sorted(maps.Keys(rootKeys))
	if diff := cmp.Diff(keys, slices.Sorted(maps.Keys(schema.Properties))); diff != "" {
		t.Errorf("keys of the reader and the schema (-reader +schema):\n%s", diff)
	}
	page, err := os.ReadFile("../docs/config.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if schema.Properties[key].Description == "" {
			t.Errorf("the schema does not describe %s", key)
		}
		if !strings.Contains(string(page), "`"+key+"`") {
			t.Errorf("docs/config.md does not mention `%s`", key)
		}
	}
	if !accepts(configSchema(t), fullConfig) {
		t.Error("the schema refuses a configuration that has every key")
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

// accepts says whether a YAML file can be read and matches the schema.
func accepts(schema *jsonschema.Schema, source string) bool {
	var value any
	return yaml.Unmarshal([]byte(source), &value) == nil && schema.Validate(value) == nil
}
