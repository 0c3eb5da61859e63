package generator

import (
	"errors"
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/templates"
)

func TestRender(t *testing.T) {
	var files []templates.File
	for _, name := range []string{"c", "a", "b"} {
		source := jen.NewFilePathName("example.com/"+name, name)
		source.NoFormat = true
		source.ImportName("strings", "strings")
		source.ImportName("github.com/scampgen/scampgen/runtime", "runtime")
		source.Func().Id("f").Params().Block(jen.Qual("github.com/scampgen/scampgen/runtime", "F").Call(jen.Qual("strings", "ToUpper").Call(jen.Lit(name))))
		files = append(files, templates.File{Name: name + "/x.gen.go", Source: source})
	}
	got, err := render(files)
	if err != nil {
		t.Fatal(err)
	}
	if err := formatAll(got); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"c", "a", "b"} {
		want := "package " + name + "\n\nimport (\n\t\"strings\"\n\n\t\"github.com/scampgen/scampgen/runtime\"\n)\n\n" +
			"func f() {\n\truntime.F(strings.ToUpper(\"" + name + "\"))\n}\n"
		if got[i].Name != name+"/x.gen.go" || string(got[i].Content) != want {
			t.Errorf("file %d is %s:\n%s\nwanted\n%s", i, got[i].Name, got[i].Content, want)
		}
	}
}

// Of several files that do not parse the first is reported, whichever goroutine was first.
func TestFormatReportsABug(t *testing.T) {
	files := []File{
		{"a/a.gen.go", []byte("package a\n")},
		{"b/b.gen.go", []byte("package b\n\n// 3\n\nfunc f() {\n\tx := := 1\n}\n\n// 9\n// 10\n")},
		{"c/c.gen.go", []byte("package")},
	}
	err := formatAll(files)
	bug, ok := errors.AsType[*BugError](err)
	if !ok {
		t.Fatalf("format returned %v, wanted a bug", err)
	}
	want := `b/b.gen.go: expected operand, found ':=': this is a bug of scampgen, not of the contract; please report it with the contract
     3	// 3
     4	
     5	func f() {
     6		x := := 1
     7	}
     8	
     9	// 9`
	if bug.Error() != want {
		t.Errorf("got\n%s\nwanted\n%s", bug.Error(), want)
	}
}
