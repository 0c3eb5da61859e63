package source

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var everyType = &Table{Title: "a thing", Hints: map[string]string{"moved": "it stands elsewhere"}, Rows: []Row{
	{Name: "text", Is: Text.Bytes(3)},
	{Name: "word", Is: Word, Required: true},
	{Name: "flag", Is: Flag},
	{Name: "count", Is: Count},
	{Name: "level", Is: Integer(1, 9)},
	{Name: "side", Is: Choice("left", "right").Hint("take one")},
	{Name: "list", Is: Texts},
	{Name: "some", Is: TextOrTexts},
	{Name: "map", Is: Map, Strict: true},
}}

// One mistake has one wording, whatever is read.
func TestReader(t *testing.T) {
	tests := []struct {
		name, in, want string
		lenient        bool
	}{
		{name: "good", in: "{text: abc, word: w, flag: true, count: 1e30, level: 9.0, side: left, list: [a], some: a, map: {}, x-a: 1}"},
		{name: "nothing", in: "{}", want: `1:1: a thing must have "word"`},
		{name: "no object", in: "[]", want: `1:1: the file must be an object, found array`},
		{
			name: "other kinds", in: "{text: 1, word: '', flag: yes, count: a, level: b, side: 1, list: {}, some: 1, map: []}",
			want: `1:8: /text: "text" must be a string, found number
1:17: /word: "word" must be a string that is not empty, found an empty one
1:27: /flag: "flag" must be a boolean, found string
1:39: /count: "count" must be an integer of 0 or more, found string
1:49: /level: "level" must be an integer from 1 to 9, found string
1:58: /side: "side" must be one of left, right, found number; take one
1:67: /list: "list" must be an array of strings, found object
1:77: /some: "some" must be a string or an array of strings, found number
1:85: /map: "map" must be an object, found array`,
		},
		{
			name: "other values", in: "{text: abcd, word: w, count: -1, level: 10, side: up, list: a, some: [a, 1]}",
			want: `1:8: /text: "text" must be a string of 3 bytes at most, found 4 bytes
1:30: /count: "count" must be an integer of 0 or more, found -1
1:41: /level: "level" must be an integer from 1 to 9, found 10
1:51: /side: "side" must be one of left, right, found "up"; take one
1:61: /list: "list" must be an array of strings, found string; write ["a"]
1:74: /some/1: item 1 of "some" must be a string, found number`,
		},
		{
			name: "unknown fields", in: "{word: w, txt: a, moved: 1}",
			want: `1:11: /txt: "txt" is not a field of a thing; did you mean "text"?
1:19: /moved: "moved" is not a field of a thing; it stands elsewhere`,
		},
		{
			name: "what is meant", in: "{WORD: w, s-i-d-e: ':LEFT', map: 1, txt: a}", lenient: true,
			want: `1:2: /WORD: warning: "WORD" is read as "word"; write "word"
1:11: /s-i-d-e: warning: "s-i-d-e" is read as "side"; write "side"
1:20: /s-i-d-e: warning: ":LEFT" is read as "left"; write "left"
1:34: /map: "map" must be an object, found number
1:37: /txt: warning: "txt" is not a field of a thing and is ignored; did you mean "text"?`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, v, problems := readText("a.yaml", tt.in, Options{})
			if problems != nil {
				t.Fatal(problems)
			}
			report := &Report{}
			Reader{Report: report, Lenient: tt.lenient}.Object(v, everyType)
			if diff := cmp.Diff(tt.want, strings.ReplaceAll(report.Problems().Error(), "a.yaml:", "")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFields(t *testing.T) {
	_, v, _ := readText("a.yaml", "{text: abc, word: w, flag: true, level: 9, list: [a, b], some: a}", Options{})
	f := Reader{Report: &Report{}}.Object(v, everyType)
	if f.Text("text") != "abc" || f.Text("side") != "" || !*f.Flag("flag") || f.Int("level") != 9 || f.Value("count") != nil {
		t.Errorf("got %v", f)
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"a"}}, [][]string{f.Value("list").Texts(), f.Value("some").Texts()}); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	defer func() {
		if recover() == nil {
			t.Error("a field without a row is none of the table's, and yet there")
		}
	}()
	f.Text("none")
}

// Names with "/" and "~" are escaped, in whatever is reported.
func TestPointersAreEscaped(t *testing.T) {
	_, v, _ := readText("a.yaml", "a/b: {~c: [x, {d: 1}]}", Options{})
	d := v.Get("a/b").Get("~c").Items[1].Get("d")
	if got := d.Pointer(); got != "/a~1b/~0c/1/d" {
		t.Errorf("got %s", got)
	}
	report := &Report{}
	Reader{Report: report}.Object(v.Get("a/b"), &Table{Title: "it"})
	if got := report.Problems()[0].Path; got != "/a~1b/~0c" {
		t.Errorf("got %s", got)
	}
}
