package faults_test

import (
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// tables names the environment variable with the folder that complete tables are written to.
const tables = "SCAMP_TABLES"

// A table collects the rows of a matrix and publishes them when its tests have ended.
type table struct {
	name    string   // with dashes for spaces, also of its part of docs/guarantees.md
	command string   // which target of the Makefile fills it
	columns []string // those that end in a colon hold numbers
	begun   time.Time
	remark  string // below the rows

	mu   sync.Mutex
	rows [][]any
}

func newTable(name, command string, columns ...string) *table {
	return &table{name: name, command: command, columns: columns, begun: time.Now()}
}

// add adds a row: a cell for each column.
func (b *table) add(cells ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, cells)
}

// publish writes the table to the test's log, and to a file of the folder that the environment names
// if all rows are good. It asks the node which RabbitMQ that was.
func (b *table) publish(t *testing.T, node func() *rabbittest.Node) {
	t.Helper()
	text := b.markdown()
	t.Log("\n" + text)
	folder := os.Getenv(tables)
	if folder == "" || t.Failed() || len(b.rows) == 0 { // no row: the pattern of -run has left all out
		return
	}
	version := node().Version(t)
	page := fmt.Sprintf("# %s, RabbitMQ %s\n\nWritten by `make %s UPDATE=1` on %s, in %d minutes, on %d processors. [guarantees.md](../guarantees.md) says what the columns mean.\n\n%s",
		strings.ToUpper(b.name[:1])+b.name[1:], version, b.command, time.Now().Format(time.DateOnly), int(time.Since(b.begun).Minutes()),
		goruntime.NumCPU(), text)
	file := strings.ReplaceAll(b.name, " ", "-") + "-" + version + ".md"
	if err := os.WriteFile(filepath.Join(folder, file), []byte(page), 0o644); err != nil {
		t.Error(err)
	}
}

// markdown returns the table in Markdown.
func (b *table) markdown() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 1, ' ', 0)
	for _, column := range b.columns {
		fmt.Fprintf(w, "| %s\t", strings.TrimSuffix(column, ":"))
	}
	fmt.Fprintln(w, "|")
	for _, column := range b.columns {
		rule := "---"
		if strings.HasSuffix(column, ":") {
			rule = "---:"
		}
		fmt.Fprintf(w, "|%s\t", rule)
	}
	fmt.Fprintln(w, "|")
	for _, row := range b.rows {
		for _, cell := range row {
			if took, ok := cell.(time.Duration); ok {
				cell = took.Round(time.Millisecond)
			}
			fmt.Fprintf(w, "| %v\t", cell)
		}
		fmt.Fprintln(w, "|")
	}
	_ = w.Flush() // into memory
	if b.remark != "" {
		fmt.Fprintf(&out, "\n%s\n", b.remark)
	}
	return out.String()
}
