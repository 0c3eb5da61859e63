package runtime

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
)

func TestDecimalText(t *testing.T) {
	for d, want := range map[Decimal]string{
		{Scale: 2, Value: -1250}: "-12.50", {Scale: 3, Value: 5}: "0.005", {Value: 7}: "7", {Scale: 1, Value: -2147483648}: "-214748364.8",
	} {
		if got := decimalText(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}

// secretHeaders are always wrong, and say a secret.
type secretHeaders struct{}

func (*secretHeaders) Validate() error                         { return secretError{} }
func (*secretHeaders) MarshalHeaders() (map[string]any, error) { return map[string]any{"a": "b"}, nil }
func (*secretHeaders) UnmarshalHeaders(map[string]any) error   { return secretError{} }

type secretError struct{}

func (secretError) Error() string            { return "secret" }
func (secretError) WithoutValues(bool) error { return errors.New("bare") }

// Wrong headers are invalid content, and the error quotes them only if it may.
func TestWrongHeaders(t *testing.T) {
	for want, secret := range map[string]bool{"invalid content: read the headers of X: secret": false, "invalid content: read the headers of X: bare": true} {
		p := &Publication{Name: "X"}
		handle := func(ctx context.Context, _ []byte) error { return p.ReadHeaders(ctx, new(secretHeaders)) }
		router, err := newRouter([]Route{RouteBytes(p, handle)}, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		router.secret = secret
		delivery := &Delivery{}
		err = router.handle(ContextWithDelivery(t.Context(), delivery), delivery)
		if !isType[*InvalidError](err) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// Headers are read from a delivery.
func TestReadHeadersWithoutDelivery(t *testing.T) {
	if err := new(Publication).ReadHeaders(t.Context(), new(secretHeaders)); err == nil || !strings.Contains(err.Error(), "ContextWithDelivery") {
		t.Error(err)
	}
}

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
