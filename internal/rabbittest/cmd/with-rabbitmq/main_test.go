package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// TestSkip asks for a suite that does not exist, and for one that is there and cannot be entered: only
// -skip makes that a success, which says so. A name that is no suite at all is a mistake in any case.
func TestSkip(t *testing.T) {
	t.Setenv(rabbittest.EnvURL, "")
	t.Setenv("PATH", t.TempDir()) // there is neither debootstrap nor apt-get nor unshare
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	if err := os.MkdirAll(filepath.Join(cache, "scampgen", "rabbitmq-closed"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		suite, skip string
		code        int
		out, err    string
	}{
		{"nosuch", "-skip", 0, "--- SKIP: ", ""},
		{"closed", "-skip", 0, "--- SKIP: ", ""},
		{"closed", "-skip=false", 2, "", "RabbitMQ of Debian closed cannot be had on this machine"},
		{"nosuch", "-skip=false", 2, "", "RabbitMQ of Debian nosuch cannot be had on this machine"},
		{"no/such", "-skip", 2, "", "wanted the name of a suite"},
	} {
		t.Setenv(rabbittest.EnvSuite, c.suite)
		var out, err bytes.Buffer
		code := run([]string{c.skip, "true"}, os.Stdin, &out, &err)
		if code != c.code || !strings.HasPrefix(out.String(), c.out) || !strings.Contains(err.String(), c.err) {
			t.Errorf("%s %s: exit code %d, stdout %q, stderr %q", c.suite, c.skip, code, &out, &err)
		}
	}
}
