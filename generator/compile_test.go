package generator

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// A runtime that is older than the generator does not compile, and the compiler's message leads to
// the comment that says what to do.
func TestOldRuntime(t *testing.T) {
	module := newModule(t, "example.com/golden")
	for name, content := range goldenCases(t)["queue"].out {
		put(t, filepath.Join(module, "queue", "out", name), content)
	}
	version, err := filepath.Abs("../runtime/version.go")
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.ReplaceAll(content, []byte("IsAtLeastVersion0_1_0"), []byte("IsAtLeastVersion0_0_1"))
	var errs []string
	for _, err := range compile(t, module, map[string][]byte{version: old}) {
		file, message, _ := strings.Cut(err.Error(), ": ")
		file, _, _ = strings.Cut(filepath.Base(file), ":")
		errs = append(errs, file+": "+message)
	}
	if want := "queue.gen.go: undefined: runtime.IsAtLeastVersion0_1_0"; len(errs) != 1 || errs[0] != want {
		t.Errorf("the compiler says %q, wanted %q", errs, want)
	}
}

// typeCheck reports what of a module does not compile.
func typeCheck(t *testing.T, module string) {
	t.Helper()
	for _, err := range compile(t, module, nil) {
		t.Error(err)
	}
}

// compile loads every package of a module, with the files of overlay instead of those on disk, and
// returns what is wrong with them and all that they import.
func compile(t *testing.T, module string, overlay map[string][]byte) []error {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir:  module, Overlay: overlay, Tests: true,
	}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded) == 0 {
		t.Fatalf("there are no packages in %s", module)
	}
	var errs []error
	packages.Visit(loaded, nil, func(p *packages.Package) {
		for _, err := range p.Errors {
			errs = append(errs, err)
		}
	})
	return errs
}
