package runtime

import (
	"maps"
	"testing"
)

func TestCorrelationIDInHeader(t *testing.T) {
	headers := Headers{
		"a/b": Headers{"~": "nested"}, "list": []any{"x", int16(7)}, "bytes": []byte("b"), "yes": true, "n": uint32(5), "table": Headers{},
	}
	for pointer, want := range map[string]string{
		"a~1b/~0": "nested", "list/1": "7", "list/0": "x", "bytes": "b", "n": "5", // found
		"yes": "", "table": "", "list/2": "", "list/-1": "", "list/x": "", "none/a": "", "n/a": "", "none": "",
	} {
		if got := headers.textAt(pointer); got != want {
			t.Errorf("%s is %q, want %q", pointer, got, want)
		}
	}
}

// An option sets the header that has the correlation id, without changing a table of the caller's.
func TestCorrelationIDSetsHeader(t *testing.T) {
	p := &Publication{CorrelationID: "$message.header#/trace/id"}
	for name, before := range map[string]Headers{
		"no headers": nil, "another value": {"trace": "x"}, "a map": {"trace": map[string]any{"id": "old", "b": 1}}, "a table": {"trace": Headers{"id": "old", "b": 1}},
	} {
		rest := before.textAt("trace/b")
		m := &Message{CorrelationID: "new", Headers: Headers{}}
		maps.Copy(m.Headers, before)
		if !p.correlate(m) || m.Headers.textAt("trace/id") != "new" {
			t.Errorf("%s: %v", name, m.Headers)
		}
		if p.correlate(m) {
			t.Errorf("%s: the header was set twice", name)
		}
		if before.textAt("trace/id") == "new" {
			t.Errorf("%s: the caller's table has changed", name)
		}
		if m.Headers.textAt("trace/b") != rest {
			t.Errorf("%s: the rest of the table is gone", name)
		}
	}
}

func TestCorrelationIDInPayload(t *testing.T) {
	for body, want := range map[string]string{
		`{"a": {"b/c": ["x", 12.50]}}`: "12.50", `{"a": {"b/c": ["x", "id"]}}`: "id",
		`{"a": {"b/c": ["x"]}}`: "", `{"a": {"b/c": {}}}`: "", `{"a": 1}`: "", `[]`: "", `{`: "", ``: "", `{"a": {"b/c": ["x", {}]}}`: "", `{"a": {"b/c": ["x", null]}}`: "",
	} {
		if got := textInJSON([]byte(body), "a/b~1c/1"); got != want {
			t.Errorf("%s has %q, want %q", body, got, want)
		}
	}
}
