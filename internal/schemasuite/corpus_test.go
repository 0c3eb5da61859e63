package schemasuite

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator"
	"github.com/scampgen/scampgen/generator/plan"
)

// corpusFolder has public AsyncAPI documents. It is no part of this project.
const corpusFolder = "../../../shared/corpus"

// A subject is one declared type of a document with instances for it.
type subject struct {
	document string
	schema   *asyncapi.Schema
	Type     string   // "d012.Order" in the test's program
	Texts    []string // the instances
	Examples int      // how many of them, from the start, are examples of the contract
	valid    []bool   // the reference validator's verdicts
}

// TestCorpusAgainstValidator derives instances from every schema of the corpus that has a Go type, changes some of
// them, and wants the same verdict from the generated codec and from a validator. Examples of the contracts that are
// valid must come back from a round trip equal.
func TestCorpusAgainstValidator(t *testing.T) {
	module := newModule(t)
	subjects := corpusSubjects(t, module)
	results := decodeAll(t, module, subjects)
	var counts struct{ schemas, instances, valid, equal, rewritten int }
	for i, s := range subjects {
		counts.schemas++
		for j, text := range s.Texts {
			counts.instances++
			r := results[i][j]
			if s.valid[j] {
				counts.valid++
			}
			switch {
			case (r.Error == "") != s.valid[j]:
				t.Errorf("%s: %s: the validator says %t, the codec %q of %s", s.document, s.Type, s.valid[j], r.Error, text)
			case s.valid[j] && (r.Validate != "" || r.Again != ""):
				t.Errorf("%s: %s: taken, but then %s%s: %s", s.document, s.Type, r.Validate, r.Again, text)
			case s.valid[j] && j < s.Examples:
				switch difference(decodeAny(t, text), decodeAny(t, r.Text)) {
				case same:
					counts.equal++
				case rewritten:
					counts.rewritten++
				case different:
					t.Errorf("%s: %s: example %s comes back as %s", s.document, s.Type, text, r.Text)
				}
			}
		}
	}
	measured := fmt.Sprintf("%d schemas with a Go type, %d instances, %d of them valid: no verdict differs. %d examples of the contracts come back equal"+
		" and %d in other characters or without members that the schema does not know.\n", counts.schemas, counts.instances, counts.valid, counts.equal, counts.rewritten)
	t.Log(measured)
	if !testing.Short() && !t.Failed() {
		checkPage(t, "corpus", measured)
	}
}

// corpusSubjects generates the types of all valid documents and makes their instances.
func corpusSubjects(t *testing.T, module string) []subject {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(corpusFolder, "manifest.tsv"))
	if err != nil {
		t.Skipf("the corpus is not there: put it in %s", corpusFolder)
	}
	var all []subject
	for i, line := range strings.Split(string(manifest), "\n") {
		cells := strings.Split(line, "\t")
		if !slices.Contains(cells, "valid") || strings.HasPrefix(line, "bad/") || testing.Short() && i%10 > 0 {
			continue
		}
		all = append(all, documentSubjects(t, module, fmt.Sprintf("d%03d", i), corpusFile(cells))...)
	}
	return all
}

// corpusFile returns the cell of a row that names the document.
func corpusFile(cells []string) string {
	i := slices.IndexFunc(cells, func(cell string) bool { return strings.Contains(cell, "/") })
	return cells[max(i, 0)]
}

func documentSubjects(t *testing.T, module, folder, file string) []subject {
	t.Helper()
	contract := filepath.Join(corpusFolder, file)
	doc, problems := asyncapi.Load(contract, asyncapi.Options{AllowOutside: true})
	if doc == nil || problems.Fatal() {
		return nil
	}
	planned, problems := plan.Build(doc, plan.Options{ImportPath: "example.com/suite/" + folder})
	if problems.Fatal() {
		return nil
	}
	dir := filepath.Join(module, folder)
	output, problems, err := generator.Generate(generator.Config{Contract: contract, Out: dir, AllowOutside: true})
	if err != nil || problems.Fatal() {
		t.Errorf("%s: %v %v", file, err, problems)
		return nil
	}
	for _, f := range output.Files {
		if strings.HasPrefix(f.Name, "messages/") {
			put(t, filepath.Join(dir, f.Name), string(f.Content))
		}
	}
	schemas := schemasByPath(doc)
	var all []subject
	for _, declared := range planned.Declared {
		if s := schemas[declared.Path]; s != nil {
			all = append(all, newSubject(t, file, folder+"."+declared.GoName, s, messageExamples(doc, s)))
		}
	}
	return all
}

// schemasByPath returns all schemas of the messages of doc; a path that two files have has nil.
func schemasByPath(doc *asyncapi.Document) map[string]*asyncapi.Schema {
	found := map[string]*asyncapi.Schema{}
	seen := map[*asyncapi.Schema]bool{nil: true}
	var walk func(s *asyncapi.Schema)
	walk = func(s *asyncapi.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		if _, twice := found[s.Path]; twice {
			found[s.Path] = nil
		} else {
			found[s.Path] = s
		}
		for _, list := range [][]*asyncapi.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, {s.AdditionalProperties, s.Items}} {
			for _, part := range list {
				walk(part)
			}
		}
		for _, p := range slices.Concat(s.Properties, s.PatternProperties) {
			walk(p.Schema)
		}
	}
	for _, c := range doc.Channels {
		for _, m := range c.Messages {
			walk(m.Payload)
		}
	}
	return found
}

// messageExamples returns the examples of the messages with the payload s.
func messageExamples(doc *asyncapi.Document, s *asyncapi.Schema) []any {
	var all []any
	seen := map[*asyncapi.Message]bool{}
	for _, c := range doc.Channels {
		for _, m := range c.Messages {
			if m.Payload != s || seen[m] {
				continue
			}
			seen[m] = true
			for _, e := range m.Examples {
				if e.Payload != nil {
					all = append(all, plain(e.Payload))
				}
			}
		}
	}
	return all
}

func newSubject(t *testing.T, document, typ string, s *asyncapi.Schema, examples []any) subject {
	t.Helper()
	made := subject{document: document, Type: typ, schema: s}
	validator, err := compile(s)
	if err != nil {
		t.Errorf("%s: %s: %v", document, typ, err)
		return made
	}
	for _, e := range s.Examples {
		examples = append(examples, plain(e))
	}
	made.Examples = len(examples)
	m := &maker{random: rand.New(rand.NewPCG(1, uint64(len(s.Path))))}
	instances := examples
	for range 6 {
		instance := m.make(s)
		instances = append(instances, instance)
		for range 3 {
			instances = append(instances, m.mutate(instance))
		}
	}
	for _, instance := range instances {
		if instance == nil {
			continue // null is for the place where the type is used
		}
		text, err := json.Marshal(instance)
		if err != nil {
			t.Fatal(err)
		}
		made.Texts = append(made.Texts, string(text))
		made.valid = append(made.valid, isValid(t, validator, text))
	}
	return made
}

func isValid(t *testing.T, validator *jsonschema.Schema, text []byte) bool {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return validator.Validate(instance) == nil
}

// A result is what a codec says of an instance, and what it writes for it.
type result struct {
	verdict
	Text string
}

// decodeAll runs all instances through the generated codecs, in one program.
func decodeAll(t *testing.T, module string, subjects []subject) [][]result {
	t.Helper()
	imports, makers := map[string]bool{}, map[string]bool{}
	for _, s := range subjects {
		folder, _, _ := strings.Cut(s.Type, ".")
		imports[fmt.Sprintf("\t%s %q\n", folder, "example.com/suite/"+folder+"/messages")] = true
		makers[fmt.Sprintf("\t%q: func() message { return new(%s) },\n", s.Type, s.Type)] = true
	}
	put(t, filepath.Join(module, "types.go"), "package main\n\nimport (\n"+joined(imports)+")\n\nvar makers = map[string]func() message{\n"+joined(makers)+"}\n")
	put(t, filepath.Join(module, "decode.go"), strings.Replace(decodeSource, "Again string", "Again, Text string", 1))
	put(t, filepath.Join(module, "main.go"), corpusMain)
	text, err := json.Marshal(subjects)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(module, "subjects.json"), string(text))
	command := exec.CommandContext(t.Context(), "go", "run", ".")
	command.Dir = module
	out, err := command.Output()
	if err != nil {
		detail := ""
		if exit, ok := err.(*exec.ExitError); ok { //nolint:errorlint // what Output returns
			detail = string(exit.Stderr)
		}
		t.Fatalf("the generated module: %v\n%s", err, detail)
	}
	var results [][]result
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatal(err)
	}
	return results
}

func joined(lines map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(lines)), "")
}

const corpusMain = `package main

import (
	"encoding/json"
	"os"
)

type subject struct {
	Type  string
	Texts []string
}

func main() {
	text, err := os.ReadFile("subjects.json")
	if err != nil {
		panic(err)
	}
	var subjects []subject
	if err := json.Unmarshal(text, &subjects); err != nil {
		panic(err)
	}
	results := make([][]verdict, len(subjects))
	for i, s := range subjects {
		results[i] = []verdict{}
		for _, text := range s.Texts {
			v := decode(makers[s.Type], text)
			if m := makers[s.Type](); v.Error == "" && m.UnmarshalJSON([]byte(text)) == nil {
				again, _ := m.AppendJSON(nil)
				v.Text = string(again)
			}
			results[i] = append(results[i], v)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
`
