// Package docpage holds the tables of the documentation against what tests find. A table that has a
// test is the part of a page between two comments:
//
//	<!-- begin NAME -->
//	<!-- end NAME -->
package docpage

import (
	"os"
	"strings"
	"testing"
)

// Part returns a part of a page. It ends the test if the page has no such part.
func Part(t *testing.T, page, name string) string {
	t.Helper()
	_, part, _ := split(t, page, name)
	return part
}

// Check fails the test if a part of a page is not what is wanted, and says which command writes it
// again. With update it writes the page instead.
func Check(t *testing.T, page, name, want, command string, update bool) {
	t.Helper()
	before, got, after := split(t, page, name)
	if got == want {
		return
	}
	if !update {
		t.Errorf("%s: part %s is out of date: run %s. It has\n%s\nwanted\n%s", page, name, command, got, want)
		return
	}
	if err := os.WriteFile(page, []byte(before+want+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// split returns a page in three: up to the comment that begins a part, the part, and the rest.
func split(t *testing.T, page, name string) (before, part, after string) {
	t.Helper()
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
	before, rest, begins := strings.Cut(string(content), begin)
	part, after, ends := strings.Cut(rest, end)
	if !begins || !ends {
		t.Fatalf("%s has no part %s", page, name)
	}
	return before + begin, part, end + after
}
