//go:build !race

package schemasuite

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
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

// checkPage holds the table between the marks called name in docs/schemas.md against what was measured.
func checkPage(t *testing.T, name, content string) {
	t.Helper()
	const page = "../../docs/schemas.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, okBegin := strings.Cut(string(text), begin)
	had, after, okEnd := strings.Cut(rest, end)
	if !okBegin || !okEnd {
		t.Fatalf("%s has no place for %s", page, name)
	}
	if had == content {
		return
	}
	if !*update {
		t.Errorf("%s is not as measured for %s: run make schema-suite UPDATE=1. Measured:\n%s", page, name, content)
		return
	}
	if err := os.WriteFile(page, []byte(before+begin+content+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
