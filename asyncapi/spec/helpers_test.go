package spec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// problemsOf checks a contract and returns its problems, one a line, without the name of the file.
func problemsOf(t *testing.T, contract string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	problems := &source.Report{}
	root, refs, err := source.Open(file, source.Options{}, func(*source.Value, source.Field) bool { return false }, problems)
	if err != nil {
		t.Fatal(err)
	}
	defer refs.Close()
	if v, ok := ReadVersion(root, problems); ok {
		Check(root, v, refs, problems)
		CheckReferences(refs)
	}
	return strings.ReplaceAll(problems.Problems().Error(), file+":", "")
}
