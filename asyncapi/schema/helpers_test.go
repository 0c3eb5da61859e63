package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// loadSchema reads components.schemas.a of a file, whose text begins in line 5, and what is wrong
// with it.
func loadSchema(t *testing.T, text string) (*Schema, string) {
	t.Helper()
	return loadSchemaIn(t, AsyncAPI, text)
}

// loadSchemaIn does the same in a dialect.
func loadSchemaIn(t *testing.T, language Dialect, text string) (*Schema, string) {
	t.Helper()
	folder := t.TempDir()
	text = "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
	file := filepath.Join(folder, "contract.yaml")
	if err := os.WriteFile(file, []byte("\n\ncomponents: {schemas: {\n  a:\n"+text+"\n}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	problems := &source.Report{}
	root, refs, err := source.Open(file, source.Options{}, func(*source.Value, source.Field) bool { return false }, problems)
	if err != nil {
		t.Fatal(err)
	}
	defer refs.Close()
	if root == nil {
		t.Fatal(problems.Problems())
	}
	r := NewReader(refs, problems)
	s := r.Read(root.Get("components").Get("schemas").Get("a"), language)
	r.ReadPending()
	r.WarnSiblings()
	return s, strings.ReplaceAll(problems.Problems().Error(), folder+string(filepath.Separator), "")
}

// checkProblems compares the problems of a contract, one a line.
func checkProblems(t *testing.T, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

// content compares schemas by what they say, not by where it stands.
var content = cmp.Options{
	cmpopts.IgnoreTypes(source.Location{}, source.Position{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Source" || p.Last().String() == ".Dialect" }, cmp.Ignore()),
	cmp.Transformer("json", func(v *source.Value) string {
		if v == nil {
			return ""
		}
		return string(v.AppendJSON(nil))
	}),
}
