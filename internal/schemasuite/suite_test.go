//go:build !race

package schemasuite

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
)

// suiteFolder has the test suite. It is no part of this project.
const suiteFolder = "../../../shared/schema-suite/draft7"

var update = flag.Bool("update", false, "write the table in docs/schemas.md again")

// A group is one schema of the suite with its instances.
type group struct {
	file        string // without .json
	Description string
	Schema      json.RawMessage
	Tests       []test

	contract string // whose only message, Instance, has the schema; "" for one whose payload refers to schema.json

	folder  string // of its packages in the test's module
	typ     string // the Go type of the payload
	refused string // the name of what is not supported
}

// A test is one instance with its verdict.
type test struct {
	Description string
	Data        json.RawMessage
	Valid       bool
}

// TestSuite generates a type for each schema of the suite, compiles all of them in one module, decodes each instance and
// compares the verdicts. Schemas are read literally; formats are checked in optional/format alone, as the suite has it.
func TestSuite(t *testing.T) {
	groups := readGroups(t, "*.json")
	got := run(t, groups, false)
	table := newTable(groups, got)
	t.Log("\n" + table.String())
	for _, line := range table.wrong {
		t.Error(line)
	}
	if table.passed*10 < table.total*9 {
		t.Errorf("%d of %d tests pass, want nine of ten", table.passed, table.total)
	}
	optional := readGroups(t, "optional/*.json")
	optionalTable := newTable(optional, run(t, optional, false))
	formats := readGroups(t, "optional/format/*.json")
	formatTable := newTable(formats, run(t, formats, true))
	t.Log("\n" + optionalTable.String() + formatTable.String())
	for _, line := range slices.Concat(optionalTable.wrong, formatTable.wrong) {
		t.Log(line)
	}
	checkPage(t, "suite", table.String())
	checkPage(t, "optional", optionalTable.String()+"\n"+formatTable.String())
}

func readGroups(t *testing.T, pattern string) []group {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(suiteFolder, pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skipf("the JSON Schema test suite is not there: put it in %s", suiteFolder)
	}
	var all []group
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var groups []group
		if err := json.Unmarshal(text, &groups); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, g := range groups {
			g.file = strings.TrimSuffix(filepath.Base(file), ".json")
			all = append(all, g)
		}
	}
	return all
}

// A verdict is what a generated codec says of one instance.
type verdict struct {
	Error    string // of decoding; "" when the instance is taken
	Validate string // of checking what was decoded
	Again    string // of writing it and decoding that
}

// run returns the verdicts by group and test.
func run(t *testing.T, groups []group, formats bool) [][]verdict {
	t.Helper()
	module := newModule(t)
	for i := range groups {
		groups[i].folder = fmt.Sprintf("g%03d", i)
		groups[i].generate(t, module, formats)
	}
	writeMain(t, module, groups)
	command := exec.CommandContext(t.Context(), "go", "run", ".")
	command.Dir = module
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("the generated module: %v\n%s", err, out)
	}
	var verdicts [][]verdict
	if err := json.Unmarshal(out, &verdicts); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return verdicts
}

// newModule makes a module that can import this project.
func newModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "go.mod"), "module example.com/suite\n\ngo 1.26.0\n\nrequire github.com/scampgen/scampgen v0.0.0\n\nreplace github.com/scampgen/scampgen => "+root+"\n")
	return dir
}

// generate writes the types of the group's schema, or notes why there are none.
func (g *group) generate(t *testing.T, module string, formats bool) {
	t.Helper()
	dir := filepath.Join(module, g.folder)
	put(t, filepath.Join(dir, "schema.json"), string(g.Schema))
	put(t, filepath.Join(dir, "contract.yaml"), cmp.Or(g.contract, contract))
	output, problems, err := generator.Generate(generator.Config{
		Contract: filepath.Join(dir, "contract.yaml"), Out: dir, LiteralTypes: true, IgnoreFormats: !formats,
	})
	if err != nil {
		t.Errorf("%s, %s: %v", g.file, g.Description, err)
		g.refused = "bug"
		return
	}
	if problems.Fatal() {
		g.refused = refusal(problems)
		return
	}
	for _, file := range output.Files {
		if strings.HasPrefix(file.Name, "messages/") {
			put(t, filepath.Join(dir, file.Name), string(file.Content))
		}
		if found := handled.FindSubmatch(file.Content); found != nil {
			g.typ = strings.Replace(string(found[1]), "messages.", g.folder+".", 1)
		}
	}
	if g.typ == "" {
		t.Fatalf("%s, %s: the message has no type", g.file, g.Description)
	}
}

// handled is where a consumer names the Go type of the message.
var handled = regexp.MustCompile(`HandleInstance\(ctx context\.Context, message \*([\w.]+)\)`)

// refusal returns the name of the first thing that stops generation.
func refusal(problems source.Problems) string {
	for _, p := range problems {
		if p.Severity == source.Unsupported {
			return p.Feature
		}
		if p.Severity == source.Mistake {
			return "mistake: " + p.Message
		}
	}
	return ""
}

const contract = `asyncapi: 3.0.0
info: {title: Suite, version: 1.0.0}
channels:
  suite:
    address: suite
    bindings: {amqp: {is: queue, queue: {name: suite}}}
    messages:
      Instance:
        payload:
          schemaFormat: application/schema+json;version=draft-07
          schema: {$ref: './schema.json'}
operations:
  send: {action: send, channel: {$ref: '#/channels/suite'}}
`

// writeMain writes the program that decodes all instances and prints the verdicts.
func writeMain(t *testing.T, module string, groups []group) {
	t.Helper()
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"encoding/json\"\n\t\"os\"\n\n\t\"github.com/scampgen/scampgen/runtime/payload\"\n\n")
	for _, g := range groups {
		if strings.HasPrefix(g.typ, "g") {
			fmt.Fprintf(&b, "\t%s \"example.com/suite/%s/messages\"\n", g.folder, g.folder)
		}
	}
	b.WriteString(")\n\nvar _ payload.Raw\n\nfunc main() {\n\tverdicts := make([][]verdict, 0)\n")
	for _, g := range groups {
		b.WriteString("\tverdicts = append(verdicts, []verdict{\n")
		for _, instance := range g.Tests {
			if g.typ != "" {
				fmt.Fprintf(&b, "\t\tdecode(func() message { return new(%s) }, %q),\n", g.typ, instance.Data)
			}
		}
		b.WriteString("\t})\n")
	}
	b.WriteString("\tif err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {\n\t\tpanic(err)\n\t}\n}\n")
	put(t, filepath.Join(module, "main.go"), b.String())
	put(t, filepath.Join(module, "decode.go"), decodeSource)
}

const decodeSource = `package main

import "fmt"

type message interface {
	UnmarshalJSON([]byte) error
	AppendJSON([]byte) ([]byte, error)
	Validate() error
}

type verdict struct{ Error, Validate, Again string }

// decode returns what the codec says of one instance; a panic is an error too.
func decode(fresh func() message, text string) (v verdict) {
	defer func() {
		if p := recover(); p != nil {
			v.Error = fmt.Sprintf("panic: %v", p)
		}
	}()
	m := fresh()
	if v.Error = say(m.UnmarshalJSON([]byte(text))); v.Error != "" {
		return v
	}
	v.Validate = say(m.Validate())
	again, err := m.AppendJSON(nil)
	if v.Again = say(err); err == nil {
		v.Again = say(fresh().UnmarshalJSON(again))
	}
	return v
}

func say(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
`

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
