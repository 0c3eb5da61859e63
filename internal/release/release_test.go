package main

import (
	"bytes"
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
