//go:build !race

package schemasuite

import (
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// corpusFolder has public AsyncAPI documents and, in manifest.tsv, the verdict of the official validator. It is no part
// of this project.
const corpusFolder = "../../../shared/corpus"

// TestCorpus runs JSON values through the generated codecs of all valid documents of the corpus: the examples of the contracts, which must
// come back equal, and instances that are made from the schemas, on which a validator must have the same verdict.
func TestCorpus(t *testing.T) {
	module := newModule(t)
	documents := corpusDocuments(t, module)
	var jobs []job
	for _, d := range documents {
		jobs = append(jobs, d.exampleJobs(t)...)
		jobs = append(jobs, d.instanceJobs(t)...)
	}
	runJobs(t, module, jobs)
	t.Run("Examples", func(t *testing.T) { checkExamples(t, documents, jobs) })
	t.Run("Instances", func(t *testing.T) { checkInstances(t, jobs) })
}

// A corpusDocument is one valid document and what is generated from it.
type corpusDocument struct {
	file     string
	folder   string          // of its packages in the test's module
	problems source.Problems // those of a refused document say why
	doc      *asyncapi.Document
	types    map[*schema.Schema]string // Go types, as the test's program calls them
}

// corpusDocuments generates the types of all valid documents.
func corpusDocuments(t *testing.T, module string) []*corpusDocument {
	t.Helper()
	var all []*corpusDocument
	for i, file := range validDocuments(t) {
		d := &corpusDocument{file: file, folder: fmt.Sprintf("d%03d", i)}
		d.generate(t, module, filepath.Join(corpusFolder, d.file))
		all = append(all, d)
	}
	return all
}

// validDocuments returns the files of the corpus's valid documents, a tenth of them in short mode.
func validDocuments(t *testing.T) []string {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(corpusFolder, "manifest.tsv"))
	if err != nil {
		t.Skipf("the corpus is not there: put it in %s", corpusFolder)
	}
	var files []string
	for i, line := range strings.Split(string(manifest), "\n") {
		if cells := strings.Split(line, "\t"); len(cells) >= 5 && cells[4] == "valid" && (!testing.Short() || i%10 == 0) {
			files = append(files, cells[0])
		}
	}
	return files
}

// generate writes the types of the document, unless it is refused.
func (d *corpusDocument) generate(t *testing.T, module, contract string) {
	t.Helper()
	dir := filepath.Join(module, d.folder)
	output, problems, err := generator.Generate(generator.Config{Contract: contract, Out: dir, AllowOutside: true})
	if err != nil {
		t.Fatalf("%s: %v", d.file, err)
	}
	if d.problems = problems; d.refused() {
		return
	}
	var generated strings.Builder
	for _, f := range output.Files {
		if strings.HasPrefix(f.Name, "messages/") {
			put(t, filepath.Join(dir, f.Name), string(f.Content))
			generated.Write(f.Content)
		}
	}
	d.doc, _ = asyncapi.Load(contract, source.Options{AllowOutside: true})
	planned, _ := plan.Build(d.doc, plan.Options{Output: names.Output{ImportPath: "example.com/suite/" + d.folder}})
	schemas := schemasByPlace(d.doc, false)
	d.types = map[*schema.Schema]string{}
	for _, declared := range planned.Declared {
		isCoded := strings.Contains(generated.String(), "func (*"+declared.GoName+") JSONCodec()") // most enums are not
		if s := schemas[[2]string{declared.File, declared.Path}]; s != nil && isCoded {
			d.types[s] = d.folder + "." + declared.GoName
		}
	}
}

func (d *corpusDocument) refused() bool { return d.problems.Fatal() }

// schemasByPlace returns all schemas of the messages of doc by their files and paths. Types of headers
// allow what their schemas do not describe, whatever these say, so that verdicts differ.
func schemasByPlace(doc *asyncapi.Document, withHeaders bool) map[[2]string]*schema.Schema {
	found := map[[2]string]*schema.Schema{}
	var walk func(s *schema.Schema)
	walk = func(s *schema.Schema) {
		if s == nil || found[[2]string{s.File, s.Path}] != nil {
			return
		}
		found[[2]string{s.File, s.Path}] = s
		for part := range schemaParts(s) {
			walk(part)
		}
	}
	for _, m := range messages(doc) {
		walk(m.Payload)
		if withHeaders {
			walk(m.Headers)
		}
	}
	return found
}

// messages returns the messages of the channels, each once.
func messages(doc *asyncapi.Document) []*asyncapi.Message {
	var all []*asyncapi.Message
	for _, c := range doc.Channels {
		for _, m := range c.Messages {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
	}
	return all
}

// schemaParts yields the schemas within s that values of s are made from.
func schemaParts(s *schema.Schema) iter.Seq[*schema.Schema] {
	all := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems, []*schema.Schema{s.AdditionalProperties, s.Items})
	for _, p := range slices.Concat(s.Properties, s.PatternProperties) {
		all = append(all, p.Schema)
	}
	return slices.Values(all)
}

// A job is one JSON value for the codec of one type.
type job struct {
	document *corpusDocument
	example  *source.Value   // of the contract; nil: made from the schema
	known    map[string]bool // the names of the properties of the schema that it is made from
	valid    bool            // the reference validator's verdict

	Type string // "d012.Order" in the test's program, or "payload.Raw"
	Text string

	result
}

// A result is what a codec says of a value, and what comes back of it.
type result struct {
	Error    string   // of decoding; "" when the value is taken
	Validate string   // of checking what was decoded
	Trip     string   // of payload.RoundTrip
	Dropped  []string // pointers of members that are read and not written
	Equal    bool     // both readings of the round trip gave the same Go value
}

// wrong returns how the codec differs from the validator, or what it does not bring back beside dropped members; "" for nothing.
func (j job) wrong() string {
	at := j.document.file + ": " + j.Type + ": "
	switch {
	case (j.Error == "") != j.valid:
		return fmt.Sprintf("%sthe validator says %t, the codec %q of %s", at, j.valid, j.Error, j.Text)
	case j.valid && (j.Validate != "" || j.Trip != ""):
		return at + "taken, but then " + j.Validate + j.Trip + ": " + j.Text
	case j.valid && !j.Equal:
		return at + "two readings differ: " + j.Text
	}
	return ""
}
