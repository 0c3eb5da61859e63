package asyncapi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExamplesAndDefaults(t *testing.T) {
	for _, c := range []struct {
		name, version, payload, examples string
		want                             string // the problems, without the file
	}{
		{name: "good", version: "3.0.0", payload: "{type: object, required: [a], properties: {a: {type: integer, default: 5, examples: [1, 2]}}}", examples: "[{payload: {a: 1}}]"},
		{
			name: "a payload", version: "3.0.0", payload: "{type: object, properties: {a: {type: integer}}}", examples: "[{payload: {a: x}}]",
			want: "9:34: /channels/c/messages/M/examples: warning: the example's payload is not as its schema says at /a: got string, want integer",
		},
		{
			name: "a default", version: "3.0.0", payload: "{type: string, minLength: 3, default: no}",
			want: "8:56: /channels/c/messages/M/payload/default: warning: the default is not as its schema says: minLength: got 2, want 3",
		},
		{
			name: "an example of a schema", version: "3.0.0", payload: "{enum: [a, b], examples: [c]}",
			want: "8:44: /channels/c/messages/M/payload/examples: warning: the example is not as its schema says: value must be one of 'a', 'b'",
		},
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
			_, problems := Load(file, Options{})
			got := strings.ReplaceAll(problems.Error(), file+":", "")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestExamplesOfDoublingSchemasAreLeftOut(t *testing.T) {
	var schemas strings.Builder
	for i := range 60 {
		fmt.Fprintf(&schemas, "    s%d: {allOf: [{$ref: '#/components/schemas/s%d'}, {$ref: '#/components/schemas/s%d'}]}\n", i, i+1, i+1)
	}
	file := filepath.Join(t.TempDir(), "contract.yaml")
	contract := "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels:\n  c:\n    address: c\n    messages:\n      M:\n" +
		"        payload: {$ref: '#/components/schemas/s0'}\n        examples: [{payload: {a: 1}}]\ncomponents:\n  schemas:\n" + schemas.String() + "    s60: {type: string}\n"
	if err := os.WriteFile(file, []byte(contract), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problems := Load(file, Options{}); len(problems) > 0 {
		t.Errorf("got %v", problems)
	}
}
