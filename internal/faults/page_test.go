package faults_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/docpage"
)

var update = flag.Bool("update", false, "write the tables of docs/guarantees.md again, from docs/faults")

// TestPage holds the tables of docs/guarantees.md against those of docs/faults. The page has a line for
// each fault: the sums of its rows on all topologies and versions, and the longest silences.
func TestPage(t *testing.T) {
	paths, err := filepath.Glob("../../docs/faults/*.md")
	if err != nil || len(paths) == 0 {
		t.Fatalf("docs/faults has no tables: %v", err)
	}
	summaries := map[string]*summary{}
	for _, path := range paths {
		file := strings.TrimSuffix(filepath.Base(path), ".md")
		name, version := file[:strings.LastIndex(file, "-")], file[strings.LastIndex(file, "-")+1:]
		if summaries[name] == nil {
			summaries[name] = &summary{figures: map[string]*figures{}}
		}
		summaries[name].read(t, version, path)
	}
	for name, s := range summaries {
		docpage.Check(t, "../../docs/guarantees.md", name, s.markdown(), "go test ./internal/faults -run '^TestPage$' -update", *update)
	}
}

// A summary is a table of the page.
type summary struct {
	versions []string
	faults   []string // in the order of the files
	figures  map[string]*figures
	done     string // the column with the good messages: acked, handled
	again    string // the column with those that came twice: duplicated, handled again
}

// figures are what the rows of a fault come to.
type figures struct {
	rows, done, lost, again int
	alone, pair             map[string]time.Duration // the longest silence, by version
}

// read adds a file.
func (s *summary) read(t *testing.T, version, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.versions = append(s.versions, version)
	var columns []string
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		switch {
		case !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|-"):
		case columns == nil:
			columns = cells
		default:
			row := map[string]string{}
			for i, column := range columns {
				row[column] = cells[i]
			}
			s.add(t, version, row)
		}
	}
}

// add adds a row, given by its columns.
func (s *summary) add(t *testing.T, version string, row map[string]string) {
	t.Helper()
	s.done, s.again = "acked", "duplicated"
	if _, consumers := row["handled"]; consumers {
		s.done, s.again = "handled", "handled again"
	}
	fault := row["fault"]
	if queue := row["queue"]; queue != "" {
		fault += ", " + queue + " queue"
	}
	f := s.figures[fault]
	if f == nil {
		f = &figures{alone: map[string]time.Duration{}, pair: map[string]time.Duration{}}
		s.figures[fault] = f
		s.faults = append(s.faults, fault)
	}
	number := func(column string) int {
		n, err := strconv.Atoi(row[column])
		if err != nil {
			t.Fatalf("%s, %s: %v", version, fault, err)
		}
		return n
	}
	silence, err := time.ParseDuration(row["longest silence"])
	if err != nil {
		t.Fatalf("%s, %s: %v", version, fault, err)
	}
	f.rows++
	f.done += number(s.done)
	f.lost += number("lost")
	f.again += number(s.again)
	side := f.alone
	if strings.HasPrefix(row["topology"], activePassive) {
		side = f.pair
	}
	side[version] = max(side[version], silence)
}

// markdown returns the table in Markdown.
func (s *summary) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| fault | rows | %s | lost | %s |", s.done, s.again)
	for _, version := range s.versions {
		fmt.Fprintf(&b, " silence, %s | of a pair |", version)
	}
	fmt.Fprintf(&b, "\n|---|%s\n", strings.Repeat("---:|", 4+2*len(s.versions)))
	for _, fault := range s.faults {
		f := s.figures[fault]
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |", fault, f.rows, f.done, f.lost, f.again)
		for _, version := range s.versions {
			fmt.Fprintf(&b, " %s | %s |", longest(f.alone, version), longest(f.pair, version))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// longest returns the text of a silence, or a dash if no row has one.
func longest(silences map[string]time.Duration, version string) string {
	silence, measured := silences[version]
	if !measured {
		return "-"
	}
	return cmp.Or(silence.Round(10*time.Millisecond), silence).String()
}
