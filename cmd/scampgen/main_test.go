package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

// TestRun runs the command lines of testdata/*.txtar, each in a folder that holds the case's files.
// A case's first part has command lines that begin with "$ scampgen", "$ cd", "$ cat" or "$ cp",
// each followed by what it prints, stdout before stderr, and the exit code if it is not 0.
func TestRun(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			name, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			want, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			t.Chdir(dir)
			unpack(t, dir, want)
			got := transcript(t, dir, string(want.Comment))
			if *update {
				want.Comment = []byte(got)
				if err := os.WriteFile(name, txtar.Format(want), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want.Comment), got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

// transcript carries out the command lines of a case and returns them with what they print.
func transcript(t *testing.T, dir, script string) string {
	t.Helper()
	var b strings.Builder
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "$" {
			if strings.HasPrefix(line, "#") {
				b.WriteString(line)
			}
			continue
		}
		b.WriteString(line)
		switch words[1] {
		case "cd":
			t.Chdir(filepath.Join(dir, words[2]))
		case "cat":
			b.Write(read(t, words[2]))
		case "cp":
			if err := os.WriteFile(words[3], read(t, words[2]), 0o600); err != nil {
				t.Fatal(err)
			}
		case "scampgen":
			var stdout, stderr bytes.Buffer
			code := run(words[2:], &stdout, &stderr)
			b.WriteString(normal(dir, stdout.String()+stderr.String()))
			if code != 0 {
				fmt.Fprintf(&b, "exit %d\n", code)
			}
		default:
			t.Fatalf("there is no command %q", words[1])
		}
	}
	return b.String()
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

var versionLine = regexp.MustCompile(`(?m)^scampgen \S+ \(` + regexp.QuoteMeta(runtime.Version()) + `\)$`)

// normal takes out of an output what differs between machines.
func normal(dir, output string) string {
	output = strings.ReplaceAll(output, dir, "DIR")
	return versionLine.ReplaceAllString(output, "scampgen VERSION (GOVERSION)")
}

func unpack(t *testing.T, dir string, archive *txtar.Archive) {
	t.Helper()
	for _, file := range archive.Files {
		name := filepath.Join(dir, file.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, file.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}
