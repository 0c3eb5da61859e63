package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestPrint(t *testing.T) {
	tests := []struct {
		found, lines int
		all          bool
		last         string
	}{
		{found: 1, lines: 1, last: "a.yaml:1:1: x"},
		{found: 100, lines: 100, last: "a.yaml:100:1: x"},
		{found: 101, lines: 101, last: "scampgen: and 1 more; print all with -all"},
		{found: 101, lines: 101, all: true, last: "a.yaml:101:1: x"},
		{found: source.MaxProblems, lines: 101, last: "scampgen: and at least 9900 more; print all with -all"},
		{found: source.MaxProblems, lines: source.MaxProblems + 1, all: true, last: "scampgen: there may be more problems; correct these first"},
	}
	for _, test := range tests {
		var problems source.Problems
		for i := range test.found {
			problems = append(problems, source.Problem{Position: source.Position{File: "a.yaml", Line: i + 1, Column: 1}, Message: "x"})
		}
		var stderr bytes.Buffer
		findings{all: test.all}.print(&stderr, problems)
		lines := strings.Split(strings.TrimSuffix(stderr.String(), "\n"), "\n")
		if last := lines[len(lines)-1]; len(lines) != test.lines || last != test.last {
			t.Errorf("%d problems: %d lines, the last %q, wanted %d and %q", test.found, len(lines), last, test.lines, test.last)
		}
	}
}

// Warnings that say the same are one line without -all. Mistakes keep a line each.
func TestPrintFolded(t *testing.T) {
	at := func(line int, severity source.Severity, message string) source.Problem {
		return source.Problem{Position: source.Position{File: "a.yaml", Line: line, Column: 1}, Severity: severity, Message: message}
	}
	problems := source.Problems{
		at(5, source.Warning, "x"), at(1, source.Warning, "x"), at(2, source.Mistake, "y"), at(3, source.Mistake, "y"), at(4, source.Warning, "x"), at(6, source.Warning, "z"), at(7, source.Warning, "z"),
	}
	var stderr bytes.Buffer
	findings{}.print(&stderr, problems)
	want := "a.yaml:1:1: warning: x (and in 2 more places)\na.yaml:2:1: y\na.yaml:3:1: y\na.yaml:6:1: warning: z (and in 1 more place)\n"
	if stderr.String() != want {
		t.Errorf("got\n%s\nwant\n%s", stderr.String(), want)
	}
}
