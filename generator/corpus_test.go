//go:build !race

package generator

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/internal/docpage"
)

// corpusFolder has public AsyncAPI documents and, in manifest.tsv, the verdict of the official
// validator. It is no part of this project.
const corpusFolder = "../../shared/corpus"

// The targets: the share of the valid documents of corpusFolders that must generate packages that
// compile, and that of the documents named invalid that must be reported.
const (
	corpusTarget = 0.95
	reportTarget = 0.80
)

var corpusFolders = []string{"amqp-real", "spec-v2", "spec-v3"}

// A corpusDocument is one document, what the validator says of it and what scampgen does with it.
type corpusDocument struct {
	file     string
	folder   string // amqp-real; of the broken documents two levels: bad/tck
	valid    bool
	whole    bool            // it needs nothing from the network
	named    bool            // its author calls it invalid, whatever the validator says
	found    source.Problems // by reading it, as validate does
	problems source.Problems // by generating from it
	err      error           // a bug, or a crash

	servers []string // those that speak amqp and have neither a function nor a problem that says why

	module   string // the folder of its packages in the test's module
	hasAMQP  bool   // a channel of it is RabbitMQ's, by its servers or its bindings
	packages int
	clients  int    // those of the packages that are neither messages nor servers
	broken   string // the first thing that does not compile
}

// TestCorpus generates from every document of the corpus, compiles what comes out and holds the
// counts against the targets and against the table in docs/contract.md. The race detector makes of its seconds a minute, and looks at
// generating in the other tests: make test runs this one without it.
func TestCorpus(t *testing.T) {
	documents := readCorpus(t)
	if testing.Short() {
		documents = everyNth(documents, 10)
	}
	module := newModule(t, "example.com/corpus")
	for i := range documents {
		documents[i].module = fmt.Sprintf("d%03d", i)
		documents[i].generate(t, module)
	}
	compileAll(t, module, documents)

	table, warnings := corpusTable(documents)+"\n"+refusals(documents), warningTable(t, documents)
	t.Log("\n" + table + "\n" + warnings)
	checkCorpus(t, documents)
	if !testing.Short() {
		docpage.Check(t, "../docs/contract.md", "corpus", table, "make golden", *update)
		docpage.Check(t, "../docs/contract.md", "warnings", warnings, "make golden", *update)
	}
}

func readCorpus(t *testing.T) []corpusDocument {
	t.Helper()
	file, err := os.Open(filepath.Join(corpusFolder, "manifest.tsv"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the corpus is not there: put it in %s", corpusFolder)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes = '\t', true
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	var documents []corpusDocument
	for _, row := range rows[1:] {
		d := corpusDocument{
			file:  column(row, "file"),
			valid: column(row, "valid") == "valid",
			whole: column(row, "netErrors") == "0",
			named: column(row, "kind") == "tck-invalid",
		}
		parts := strings.Split(d.file, "/")
		d.folder = parts[0]
		if d.folder == "bad" {
			d.folder = path.Join(parts[:2]...)
		}
		documents = append(documents, d)
	}
	return documents
}

func everyNth(documents []corpusDocument, n int) []corpusDocument {
	var some []corpusDocument
	for i := 0; i < len(documents); i += n {
		some = append(some, documents[i])
	}
	return some
}

// generate fills in what scampgen does with the document, and writes the packages of a valid one.
func (d *corpusDocument) generate(t *testing.T, module string) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			d.err = fmt.Errorf("panic: %v", p)
		}
	}()
	dir := filepath.Join(module, d.module)
	contract := filepath.Join(corpusFolder, d.file)
	var doc *asyncapi.Document
	doc, d.found = load(Config{Contract: contract, AllowOutside: true})
	var output Output
	output, d.problems, d.err = Generate(Config{Contract: contract, Out: dir, AllowOutside: true})
	if validated := Validate(Config{Contract: contract, AllowOutside: true}); linesOf(validated) != linesOf(d.problems) {
		t.Errorf("%s: generate says\n%s\nvalidate says\n%s", d.file, linesOf(d.problems), linesOf(validated))
	}
	if d.err != nil || d.problems.Fatal() || !d.valid {
		return
	}
	d.findServers(doc, output)
	d.hasAMQP = slices.ContainsFunc(doc.Channels, func(c *asyncapi.Channel) bool {
		return c.AMQP != nil || slices.ContainsFunc(c.Servers, (*asyncapi.Server).IsAMQP) || len(c.Servers) == 0 && slices.ContainsFunc(doc.Servers, (*asyncapi.Server).IsAMQP)
	})
	folders := map[string]bool{}
	for _, file := range output.Files {
		put(t, filepath.Join(dir, file.Name), string(file.Content))
		folders[path.Dir(file.Name)] = true
	}
	d.packages = len(folders)
	delete(folders, "messages")
	delete(folders, "servers")
	d.clients = len(folders)
}

// findServers looks for a function for each server that speaks amqp, or for a problem that says why
// there is none.
func (d *corpusDocument) findServers(doc *asyncapi.Document, output Output) {
	var code string
	for _, file := range output.Files {
		if file.Name == "servers/servers.gen.go" {
			code = string(file.Content)
		}
	}
	for _, s := range doc.Servers {
		function := regexp.MustCompile(`(?m)^\t\tName: +` + regexp.QuoteMeta(strconv.Quote(s.Name)) + `,$`)
		said := fmt.Sprintf("no function connects to server %q: ", s.Name)
		isSaid := slices.ContainsFunc(d.problems, func(p source.Problem) bool { return strings.HasPrefix(p.Message, said) })
		if s.IsAMQP() && !isSaid && !function.MatchString(code) {
			d.servers = append(d.servers, s.Name)
		}
	}
}

// accepted reports whether validate finds nothing wrong with the contract; what is not supported is
// another matter.
func (d *corpusDocument) accepted() bool { return d.err == nil && !hasMistake(d.found) }

func hasMistake(problems source.Problems) bool {
	return slices.ContainsFunc(problems, func(p source.Problem) bool { return p.Severity == source.Mistake })
}

func (d *corpusDocument) generated() bool { return d.err == nil && !d.problems.Fatal() }

// compiled reports whether there are clients, and everything compiles.
func (d *corpusDocument) compiled() bool { return d.generated() && d.clients > 0 && d.broken == "" }

// compileAll notes with each document the first thing in its packages that does not compile. The
// packages of every tenth document are vetted too: that takes ten times as long, and what it finds
// would be in all documents.
func compileAll(t *testing.T, module string, documents []corpusDocument) {
	t.Helper()
	folders := map[string]*corpusDocument{}
	for i := range documents {
		folders[documents[i].module] = &documents[i]
	}
	note := func(problem string) {
		folder, problem, _ := strings.Cut(strings.TrimPrefix(problem, module+"/"), "/")
		d := folders[folder]
		if d == nil {
			t.Fatalf("outside of the documents' packages: %s/%s", folder, problem)
		}
		d.broken = cmp.Or(d.broken, problem)
	}
	for _, err := range compile(t, module, nil) {
		note(err.Error())
	}
	for _, problem := range vet(t, module, everyNth(documents, 10)) {
		note(problem)
	}
}

var vetLine = regexp.MustCompile(`(?m)^(?:vet: )?(?:\./)?(d\d+/.*)$`)

// vet vets the packages of documents in one run, and returns what is wrong with them.
func vet(t *testing.T, module string, documents []corpusDocument) []string {
	t.Helper()
	arguments := []string{"vet"}
	for _, d := range documents {
		if d.packages > 0 {
			arguments = append(arguments, "./"+d.module+"/...")
		}
	}
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Dir = module
	out, err := command.CombinedOutput()
	if err == nil {
		return nil
	}
	var problems []string
	for _, match := range vetLine.FindAllSubmatch(out, -1) {
		problems = append(problems, string(match[1]))
	}
	if problems == nil {
		t.Fatalf("go vet: %v\n%s", err, out)
	}
	return problems
}

// checkCorpus holds what was found against what is promised.
func checkCorpus(t *testing.T, documents []corpusDocument) {
	t.Helper()
	valid, compiled := 0, 0
	for _, d := range documents {
		switch {
		case d.err != nil:
			t.Errorf("%s: %v", d.file, d.err)
		case !d.valid || !d.whole || d.named:
			continue
		case hasMistake(d.found), hasMistake(d.problems) && !strings.HasPrefix(d.folder, "bad/"):
			// In bad/ a valid document may have two messages that would have one Go name.
			t.Errorf("%s: a valid document is called wrong:\n%v", d.file, d.problems)
		case d.generated() && d.hasAMQP && d.clients == 0:
			t.Errorf("%s: a channel of AMQP gives no package:\n%v", d.file, d.problems)
		case d.generated() && d.broken != "":
			t.Errorf("%s: what was generated does not compile: %s", d.file, d.broken)
		}
		for _, p := range d.problems {
			if hasNoWayOut(p) {
				t.Errorf("%s: a warning without a way out: %s", d.file, p)
			}
		}
		if len(d.servers) > 0 {
			t.Errorf("%s: the servers %q have no function, and nothing says why", d.file, d.servers)
		}
		if slices.Contains(corpusFolders, d.folder) {
			valid++
			compiled += count(d.compiled())
		}
	}
	if share := float64(compiled) / float64(max(valid, 1)); share < corpusTarget {
		t.Errorf("%d of %d valid documents of %v generate packages that compile, %.0f %%; the target is %.0f %%",
			compiled, valid, corpusFolders, 100*share, 100*corpusTarget)
	}
}

// namedInvalid counts the documents that their authors call invalid, and those of them that are
// reported.
func namedInvalid(documents []corpusDocument) (reported, all int) {
	for _, d := range documents {
		all += count(d.named)
		reported += count(d.named && !d.accepted())
	}
	return reported, all
}

// corpusTable counts, by folder, what became of the documents.
func corpusTable(documents []corpusDocument) string {
	var folders []string
	for _, d := range documents {
		folders = append(folders, d.folder)
	}
	slices.Sort(folders)
	var b strings.Builder
	b.WriteString("| folder | documents | valid | of these accepted | refused by name | nothing to generate | of these with a channel of AMQP | generated | compiled | packages | invalid | of these reported |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, folder := range slices.Compact(folders) {
		var n struct{ documents, valid, accepted, refused, nothing, lost, generated, compiled, packages, invalid, reported int }
		for _, d := range documents {
			if d.folder != folder {
				continue
			}
			n.documents++
			if !d.valid {
				n.invalid++
				n.reported += count(!d.accepted())
				continue
			}
			n.valid++
			n.accepted += count(d.accepted())
			n.refused += count(d.accepted() && !d.generated())
			n.nothing += count(d.generated() && d.clients == 0)
			n.lost += count(d.generated() && d.clients == 0 && d.hasAMQP)
			n.generated += count(d.generated() && d.clients > 0)
			n.compiled += count(d.compiled())
			n.packages += d.packages
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", folder, n.documents, n.valid, n.accepted,
			n.refused, n.nothing, n.lost, n.generated, n.compiled, n.packages, n.invalid, n.reported)
	}
	reported, all := namedInvalid(documents)
	fmt.Fprintf(&b, "\nOf the %d documents of bad/tck that their authors call invalid, %d are reported.\n", all, reported)
	return b.String()
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// refusals lists the valid documents from which nothing is generated, each with the reason that users
// see first.
func refusals(documents []corpusDocument) string {
	var b strings.Builder
	b.WriteString("| valid document that is refused | why |\n|---|---|\n")
	for _, d := range documents {
		if !d.valid || d.err != nil || d.generated() {
			continue
		}
		fatal := slices.DeleteFunc(slices.Clone(d.problems), func(p source.Problem) bool { return p.Severity == source.Warning })
		why := fatal[0].Message
		if feature := fatal[0].Feature; feature != "" {
			why += " (" + feature + ")"
		}
		fmt.Fprintf(&b, "| %s | %s |\n", d.file, why)
	}
	return b.String()
}
