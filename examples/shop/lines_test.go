package shop_test

import (
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLinesOfPrograms counts what a program needs beside its business: all lines, imports too, that
// have more than a comment, of the program and of each package of this module that it uses, except
// those that are business or generated. What two programs share counts for each.
func TestLinesOfPrograms(t *testing.T) {
	root, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"api", "worker"} {
		list := exec.Command("go", "list", "-deps", "-f", "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}", "./"+program)
		files, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		total, business := 0, []string{"internal/ordering", "internal/fulfilment", "clients"}
		for file := range strings.FieldsSeq(string(files)) {
			name, inModule := strings.CutPrefix(file, root+"/")
			if inModule && !slices.ContainsFunc(business, func(folder string) bool { return strings.HasPrefix(name, folder+"/") }) {
				lines := linesOf(t, file)
				t.Logf("%s: %d lines of %s", program, lines, name)
				total += lines
			}
		}
		if total == 0 || total > 40 {
			t.Errorf("%s has %d lines that are not business, want at most 40", program, total)
		}
	}
}

// linesOf returns how many lines of a file have more than a comment.
func linesOf(t *testing.T, name string) int {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	file := token.NewFileSet().AddFile(name, -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, nil, 0)
	lines := make(map[int]bool)
	for {
		position, kind, literal := s.Scan()
		if kind == token.EOF {
			return len(lines)
		}
		if kind == token.SEMICOLON && literal == "\n" {
			continue // is not written
		}
		first := file.Line(position)
		for i := range 1 + strings.Count(literal, "\n") {
			lines[first+i] = true
		}
	}
}
