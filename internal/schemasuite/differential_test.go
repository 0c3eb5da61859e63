//go:build !race

package schemasuite

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// instanceJobs returns instances of every schema of the document that has a Go type, some of them changed.
func (d *corpusDocument) instanceJobs(t *testing.T) []job {
	t.Helper()
	var jobs []job
	for s, typ := range d.types {
		validator := validatorOf(t, d, s)
		known := propertyNames(s)
		for _, instance := range instances(s) {
			text, err := json.Marshal(instance)
			if err != nil {
				t.Fatal(err)
			}
			jobs = append(jobs, job{document: d, known: known, valid: isValid(t, validator, text), Type: typ, Text: string(text)})
		}
	}
	return jobs
}

// instances returns values of s, and such with one change.
func instances(s *schema.Schema) []any {
	m := &maker{random: rand.New(rand.NewPCG(1, uint64(len(s.Path))))}
	var all []any
	for range 6 {
		instance := m.make(s)
		all = append(all, instance)
		for range 3 {
			all = append(all, m.mutate(instance))
		}
	}
	return slices.DeleteFunc(all, func(v any) bool { return v == nil }) // null is for the place where the type is used
}

func validatorOf(t *testing.T, d *corpusDocument, s *schema.Schema) *jsonschema.Schema {
	t.Helper()
	validator, err := compile(s)
	if err != nil {
		t.Fatalf("%s: %s: %v", d.file, s.Path, err)
	}
	return validator
}

func isValid(t *testing.T, validator *jsonschema.Schema, text []byte) bool {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return validator.Validate(instance) == nil
}

// propertyNames returns the names of all properties within s.
func propertyNames(s *schema.Schema) map[string]bool {
	names := map[string]bool{}
	seen := map[*schema.Schema]bool{nil: true}
	var walk func(s *schema.Schema)
	walk = func(s *schema.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, p := range s.Properties {
			names[p.Name] = true
		}
		for part := range schemaParts(s) {
			walk(part)
		}
	}
	walk(s)
	return names
}

// checkInstances wants the validator's verdict from the codecs, and all of a valid instance back but members that the schema does not know.
func checkInstances(t *testing.T, jobs []job) {
	t.Helper()
	types := map[string]bool{}
	var made, valid, more int
	for _, j := range jobs {
		if j.example != nil {
			continue
		}
		types[j.Type] = true
		made++
		if j.valid {
			valid++
		}
		if wrong := j.wrong(); wrong != "" {
			t.Error(wrong)
		}
		if len(j.Dropped) > 0 {
			more++
		}
		for _, pointer := range j.Dropped {
			if name := pointer[strings.LastIndexByte(pointer, '/')+1:]; j.known[name] {
				t.Errorf("%s: %s: %s is not written: %s", j.document.file, j.Type, pointer, j.Text)
			}
		}
	}
	measured := fmt.Sprintf("%d schemas with a Go type, %d instances, %d of them valid: no verdict differs. All valid ones come back equal, %d of them without members"+
		" that no schema describes.\n", len(types), made, valid, more)
	t.Log(measured)
	keep(t, "corpus", measured)
}

// TestSuiteAgainstValidator reads the schemas of the test suite as contracts are read, not to the letter, and wants a validator's verdict on
// instances that are made from them: the corpus has few tuples, conditions and the like.
func TestSuiteAgainstValidator(t *testing.T) {
	module := newModule(t)
	var jobs []job
	for i, g := range readGroups(t, "*.json") {
		d := &corpusDocument{file: g.file + ", " + g.Description, folder: fmt.Sprintf("d%03d", i)}
		if suiteDifferences[d.file] != "" {
			continue
		}
		dir := filepath.Join(module, d.folder)
		put(t, filepath.Join(dir, "schema.json"), string(g.Schema))
		put(t, filepath.Join(dir, "contract.yaml"), contract)
		if d.generate(t, module, filepath.Join(dir, "contract.yaml")); !d.refused() {
			jobs = append(jobs, d.instanceJobs(t)...)
		}
	}
	runJobs(t, module, jobs)
	for _, j := range jobs {
		if wrong := j.wrong(); wrong != "" {
			t.Error(wrong)
		}
	}
	t.Logf("%d instances of the suite's schemas, %d groups left out", len(jobs), len(suiteDifferences))
}

// suiteDifferences are the groups of the suite on which the validator differs, with the reason.
var suiteDifferences = map[string]string{
	"anyOf, anyOf":                 "a choice that has no Go type is checked as data, to the letter",
	"oneOf, oneOf":                 "a choice that has no Go type is checked as data, to the letter",
	"format, uri-reference format": "the validator takes spaces and letters beyond ASCII, which RFC 3986 does not have",
}
