package asyncapi

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// problemsOf loads a contract and returns its problems, one a line, without the name of the file.
func problemsOf(t *testing.T, contract string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	_, problems := Load(file, source.Options{})
	return strings.ReplaceAll(problems.Error(), file+":", "")
}

// open2 begins a contract with room for channels.
const open2 = "asyncapi: 2.6.0\ninfo: {title: Orders, version: 1.0.0}\n\nchannels:\n"
