package faults_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// A table collects the rows of a matrix and prints them when its tests have ended.
type table struct {
	columns []string // those that end in a colon hold numbers

	mu   sync.Mutex
	rows [][]any
}

func newTable(columns ...string) *table { return &table{columns: columns} }

// add adds a row: a cell for each column.
func (b *table) add(cells ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, cells)
}

// print writes the table, in Markdown, to the test's log.
func (b *table) print(t *testing.T) {
	t.Helper()
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
	t.Log("\n" + out.String())
}
