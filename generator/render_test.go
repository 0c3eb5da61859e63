package generator

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/emit"
)

// Files are sorted by name, whatever emitter they are from and whichever was written first.
func TestRender(t *testing.T) {
	var files []emit.File
	var want []File
	for i := range 50 {
		files = append(files, emit.File{
			Name: fmt.Sprintf("p%02d/x.gen.go", 49-i), Write: func() ([]byte, error) { return fmt.Append(nil, 49-i), nil },
		})
		want = append(want, File{fmt.Sprintf("p%02d/x.gen.go", i), fmt.Append(nil, i)})
	}
	got, err := render(files)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// All files that cannot be written are reported, in the same order each time.
func TestRenderReportsAllBugs(t *testing.T) {
	_, err := render([]emit.File{
		emit.Go("b/b.gen.go", func(w io.Writer) error { _, err := io.WriteString(w, "package b\nvar :="); return err }),
		{Name: "a/a.gen.go", Write: func() ([]byte, error) { return nil, nil }},
		{Name: "c/c.gen.yaml", Write: func() ([]byte, error) { return nil, errors.New("no colon") }},
	})
	const isBug = "this is a bug of scampgen, not of the contract; please report it with the contract"
	if err == nil || !strings.HasPrefix(err.Error(), "b/b.gen.go: expected 'IDENT', found ':=': "+isBug) || !strings.HasSuffix(err.Error(), "\nc/c.gen.yaml: no colon: "+isBug) {
		t.Errorf("render returned %v", err)
	}
}
