package templates

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"unicode"

	"github.com/dave/jennifer/jen"
	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/plan/names"
)

func TestComment(t *testing.T) {
	long := strings.Repeat("word ", 40)
	cases := []struct {
		name string
		doc  names.Doc
		want string
	}{
		{"nothing", names.Doc{}, "// X is.\n"},
		{
			"summary and description",
			names.Doc{Summary: "One.", Description: "Two\nlines.\n\nTwo paragraphs.\n"},
			"// X is.\n//\n// One.\n//\n// Two lines.\n//\n// Two paragraphs.\n",
		},
		{"a year at the end", names.Doc{Summary: "Orders of 2026"}, "// X is.\n//\n// Orders of 2026.\n"},
		{"the same twice", names.Doc{Summary: "One.", Description: "One."}, "// X is.\n//\n// One.\n"},
		{
			"a list",
			names.Doc{Description: "Such as:\n- one\n- two\n  and more\n\nEnd"},
			"// X is.\n//\n// Such as:\n//\n//   - one\n//   - two and more\n//\n// End.\n",
		},
		{
			"headings",
			names.Doc{Description: "Before\n# What it is #\nIt is.\n\nLike this\n\n###\n#tag"},
			"// X is.\n//\n// Before.\n//\n// What it is.\n//\n// It is.\n//\n// Like this.\n//\n// – #tag\n",
		},
		{"escapes of HTML", names.Doc{Summary: "a &lt;b&gt; &amp; c", Description: "&quot;d&quot;"}, "// X is.\n//\n// a <b> & c.\n//\n// \"d\"\n"},
		{
			"long lines",
			names.Doc{Description: long},
			"// X is.\n//\n// " + strings.TrimSpace(long[:95]) + "\n// " + strings.TrimSpace(long[95:190]) + "\n// " + strings.TrimSpace(long[190:]) + "\n",
		},
		{"one long word", names.Doc{Summary: strings.Repeat("x", 200)}, "// X is.\n//\n// " + strings.Repeat("x", 200) + ".\n"},
		{
			"tags and a page",
			names.Doc{Summary: "One", Tags: "a, b", URL: "https://example.com", Deprecated: true},
			"// X is.\n//\n// One.\n//\n// Tags: a, b.\n//\n// See https://example.com\n//\n// Deprecated: the contract says so.\n",
		},
		{"deprecated", names.Doc{Deprecated: true}, "// X is.\n//\n// Deprecated: the contract says so.\n"},
		{"the end of a comment", names.Doc{Summary: "a */ func init() {} /* b"}, "// X is.\n//\n// a */ func init() {} /* b.\n"},
		{"new lines of all kinds", names.Doc{Summary: "a\nb\rc\u2028d\u2029e\u0085f\vg"}, "// X is.\n//\n// a b c d e f g.\n"},
		{"what reorders or hides text", names.Doc{Summary: "a\u202eb\u2066c\u200bd\ufeffe\x00f\x1bg"}, "// X is.\n//\n// a b c d e f g.\n"},
		{
			"directives",
			names.Doc{Description: "//go:build ignore\n\n+build ignore\n\n#\n\ngo:generate rm"},
			"// X is.\n//\n// //go:build ignore\n//\n// –+build ignore\n//\n// –\n//\n// –go:generate rm\n",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			code, err := format.Source(commented(t, described("X is.", c.doc)))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.TrimSuffix(strings.TrimPrefix(string(code), "package p\n\n"), "const X = 1\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("comment (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a contract says, a comment stays a comment of the declaration that it stands above.
func FuzzComment(f *testing.F) {
	for _, seed := range []string{"", "*/", "`", "a\nb", "\n\nconst Y = 2", "//go:build x", "/* x", "+build x", "# x", "- a\n  - b\n1. c", "\tcode\n\n\tcode", "\xff\xfe", "[x]: y", "\ufeff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code := commented(t, described("X is.", names.Doc{Summary: text, Description: text}))
		formatted, err := format.Source(code)
		if err != nil {
			t.Fatalf("does not parse: %v\n%s", err, code)
		}
		if again, _ := format.Source(formatted); !bytes.Equal(formatted, again) {
			t.Errorf("is formatted otherwise the second time:\n%s\n%s", formatted, again)
		}
		checkOneComment(t, formatted)
	})
}

func checkOneComment(t *testing.T, code []byte) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", code, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Decls) != 1 || len(file.Comments) != 1 || file.Decls[0].(*ast.GenDecl).Doc == nil {
		t.Fatalf("not one declaration with one comment:\n%s", code)
	}
	for _, line := range file.Comments[0].List {
		if !strings.HasPrefix(line.Text, "// ") && line.Text != "//" && !strings.HasPrefix(line.Text, "//\t") {
			t.Errorf("may be a directive: %q", line.Text)
		}
		if strings.ContainsFunc(line.Text, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\t' }) {
			t.Errorf("has a character that cannot be seen: %q", line.Text)
		}
	}
}

// commented is a constant with a comment, unformatted.
func commented(t *testing.T, comment jen.Code) []byte {
	t.Helper()
	var b bytes.Buffer
	file := jen.NewFile("p")
	file.NoFormat = true
	file.Add(comment, jen.Line(), jen.Const().Id("X").Op("=").Lit(1))
	if err := file.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
