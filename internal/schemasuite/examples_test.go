//go:build !race

package schemasuite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

const anyType = "payload.Raw" // what a payload becomes of which the contract says nothing

// exampleJobs returns the examples of the document's messages and types, those of other formats than JSON apart.
func (d *corpusDocument) exampleJobs(t *testing.T) []job {
	t.Helper()
	if d.refused() {
		return nil
	}
	var jobs []job
	for s, typ := range d.types {
		for _, e := range s.Examples {
			jobs = append(jobs, d.exampleJob(t, s, typ, e))
		}
	}
	for _, m := range messages(d.doc) {
		if m.ContentType != "" && !strings.Contains(m.ContentType, "json") {
			continue // a string or a []byte
		}
		for _, e := range m.Examples {
			switch {
			case e.Payload == nil:
			case d.types[m.Payload] != "":
				jobs = append(jobs, d.exampleJob(t, m.Payload, d.types[m.Payload], e.Payload))
			default:
				jobs = append(jobs, d.exampleJob(t, m.Payload, anyType, e.Payload))
			}
		}
	}
	return jobs
}

func (d *corpusDocument) exampleJob(t *testing.T, s *schema.Schema, typ string, example *source.Value) job {
	t.Helper()
	text, err := json.Marshal(plain(example))
	if err != nil {
		t.Fatal(err)
	}
	j := job{document: d, example: example, valid: true, Type: typ, Text: string(text)}
	if s != nil {
		j.valid = isValid(t, validatorOf(t, d, s), text)
	}
	return j
}

// checkExamples wants all examples that are valid to come back equal, and those that are not to have been reported.
func checkExamples(t *testing.T, documents []*corpusDocument, jobs []job) {
	t.Helper()
	var refused, examples, equal, incomplete, invalid int
	for _, d := range documents {
		if d.refused() {
			refused++
		}
	}
	for _, j := range jobs {
		if j.example == nil {
			continue
		}
		examples++
		switch {
		case j.wrong() != "":
			t.Error(j.wrong())
		case !j.valid && !j.reported():
			t.Errorf("%s: %s: nothing is said of the example %s: %s", j.document.file, j.Type, j.Text, j.Error)
		case !j.valid:
			invalid++
			t.Logf("%s: %s: refused: %s: %s", j.document.file, j.Type, j.Error, j.Text)
		case len(j.Dropped) > 0:
			incomplete++
			t.Errorf("%s: %s: not written: %v of %s", j.document.file, j.Type, j.Dropped, j.Text)
		default:
			equal++
		}
	}
	measured := fmt.Sprintf("%d valid documents, of which %d are refused by name. The others have %d examples of payloads: %d come back equal, %d without a"+
		" member; %d are not what their own schemas allow: both validator and codec refuse them, and generating warns of each.\n",
		len(documents), refused, examples, equal, incomplete, invalid)
	t.Log(measured)
	keep(t, "examples", measured)
}

// reported says whether generating has warned of the example.
func (j job) reported() bool {
	return slices.ContainsFunc(j.document.problems, func(p source.Problem) bool {
		return strings.HasPrefix(p.Message, "the schema does not allow") && p.File == j.example.File && p.Line >= j.example.Line
	})
}

// keep holds what was measured against docs/schemas.md when all of it was.
func keep(t *testing.T, name, measured string) {
	t.Helper()
	if !testing.Short() && !t.Failed() {
		checkPage(t, name, measured)
	}
}
