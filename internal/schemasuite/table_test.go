//go:build !race

package schemasuite

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/docpage"
)

// A table counts the tests of each file of the suite.
type table struct {
	rows          []row
	passed, total int
	wrong         []string       // verdicts that are not the suite's
	refused       map[string]int // tests by the name of what is not supported
}

type row struct {
	file                    string
	groups, tests           int
	passed, failed, refused int
}

func newTable(groups []group, verdicts [][]verdict) table {
	t := table{refused: map[string]int{}}
	for i, g := range groups {
		at, found := slices.BinarySearchFunc(t.rows, g.file, func(r row, file string) int { return cmp.Compare(r.file, file) })
		if !found {
			t.rows = slices.Insert(t.rows, at, row{file: g.file})
		}
		r := &t.rows[at]
		r.groups++
		r.tests += len(g.Tests)
		t.total += len(g.Tests)
		if g.refused != "" {
			r.refused += len(g.Tests)
			t.refused[g.refused] += len(g.Tests)
			continue
		}
		for j, instance := range g.Tests {
			if wrong := compare(instance, verdicts[i][j]); wrong != "" {
				r.failed++
				t.wrong = append(t.wrong, fmt.Sprintf("%s, %s, %s: %s of %s", g.file, g.Description, instance.Description, wrong, instance.Data))
			} else {
				r.passed++
				t.passed++
			}
		}
	}
	return t
}

// compare says what is wrong with a verdict, "" for nothing.
func compare(instance test, v verdict) string {
	switch {
	case strings.HasPrefix(v.Error, "panic"):
		return v.Error
	case instance.Valid && v.Error != "":
		return "a refusal (" + v.Error + ")"
	case !instance.Valid && v.Error == "":
		return "an acceptance"
	case v.Validate != "":
		return "a refusal by Validate alone (" + v.Validate + ")"
	case v.Again != "":
		return "a refusal after a round trip (" + v.Again + ")"
	}
	return ""
}

// String returns the table in Markdown.
func (t table) String() string {
	var b strings.Builder
	b.WriteString("| keyword | schemas | tests | passed | failed | refused by name |\n|---|---|---|---|---|---|\n")
	sum := row{file: "all"}
	for _, r := range t.rows {
		r.write(&b)
		sum.groups += r.groups
		sum.tests += r.tests
		sum.passed += r.passed
		sum.failed += r.failed
		sum.refused += r.refused
	}
	sum.write(&b)
	names := make([]string, 0, len(t.refused))
	for name := range t.refused {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		if i == 0 {
			b.WriteString("\nRefused: ")
		} else {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%d)", name, t.refused[name])
	}
	if len(names) > 0 {
		b.WriteString(".\n")
	}
	return b.String()
}

func (r row) write(b *strings.Builder) {
	fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d |\n", r.file, r.groups, r.tests, r.passed, r.failed, r.refused)
}

// checkPage holds a part of docs/schemas.md against what was measured.
func checkPage(t *testing.T, name, measured string) {
	t.Helper()
	docpage.Check(t, "../../docs/schemas.md", name, measured, "make schema-suite UPDATE=1", *update)
}
