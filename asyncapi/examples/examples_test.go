package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/examples"
	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestExamplesAndDefaults(t *testing.T) {
	for _, c := range []struct {
		name, version, payload, examples string
		want                             string // the problems, without the file
	}{
		{name: "good", version: "3.0.0", payload: "{type: object, required: [a], properties: {a: {type: integer, default: 5, examples: [1, 2]}}}", examples: "[{payload: {a: 1}}]"},
		{
			name: "a payload", version: "3.0.0", payload: "{type: object, properties: {a: {type: integer}}}", examples: "[{payload: {a: x}}]",
			want: "9:34: /channels/c/messages/M/examples/0/payload/a: warning: the schema does not allow the payload of the example: \"a\" must be an integer, found a string; see the schema at 8:50",
		},
		{
			name: "a default", version: "3.0.0", payload: "{type: string, minLength: 3, default: no}",
			want: "8:56: /channels/c/messages/M/payload/default: warning: the schema does not allow the default: it must have 3 characters at least, found 2; see the schema at 8:33",
		},
		{
			name: "an example of a schema", version: "3.0.0", payload: "{enum: [a, b], examples: [c]}",
			want: "8:44: /channels/c/messages/M/payload/examples/0: warning: the schema does not allow the example: it must be one of \"a\", \"b\", found \"c\"; see the schema at 8:19",
		},
		{
			name: "all that is wrong", version: "3.0.0",
			payload:  "{type: object, required: [a, b, c], additionalProperties: false, properties: {a: {type: [integer, 'null'], maximum: 5}, b: {type: array, maxItems: 1, items: {pattern: x}}}}",
			examples: "[{payload: {a: 6, b: [x, y], d: 1}}]",
			want: `9:30: /channels/c/messages/M/examples/0/payload: warning: the schema does not allow the payload of the example: it must have "c"; see the schema at 8:33
9:34: /channels/c/messages/M/examples/0/payload/a: warning: the schema does not allow the payload of the example: "a" must be at most 5, found 6; see the schema at 8:125
9:40: /channels/c/messages/M/examples/0/payload/b: warning: the schema does not allow the payload of the example: "b" must have 1 items at most, found 2; see the schema at 8:155
9:44: /channels/c/messages/M/examples/0/payload/b/1: warning: the schema does not allow the payload of the example: item 1 must match the pattern "x", found "y"; see the schema at 8:176
9:51: /channels/c/messages/M/examples/0/payload/d: warning: the schema does not allow the payload of the example: "d" must not be there; see the schema at 8:54`,
		},
		{
			name: "exclusive limits", version: "3.0.0", payload: "{exclusiveMinimum: 3, exclusiveMaximum: 5, examples: [3, 4, 5]}",
			want: `8:72: /channels/c/messages/M/payload/examples/0: warning: the schema does not allow the example: it must be more than 3, found 3; see the schema at 8:19
8:78: /channels/c/messages/M/payload/examples/2: warning: the schema does not allow the example: it must be less than 5, found 5; see the schema at 8:40`,
		},
		{
			name: "the one variant that has the type", version: "3.0.0",
			payload: "{oneOf: [{type: 'null'}, {type: object, required: [a]}], default: {}}",
			want:    `8:84: /channels/c/messages/M/payload/default: warning: the schema does not allow the default: it must have "a"; see the schema at 8:58`,
		},
		{
			name: "no variant", version: "3.0.0", payload: "{anyOf: [{minimum: 5}, {multipleOf: 2}], default: 3}",
			want: `8:68: /channels/c/messages/M/payload/default: warning: the schema does not allow the default: it matches none of the schemas in "anyOf"; see the schema at 8:19`,
		},
		{name: "a pattern that looks ahead, in not", version: "3.0.0", payload: "{not: {pattern: 'a(?=b)'}, default: x}"},
		{name: "a pattern that looks ahead", version: "3.0.0", payload: "{type: string, pattern: 'a(?=b)', default: x}"},
		{name: "a schema within itself", version: "3.0.0", payload: "{type: object, properties: {a: {$ref: '#/channels/c/messages/M/payload'}}, default: {a: {a: {}}}}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "contract.yaml")
			contract := fmt.Sprintf("asyncapi: %s\ninfo: {title: T, version: '1'}\nchannels:\n  c:\n    address: c\n    messages:\n      M:\n        payload: %s\n", c.version, c.payload)
			if c.examples != "" {
				contract += "        examples: " + c.examples + "\n"
			}
			if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
				t.Fatal(err)
			}
			problems := check(t, file)
			got := strings.ReplaceAll(problems.Error(), file+":", "")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// Before 3.0 what the official validator refuses is a mistake, and what it does not look at a warning.
func TestExamplesBefore3(t *testing.T) {
	got := problemsOf(t, `asyncapi: 2.6.0
info: {title: Orders, version: 1.0.0}

channels:
  c:
    publish:
      message:
        payload:
          type: object
          default: five
          properties: {a: {type: integer, default: five}}
        headers: {type: object, properties: {h: {type: string}}}
        examples:
          - {payload: {a: five}, headers: {h: 1}}
components:
  schemas:
    quoted: {type: integer, default: '5', examples: [five]}
`)
	want := `10:20: /channels/c/publish/message/payload/default: the schema does not allow the default: it must be an object, found a string; see the schema at 9:11
11:52: /channels/c/publish/message/payload/properties/a/default: warning: the schema does not allow the default: it must be an integer, found a string; see the schema at 11:28
14:27: /channels/c/publish/message/examples/0/payload/a: the schema does not allow the payload of the example: "a" must be an integer, found a string; see the schema at 11:28
14:47: /channels/c/publish/message/examples/0/headers/h: the schema does not allow the headers of the example: "h" must be a string, found a number; see the schema at 12:50
17:38: /components/schemas/quoted/default: warning: the schema does not allow the default: it must be an integer, found a string; see the schema at 17:14
17:54: /components/schemas/quoted/examples/0: the schema does not allow the example: it must be an integer, found a string; see the schema at 17:14`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What few bytes ask for is not done, and said so.
func TestExamplesThatTakeTooLong(t *testing.T) {
	const head = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels:\n  c:\n    address: c\n    messages:\n      M:\n        payload: {$ref: '#/components/schemas/s0'}\n"
	const self = "{properties: {a: {$ref: '#/components/schemas/s0'}}},"
	deep := strings.Repeat("{a: ", 14) + "1" + strings.Repeat("}", 14)
	tests := map[string]struct{ contract, want string }{
		"doubled by each schema": {
			head + "        examples: [{payload: {a: 1}}]\ncomponents:\n  schemas:\n" +
				row(60, "{$ref: '#/components/schemas/s%'}, {$ref: '#/components/schemas/s%'}"),
			"checking the payload of the example would take too long: left out",
		},
		"doubled by conditions": {
			head + "        examples: [{payload: 1}]\ncomponents:\n  schemas:\n" + row(17, "{not: {$ref: '#/components/schemas/s%'}, if: {$ref: '#/components/schemas/s%'}}"),
			"checking the payload of the example would take too long: left out",
		},
		"doubled by each level of the value": {
			head + "        examples: [{payload: " + deep + "}]\ncomponents: {schemas: {s0: {allOf: [" + strings.Repeat(self, 20) + "]}}}\n",
			"checking the payload of the example would take too long: left out",
		},
		"a schema that is itself": {
			head + "        examples: [{payload: 1}]\ncomponents: {schemas: {s0: {allOf: [{$ref: '#/components/schemas/s0'}]}}}\n",
			"the payload of the example is not checked: its schema is a part of itself for the same value",
		},
		"many examples": {
			head + "        examples: [" + strings.Repeat("{payload: {a: 1}},", 10_000) + "]\ncomponents: {schemas: {s0: {allOf: [" + strings.Repeat("{minProperties: 1},", 100) + "]}}}\n",
			"this one and those after it are left out",
		},
		"many schemas": {
			head + "        examples: [{payload: 1}]\ncomponents: {schemas: {s0: {allOf: [" + strings.Repeat("{},", 30_000) + "]}}}\n",
			"all are left out",
		},
		"schemas in a long row": {
			head + "        examples: [{payload: 1}]\ncomponents:\n  schemas:\n" + row(15_000, "{$ref: '#/components/schemas/s%'}"),
			"checking the payload of the example would take too long: left out",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := problemsOf(t, test.contract); test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("got %.500s\nwant %s", got, test.want)
			}
		})
	}
}

// row returns n schemas, each of which leads to the next: to % in parts.
func row(n int, parts string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "    s%d: {allOf: [%s]}\n", i, strings.ReplaceAll(parts, "%", strconv.Itoa(i+1)))
	}
	fmt.Fprintf(&b, "    s%d: {}\n", n)
	return b.String()
}

// problemsOf returns the problems with the examples of a contract that has no others, one a line,
// without the name of the file.
func problemsOf(t *testing.T, contract string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "contract.yaml")
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(check(t, file).Error(), file+":", "")
}

func check(t *testing.T, file string) source.Problems {
	t.Helper()
	d, problems := asyncapi.Load(file, source.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return examples.Check(d)
}
