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
