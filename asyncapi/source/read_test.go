package source

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// readText reads a file of a name and content, and returns it as JSON with its problems.
func readText(file, content string, o Options) (text string, v *Value, problems Problems) {
	var report Report
	v = read(file, []byte(content), newBudget(o.withDefaults()), &report)
	if v != nil {
		text = string(v.AppendJSON(nil))
	}
	return text, v, report.Problems()
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, file, in, want string
		problems             []string
	}{
		{name: "yaml", file: "a.yaml", in: "a: 1\nb: [x, {c: null}]\n", want: `{"a":1,"b":["x",{"c":null}]}`},
		{name: "yaml with a byte order mark", file: "a.yaml", in: "\ufeffa: 1\n", want: `{"a":1}`},
		{name: "yaml with CRLF", file: "a.yaml", in: "a: 1\r\nb: |\r\n  x\r\n  y\r\n", want: `{"a":1,"b":"x\ny\n"}`},
		{name: "yaml anchors", file: "a.yaml", in: "a: &x {b: 1}\nc: *x\nd: [*x]\n", want: `{"a":{"b":1},"c":{"b":1},"d":[{"b":1}]}`},
		{name: "yaml alias of a name", file: "a.yaml", in: "a: &x b\n*x : 1\n", want: `{"a":"b","b":1}`},
		{name: "yaml merge key", file: "a.yaml", in: "x: &x {b: 1, c: 2}\ny:\n  <<: *x\n  c: 3\n", want: `{"x":{"b":1,"c":2},"y":{"c":3,"b":1}}`},
		{name: "yaml merge list, the first counts", file: "a.yaml", in: "x: &x {b: 1}\ny: &y {b: 2, c: 3}\nz: {<<: [*x, *y]}\n", want: `{"x":{"b":1},"y":{"b":2,"c":3},"z":{"b":1,"c":3}}`},
		{name: "yaml quoted merge key", file: "a.yaml", in: "'<<': 1\n", want: `{"<<":1}`},
		{
			name: "yaml merge key without a mapping", file: "a.yaml", in: "a:\n  <<: 1\n  b: 2\n", want: `{"a":{"b":2}}`,
			problems: []string{"a.yaml:2:7: the merge key << takes a mapping or a list of mappings"},
		},
		{
			name: "yaml merge list with something else", file: "a.yaml", in: "a:\n  <<: [1]\n", want: `{"a":{}}`,
			problems: []string{"a.yaml:2:8: the merge key << takes mappings only"},
		},
		{
			name: "yaml name twice", file: "a.yaml", in: "a: 1\nb: 2\na: 3\n", want: `{"a":1,"b":2}`,
			problems: []string{`a.yaml:3:1: the name "a" appears twice in this object, first in line 1; remove or rename one of them`},
		},
		{
			name: "yaml name that is no string", file: "a.yaml", in: "? [a]\n: 1\nb: 2\n", want: `{"b":2}`,
			problems: []string{"a.yaml:1:3: the name of a field must be a string"},
		},
		{
			name: "yaml not a number", file: "a.yaml", in: "a: .nan\nb: -.INF\n", want: `{"a":".nan","b":"-.INF"}`,
			problems: []string{
				"a.yaml:1:4: .nan is not a JSON value; quote it if it is meant as a string",
				"a.yaml:2:4: -.INF is not a JSON value; quote it if it is meant as a string",
			},
		},
		{
			name: "yaml tags", file: "a.yaml", in: "a: !!str 1\nb: !!int 1\nc: !foo 1\nd: !!binary aGk=\n", want: `{"a":"1","b":1,"c":"1","d":"aGk="}`,
			problems: []string{"a.yaml:3:4: the YAML tag !foo has no meaning in a contract; remove the tag"},
		},
		{
			name: "yaml second document", file: "a.yaml", in: "a: 1\n---\nb: 2\n",
			problems: []string{"a.yaml:2:1: a second YAML document begins here; keep one contract in a file"},
		},
		{name: "yaml document marks", file: "a.yaml", in: "---\na: 1\n...\n", want: `{"a":1}`},
		{
			name: "yaml syntax", file: "a.yaml", in: "a: 1\nb:\n\tc: 1\nd: 2\n",
			problems: []string{"a.yaml:3:2: not valid YAML: found character that cannot start any token; indent with spaces, and quote what begins with @, ` or %"},
		},
		{
			name: "yaml wrong indentation", file: "a.yaml", in: "info:\n  title: x\n version: 1\nz: 1\n",
			problems: []string{"a.yaml:3:2: not valid YAML: did not find expected key; check the indentation, quotes and brackets here and in the line before"},
		},
		{
			name: "yaml open bracket", file: "a.yaml", in: "a: 1\nb: [1,\n  2\nc: 3\n",
			problems: []string{"a.yaml:3:3: not valid YAML: did not find expected ',' or ']'; check the indentation, quotes and brackets here and in the line before"},
		},
		{
			name: "yaml unknown anchor", file: "a.yaml", in: "a: 1\nb: *x\n",
			problems: []string{"a.yaml:2:1: not valid YAML: unknown anchor 'x' referenced; an anchor, with &, stands before what refers to it with *"},
		},
		{
			name: "yaml alias in itself", file: "a.yaml", in: "a: &x\n  b: [*x]\n",
			problems: []string{"a.yaml:2:7: the alias *x stands inside what it stands for; use a $ref for a recursive schema"},
		},
		{name: "conflict", file: "a.yaml", in: "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n", problems: []string{
			"a.yaml:2:1: a merge has left its conflict here; keep one of the two versions, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>",
		}},
		{name: "empty", file: "a.yaml", in: " \n", problems: []string{"a.yaml:1:1: the file is empty"}},
		{name: "comments only", file: "a.yaml", in: "# x\n", problems: []string{"a.yaml:1:1: the file has nothing but comments"}},
		{name: "not UTF-8", file: "a.yaml", in: "a: 1\nb: x\xff\n", problems: []string{"a.yaml:2:5: not valid UTF-8; save the file in UTF-8"}},
		{name: "UTF-16", file: "a.yaml", in: "\xff\xfea\x00", problems: []string{"a.yaml:1:1: not valid UTF-8; save the file in UTF-8"}},
		{name: "text", file: "a.md", in: "# A: b: c\n", want: `"# A: b: c\n"`},

		{name: "json", file: "a.json", in: "{\"a\":\t[1, -2.50, 1e3, true, null, \"x\"]}", want: `{"a":[1,-2.50,1e3,true,null,"x"]}`},
		{name: "json escapes", file: "a.json", in: `{"a\/b": "\ud83d\ude00\u00e9\/"}`, want: `{"a/b":"😀é/"}`},
		{name: "json with a byte order mark", file: "a.json", in: "\ufeff{}", want: `{}`},
		{name: "json under the name of yaml", file: "a.yaml", in: "{\n\t\"a\": \"\\ud83d\\ude00\\/\"\n}", want: `{"a":"😀/"}`},
		{
			name: "json name twice", file: "a.json", in: "{\"a\": 1,\n \"a\": 2}", want: `{"a":1}`,
			problems: []string{`a.json:2:2: the name "a" appears twice in this object, first in line 1; remove or rename one of them`},
		},
		{
			name: "json syntax", file: "a.json", in: "{\n  \"a\": 1,\n}",
			problems: []string{"a.json:3:1: not valid JSON: invalid character '}' looking for beginning of object key string"},
		},
		{name: "json cut off", file: "a.json", in: "{\n\"a\": [1", problems: []string{"a.json:2:8: the JSON value ends too early"}},
		{name: "json and more", file: "a.json", in: "{}\n{}", problems: []string{"a.json:2:1: something follows the end of the JSON value; keep one value in a file"}},
		{
			name: "huge number", file: "a.json", in: `{"a": 1e999999999}`, want: `{"a":0}`,
			problems: []string{"a.json:1:7: the number has more than 1000 digits; write it as a string"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, problems := readText(tt.file, tt.in, Options{})
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if diff := cmp.Diff(strings.Join(tt.problems, "\n"), problems.Error()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// The scalars of YAML 1.2's core schema, with those that YAML 1.1 reads otherwise.
func TestScalars(t *testing.T) {
	tests := []struct{ in, want string }{
		{"~", "null"},
		{"null", "null"},
		{"NULL", "null"},
		{"''", `""`},
		{"nUll", `"nUll"`},
		{"true", "true"},
		{"FALSE", "false"},
		{"yes", `"yes"`},
		{"no", `"no"`},
		{"on", `"on"`},
		{"y", `"y"`},
		{"1", "1"},
		{"+1", "1"},
		{"-0", "-0"},
		{"007", "7"},
		{"0o17", "15"},
		{"0x1F", "31"},
		{"0b11", `"0b11"`},
		{"1_000", `"1_000"`},
		{"9007199254740993", "9007199254740993"},
		{"0xffffffffffffffffffff", "1208925819614629174706175"},
		{"1.10", "1.10"},
		{".5", "0.5"},
		{"5.", "5"},
		{"-.5e-3", "-0.5e-3"},
		{"1e3", "1e3"},
		{"1E+3", "1E+3"},
		{"+.5", "0.5"},
		{".", `"."`},
		{"-", `["x"]`},
		{"+", `"+"`},
		{"e3", `"e3"`},
		{".e3", `".e3"`},
		{"1.2.3", `"1.2.3"`},
		{"2020-01-02", `"2020-01-02"`},
		{"2020-01-02T03:04:05Z", `"2020-01-02T03:04:05Z"`},
		{"12:30:45", `"12:30:45"`},
		{"'1'", `"1"`},
		{`"true"`, `"true"`},
		{"!!str true", `"true"`},
		{"!!float 1", "1"},
	}
	for _, tt := range tests {
		in := "a: " + tt.in
		if tt.in == "-" {
			in = "a:\n- x"
		}
		got, _, problems := readText("a.yaml", in, Options{})
		if want := `{"a":` + tt.want + `}`; got != want || len(problems) > 0 {
			t.Errorf("%s: got %s, want %s; problems: %v", tt.in, got, want, problems)
		}
	}
}

// positions lists where each name and value of v stands.
func positions(v *Value, path string) []string {
	list := []string{fmt.Sprintf("%s %d:%d", path, v.Line, v.Column)}
	for _, f := range v.Fields {
		list = append(list, fmt.Sprintf("%s/%s: %d:%d", path, f.Name, f.Line, f.Column))
		list = append(list, positions(f.Value, path+"/"+f.Name)...)
	}
	for i, item := range v.Items {
		list = append(list, positions(item, fmt.Sprintf("%s/%d", path, i))...)
	}
	return list
}

func TestPositions(t *testing.T) {
	tests := []struct{ name, file, in, want string }{
		{
			"yaml", "a.yaml", "a:\n  b: 1\n  \"c\":\n    - x\n    -   y\nd: {e: f}\n",
			" 1:1, /a: 1:1, /a 2:3, /a/b: 2:3, /a/b 2:6, /a/c: 3:3, /a/c 4:5, /a/c/0 4:7, /a/c/1 5:9, /d: 6:1, /d 6:4, /d/e: 6:5, /d/e 6:8",
		},
		{"yaml in bytes", "a.yaml", "é: {ü: 1, b: 2}\n", " 1:1, /é: 1:1, /é 1:5, /é/ü: 1:6, /é/ü 1:10, /é/b: 1:13, /é/b 1:16"},
		{"yaml with a byte order mark", "a.yaml", "\ufeffa: 1", " 1:1, /a: 1:1, /a 1:4"},
		{"yaml with CRLF", "a.yaml", "a: 1\r\nb: 2\r\n", " 1:1, /a: 1:1, /a 1:4, /b: 2:1, /b 2:4"},
		{"yaml line separators are no lines", "a.yaml", "a: \"x\u2028y\u0085z\"\nb: 1\n", " 1:1, /a: 1:1, /a 1:4, /b: 2:1, /b 2:4"},
		{"yaml alias stands at its anchor", "a.yaml", "a: &x\n  b: 1\nc: *x\n", " 1:1, /a: 1:1, /a 1:4, /a/b: 2:3, /a/b 2:6, /c: 3:1, /c 1:4, /c/b: 2:3, /c/b 2:6"},
		{"yaml empty value", "a.yaml", "a:\nb: 1\n", " 1:1, /a: 1:1, /a 1:3, /b: 2:1, /b 2:4"},
		{"yaml block text", "a.yaml", "a: |\n  x\nb: >-\n  y\n", " 1:1, /a: 1:1, /a 1:4, /b: 3:1, /b 3:4"},
		{"json", "a.json", "{\n\t\"a\" : [1,\n {\"b\": \"é\", \"c\":null}]}", " 1:1, /a: 2:2, /a 2:8, /a/0 2:9, /a/1 3:2, /a/1/b: 3:3, /a/1/b 3:8, /a/1/c: 3:14, /a/1/c 3:18"},
		{"json with a byte order mark", "a.json", "\ufeff[\r\n1]", " 1:1, /0 2:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, v, problems := readText(tt.file, tt.in, Options{})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			if diff := cmp.Diff(strings.Split(tt.want, ", "), positions(v, "")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadLimits(t *testing.T) {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'j'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s*%c]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9), c-1)
	}
	merges := "a: &a {p: 1, q: 2, r: 3, s: 4}\n"
	for i := range 100 {
		merges += fmt.Sprintf("m%d: {<<: [*a, *a, *a]}\n", i)
	}
	chain := "a0: &a0 x\n"
	for i := range 50 {
		chain += fmt.Sprintf("a%d: &a%d [*a%d]\n", i+1, i+1, i)
	}
	mistakes := ""
	for i := range 101 {
		mistakes += fmt.Sprintf("a.yaml:%d:1: the name \"a\" appears twice in this object, first in line 1; remove or rename one of them\n", i+2)
	}
	small := Options{MaxDepth: 20, MaxNodes: 1000}
	tests := []struct{ name, file, in, want string }{
		{"a billion laughs", "a.yaml", laughs, "a.yaml:3:29: more than 1000 values after aliases are expanded; refer to what is deep or stands often with $ref"},
		{"merge keys", "a.yaml", merges, "a.yaml:60:16: more than 1000 values after aliases are expanded; refer to what is deep or stands often with $ref"},
		{"depth by aliases", "a.yaml", chain, "a.yaml:20:12: nested deeper than 20 levels; refer to what is deep or stands often with $ref"},
		{"depth in yaml", "a.yaml", strings.Repeat("[", 21) + strings.Repeat("]", 21), "a.yaml:1:21: nested deeper than 20 levels; refer to what is deep or stands often with $ref"},
		{"depth in json", "a.json", strings.Repeat("[", 21) + strings.Repeat("]", 21), "a.json:1:21: nested deeper than 20 levels; refer to what is deep or stands often with $ref"},
		{"values in json", "a.json", "[" + strings.Repeat("1,", 1000) + "1]", "a.json:1:2000: more than 1000 values after aliases are expanded; refer to what is deep or stands often with $ref"},
		{"mistakes", "a.yaml", strings.Repeat("a: 1\n", 500), mistakes + "a.yaml:103:4: there are more mistakes, and the rest of the file is not read; correct those above first"},
		{"beyond the parser's own depth", "a.yaml", strings.Repeat("[", 100_000), "a.yaml:1:1: not valid YAML: exceeded max depth of 10000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, problems := readText(tt.file, tt.in, small)
			if got != "" || problems.Error() != tt.want {
				t.Errorf("got %q with problems:\n%v\nwant:\n%s", got, problems, tt.want)
			}
		})
	}
}

// Files that have cost this reader or others the square of their size: this one reads them in a blink,
// and would time out where it did not.
func TestReadLongFiles(t *testing.T) {
	inputs := map[string]string{
		"one line of mapping":  "{" + oneLine(190_000) + "}",
		"one line of sequence": "[" + strings.Repeat("é, ", 190_000) + "]",
		"one line of json":     `{"é": [` + strings.Repeat(`"x", `, 190_000) + "1]}",
		"comments":             strings.Repeat("# x\n", 190_000) + "a: 1\n",
		"names":                manyNames(100_000),
	}
	for name, in := range inputs {
		t.Run(name, func(t *testing.T) {
			if _, v, _ := readText("a.yaml", in, Options{}); v == nil {
				t.Error("not read")
			}
		})
	}
}

// oneLine writes n fields of a flow mapping.
func oneLine(n int) string { return strings.ReplaceAll(manyNames(n), "\n", ",") }

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "name%d: 1\n", i)
	}
	return b.String()
}

// An integer is one however it is written.
func TestInteger(t *testing.T) {
	tests := []struct {
		text string
		want int64
		ok   bool
	}{
		{"10", 10, true},
		{"10.0", 10, true},
		{"1e1", 10, true},
		{"-0", 0, true},
		{"1.5", 0, false},
		{"9223372036854775807", 9223372036854775807, true},
		{"9223372036854775808", 0, false},
		{"1e99", 0, false},
	}
	for _, test := range tests {
		v := Value{Kind: Number, Text: test.text}
		if n, ok := v.Integer(); n != test.want || ok != test.ok {
			t.Errorf("%s is %d, %v; want %d, %v", test.text, n, ok, test.want, test.ok)
		}
	}
	if _, ok := (&Value{Kind: String, Text: "10"}).Integer(); ok {
		t.Error(`the string "10" is an integer`)
	}
}
