package asyncapi_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

const corpus = "../../shared/corpus"

// A corpusEntry is one line of the corpus's manifest: a document and what the official validator
// says of it.
type corpusEntry struct {
	file, folder, version string
	expected              string // of documents in bad: what their authors say
	valid, selfContained  bool
}

func readCorpus(t *testing.T) []corpusEntry {
	t.Helper()
	manifest, err := os.Open(filepath.Join(corpus, "manifest.tsv"))
	if err != nil {
		t.Skipf("without the corpus of public contracts (%v)", err)
	}
	defer manifest.Close()
	r := csv.NewReader(manifest)
	r.Comma, r.LazyQuotes = '\t', true
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	file, version, valid, netErrors := column("file"), column("version"), column("valid"), column("netErrors")
	expected := column("expected")
	var entries []corpusEntry
	for _, row := range rows[1:] {
		entries = append(entries, corpusEntry{
			file: row[file], folder: corpusFolder(row[file]), version: row[version], expected: row[expected],
			valid: row[valid] == "valid", selfContained: row[netErrors] == "0",
		})
	}
	return entries
}

// corpusFolder returns the first part of a file's name, the first two of a file in bad.
func corpusFolder(file string) string {
	parts := strings.SplitN(file, "/", 3)
	if parts[0] == "bad" {
		return path.Join(parts[:2]...)
	}
	return parts[0]
}

// Every valid document of the corpus that is complete without other files and addresses must load
// without a mistake, and no document at all may crash.
func TestCorpus(t *testing.T) {
	type tally struct{ documents, valid, loaded, missing, wrong, unsupported, warned, invalid, found int }
	folders := map[string]*tally{}
	for _, e := range readCorpus(t) {
		n := folders[e.folder]
		if n == nil {
			n = &tally{}
			folders[e.folder] = n
		}
		_, problems := asyncapi.Load(filepath.Join(corpus, e.file), source.Options{})
		n.documents++
		mistakes, missing, unsupported := countProblems(problems)
		switch {
		case !e.valid:
			n.invalid++
			if mistakes+missing > 0 {
				n.found++
			}
			continue
		case mistakes > 0 && disagrees(e.file) != nil:
			n.found++
		case mistakes > 0 && e.selfContained:
			n.wrong++
			t.Errorf("%s is valid, reported:\n%v", e.file, problems)
		case missing > 0:
			n.missing++
		default:
			n.loaded++
		}
		n.valid++
		if unsupported {
			n.unsupported++
		}
		if len(problems) > 0 && !problems.Fatal() {
			n.warned++
		}
	}
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "folder\tdocuments\tvalid\tloaded\tfiles missing\twrongly reported\tunsupported\twarnings only\tinvalid\treported\t")
	for _, name := range slices.Sorted(maps.Keys(folders)) {
		n := folders[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n",
			name, n.documents, n.valid, n.loaded, n.missing, n.wrong, n.unsupported, n.warned, n.invalid, n.found)
	}
	_ = w.Flush() // a strings.Builder takes everything
	t.Logf("the corpus:\n%s", table.String())
}

// countProblems counts mistakes, apart from references to files that the corpus has not got.
func countProblems(problems source.Problems) (mistakes, missing int, unsupported bool) {
	for _, p := range problems {
		switch {
		case p.Severity == source.Unsupported:
			unsupported = true
		case p.Severity == source.Warning:
		case strings.Contains(p.Message, "there is no file"), strings.Contains(p.Message, "is not fetched"), strings.Contains(p.Message, "outside the contract's folder"):
			missing++
		default:
			mistakes++
		}
	}
	return mistakes, missing, unsupported
}
