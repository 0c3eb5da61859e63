package asyncapi_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/examples"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// A disagreement is a class of documents that scampgen and the official validator judge
// differently, with the reason.
type disagreement struct {
	reason string
	files  []string // by their names in the corpus, or a part of them from a slash to a slash or to the end
}

// disagreements are all there may be. One that no document shows any more must be removed.
var disagreements = []disagreement{
	{
		"2.x: only oauth2 and openIdConnect have scopes, and the specification wants the list of others empty; the validator does not look",
		[]string{"bad/tck/asyncapi-2.0/Security_Requirement_Object"},
	},
	{
		"2.x: the specification allows a reference to a trait in components, the validator's schema does not",
		[]string{
			"bad/tck/asyncapi-2.0/Reference_Object/valid-external-ref-messageTraits.yaml",
			"bad/tck/asyncapi-2.0/Reference_Object/valid-external-ref-operationTraits.yaml",
		},
	},
	{
		"2.x: the payload is a reference to a schema of OpenAPI, which the validator does not allow there",
		[]string{
			"bad/tck/asyncapi-2.0/Message_Object/Payloads/valid-optional-oas-schema-object-json.yaml",
			"bad/tck/asyncapi-2.0/Message_Object/Payloads/valid-optional-oas-schema-object-yaml.yaml",
		},
	},
	{
		"a schema of Avro behind a remote reference, as a payload or in a binding of Kafka: not fetched, as neither is read",
		[]string{"adeo-kafka-request-reply-asyncapi.yml"},
	},
}

// validate returns all that is wrong with a contract, its examples included.
func validate(file string) source.Problems {
	d, problems := asyncapi.Load(file, source.Options{AllowOutside: true})
	if d == nil {
		return problems
	}
	return append(problems, examples.Check(d)...).Sorted()
}

// disagrees returns the class of disagreements that a document belongs to, nil when it belongs to
// none.
func disagrees(file string) *disagreement {
	for i, d := range disagreements {
		if slices.ContainsFunc(d.files, func(part string) bool { return strings.Contains("/"+file+"/", "/"+part+"/") }) {
			return &disagreements[i]
		}
	}
	return nil
}

// A verdict counts what scampgen says of documents.
type verdict struct{ documents, refused, warned int }

func (v *verdict) count(problems source.Problems) {
	v.documents++
	mistakes, missing, _ := countProblems(problems)
	switch {
	case mistakes+missing > 0:
		v.refused++
	case len(problems) > 0:
		v.warned++
	}
}

func (v *verdict) accepted() int { return v.documents - v.refused }

func percent(part, whole int) string {
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(max(whole, 1)))
}

// Every document is judged as the official validator judges it, except for the disagreements above.
func TestVerdicts(t *testing.T) {
	type row struct{ valid, invalid verdict }
	folders, shown := map[string]*row{}, map[string]int{}
	for _, e := range readCorpus(t) {
		r := folders[e.folder]
		if r == nil {
			r = &row{}
			folders[e.folder] = r
		}
		problems := validate(filepath.Join(corpus, e.file))
		of := &r.invalid
		if e.valid {
			of = &r.valid
		}
		refused := of.refused
		of.count(problems)
		if e.valid == (of.refused == refused) {
			continue
		}
		d := disagrees(e.file)
		if d == nil {
			t.Errorf("%s: the official validator says valid=%t, scampgen says:\n%v", e.file, e.valid, problems)
			continue
		}
		shown[d.reason]++
	}
	for _, d := range disagreements {
		if shown[d.reason] == 0 {
			t.Errorf("no document shows the disagreement any more: %s", d.reason)
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "folder\tofficially valid\taccepted\tofficially invalid\trefused\t")
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		r := folders[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t\n", name, r.valid.documents, r.valid.accepted(), r.invalid.documents, r.invalid.refused)
	}
	_ = w.Flush() // a strings.Builder takes everything
	t.Logf("verdicts, and the disagreements in them:\n%s", table.String())
	for _, d := range disagreements {
		t.Logf("%3d %s", shown[d.reason], d.reason)
	}
}

// otherBindings begins the names of the kit's documents about bindings, which are those of amqp or
// of protocols that are not looked into.
const otherBindings, amqpBindings = "bad/tck/bindings/", "bad/tck/bindings/amqp/"

// Of the documents that AsyncAPI's technology compatibility kit names invalid, and that are not
// about the bindings of other protocols, three in four are refused and nineteen in twenty reported.
// The official validator refuses three in four too.
func TestCompatibilityKit(t *testing.T) {
	var valid, invalid verdict
	official := 0
	for _, e := range readCorpus(t) {
		if e.folder != "bad/tck" || strings.HasPrefix(e.file, otherBindings) && !strings.HasPrefix(e.file, amqpBindings) {
			continue
		}
		of := map[string]*verdict{"valid": &valid, "invalid": &invalid}[e.expected]
		if of == nil {
			continue
		}
		if e.expected == "invalid" && !e.valid {
			official++
		}
		refused, warned := of.refused, of.warned
		problems := validate(filepath.Join(corpus, e.file))
		of.count(problems)
		switch {
		case e.expected == "valid" && of.refused > refused:
			t.Logf("named valid, refused:\n%v", problems)
		case e.expected == "invalid" && of.refused == refused && of.warned == warned:
			t.Logf("named invalid, not reported: %s", e.file)
		}
	}
	t.Logf("of %d documents named invalid %d are refused (%s), %d more get a warning (%s reported); the official validator refuses %d (%s)",
		invalid.documents, invalid.refused, percent(invalid.refused, invalid.documents), invalid.warned,
		percent(invalid.refused+invalid.warned, invalid.documents), official, percent(official, invalid.documents))
	t.Logf("of %d documents named valid %d are accepted", valid.documents, valid.accepted())
	if 4*invalid.refused < 3*invalid.documents {
		t.Errorf("fewer than 75 %% of the documents named invalid are refused")
	}
	if 20*(invalid.refused+invalid.warned) < 19*invalid.documents {
		t.Errorf("fewer than 95 %% of the documents named invalid are reported")
	}
}
