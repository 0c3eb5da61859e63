package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSection(t *testing.T) {
	const changelog = "# Changelog\n\nWords.\n\n## Unreleased: 0.2.0\n\n- new\n\n## 0.1.0\n\n### Runtime\n\n- old\n"
	for version, want := range map[string]string{"": "- new\n", "v0.1.0": "### Runtime\n\n- old\n", "v0.2.0": "", "v0.1": "", "v1.0": ""} {
		got, err := section(changelog, version)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", version, got, err)
		}
	}
}

func TestLicences(t *testing.T) {
	t.Chdir("../..")
	modules, err := dependencies()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, m := range modules {
		got[m.path] = m.licence
	}
	for path, want := range map[string]string{"github.com/rabbitmq/amqp091-go": "BSD-2-Clause", "golang.org/x/mod": "BSD-3-Clause", "github.com/dave/jennifer": "MIT"} {
		if got[path] != want {
			t.Errorf("%s has the licence %q, wanted %q", path, got[path], want)
		}
	}
	if licence := licenceOf("GNU GENERAL PUBLIC LICENSE Version 3"); licence != "" {
		t.Errorf("the GPL is taken for %q", licence)
	}
}

// The same files give the same bytes.
func TestArchives(t *testing.T) {
	files := []file{{"scampgen", 0o755, []byte("x")}, {"LICENSE", 0o644, []byte("y")}}
	for name, archive := range map[string]func([]file, time.Time) ([]byte, error){"tar": tarball, "zip": zipped} {
		first, err := archive(files, time.Unix(1e9, 0).UTC())
		if err != nil {
			t.Fatal(err)
		}
		second, err := archive(files, time.Unix(1e9, 0).UTC())
		if err != nil || !bytes.Equal(first, second) {
			t.Errorf("%s: %d and %d bytes (%v)", name, len(first), len(second), err)
		}
	}
}

// TestModules: each module that is released with the main one requires the version that is released.
func TestModules(t *testing.T) {
	root := t.TempDir()
	write := func(folder, requires string) {
		t.Helper()
		name := filepath.Join(root, folder, "go.mod")
		err := os.MkdirAll(filepath.Dir(name), 0o777)
		if err == nil {
			err = os.WriteFile(name, []byte("module m\n\nrequire (\n"+requires+"\n\tgo.uber.org/goleak v1.3.0\n)\n"), 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range nestedModules {
		write(m.folder, "\t"+self+" v0.2.0")
	}
	for version, right := range map[string]bool{"": true, "v0.2.0": true, "v0.2.1": false} {
		if err := checkModules(root, version); (err == nil) != right {
			t.Errorf("%q: %v", version, err)
		}
	}
	write("examples/shop", "\t"+self+" v0.2.0\n\t"+self+"/runtime/zstd v0.1.0")
	wanted := fmt.Sprintf("examples/shop/go.mod requires %s/runtime/zstd v0.1.0, not v0.2.0: go mod edit -require=%[1]s/runtime/zstd@v0.2.0 examples/shop/go.mod", self)
	for _, version := range []string{"", "v0.2.0"} {
		if err := checkModules(root, version); err == nil || err.Error() != wanted {
			t.Errorf("%q: got %v, want %s", version, err, wanted)
		}
	}
	if got := tags("v0.2.0"); !slices.Equal(got, []string{"v0.2.0", "runtime/scampotel/v0.2.0", "runtime/zstd/v0.2.0"}) {
		t.Errorf("tags: %q", got)
	}
}

// TestModulesAreAll finds each module of the repository that requires the main one in the list, and
// each of those with a tag in docs/versioning.md.
func TestModulesAreAll(t *testing.T) {
	t.Chdir("../..")
	if err := checkModules(".", ""); err != nil {
		t.Error(err)
	}
	files, err := exec.Command("git", "ls-files", "*go.mod").Output()
	if err != nil {
		t.Skipf("git ls-files: %v", err)
	}
	page, err := os.ReadFile("docs/versioning.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(files)) {
		folder := filepath.ToSlash(filepath.Dir(name))
		if !strings.HasPrefix(folder, "runtime/") && !strings.HasPrefix(folder, "examples/") {
			continue
		}
		i := slices.IndexFunc(nestedModules, func(m nested) bool { return m.folder == folder })
		if i < 0 {
			t.Errorf("%s is not in the list", folder)
		} else if !strings.Contains(string(page), "`"+folder+"`") || nestedModules[i].tagged && !strings.Contains(string(page), "`"+folder+"/vX.Y.Z`") {
			t.Errorf("docs/versioning.md does not say how %s is released", folder)
		}
	}
}
