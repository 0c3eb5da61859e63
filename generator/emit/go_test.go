package emit

import (
	"errors"
	"io"
	"testing"
)

// A file is printed when it is written, not before.
func TestGo(t *testing.T) {
	printed := 0
	file := Go("a/x.gen.go", func(w io.Writer) error {
		printed++
		_, err := io.WriteString(w, "package a\nimport (\n\"github.com/scampgen/scampgen/runtime\"\n\"strings\"\n)\n// f is f. \nfunc f(){ runtime.F(strings.ToUpper(\"a\"))\n}\n")
		return err
	})
	if printed != 0 || file.Name != "a/x.gen.go" {
		t.Errorf("the file %s is printed too early", file.Name)
	}
	want := "package a\n\nimport (\n\t\"strings\"\n\n\t\"github.com/scampgen/scampgen/runtime\"\n)\n\n" +
		"// f is f.\nfunc f() {\n\truntime.F(strings.ToUpper(\"a\"))\n}\n"
	if got, err := file.Write(); err != nil || string(got) != want || printed != 1 {
		t.Errorf("got %v\n%s\nwanted\n%s", err, got, want)
	}
	broken := Go("a/x.gen.go", func(io.Writer) error { return io.ErrShortWrite })
	if _, err := broken.Write(); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("Write returned %v", err)
	}
}

func TestFormatGoReportsABug(t *testing.T) {
	_, err := formatGo("b/b.gen.go", []byte("package b\n\n// 3\n\nfunc f() {\n\tx := := 1\n}\n\n// 9\n// 10\n"))
	bug, ok := errors.AsType[*BugError](err)
	if !ok {
		t.Fatalf("formatGo returned %v, wanted a bug", err)
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
