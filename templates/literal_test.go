package templates

import (
	"testing"
	"time"

	"github.com/dave/jennifer/jen"
	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

func TestLiterals(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{"a", `"a"`},
		{`{"a":1}`, "`{\"a\":1}`"},
		{true, "true"},
		{1.5, "1.5"},
		{-7, "-7"},
		{uint8(255), "255"},
		{payload.NoLimit, "payload.NoLimit"},
		{int64(-1 << 63), "math.MinInt64"},
		{int64(1<<31 - 1), "math.MaxInt32"},
		{payload.FormatIPv6, "payload.FormatIPv6"},
		{payload.TypeNull | payload.TypeString | payload.TypeObject, "payload.TypeNull | payload.TypeString | payload.TypeObject"},

		{time.Hour, "time.Hour"},
		{36 * time.Hour, "36 * time.Hour"},
		{90 * time.Minute, "90 * time.Minute"},
		{5 * time.Second, "5 * time.Second"},
		{1500 * time.Millisecond, "1500 * time.Millisecond"},
		{time.Microsecond, "1000 * time.Nanosecond"},

		{[]string{"a", "b"}, `[]string{"a", "b"}`},
		{[]string{}, `[]string{}`},
		{[]any{1, "a", nil, 2.0, []any{false}}, `[]any{1, "a", nil, 2.0, []any{false}}`},
		{runtime.Headers{"b": 1, "a": runtime.Headers{}}, `runtime.Headers{"a": runtime.Headers{}, "b": 1}`},
		{runtime.Headers{"c": 1, "b": 2, "a": 3}, "runtime.Headers{\n\t\"a\": 3,\n\t\"b\": 2,\n\t\"c\": 1,\n}"},

		{runtime.Backoff{Min: time.Second, Max: time.Minute}, "runtime.Backoff{Min: time.Second, Max: time.Minute}"},
		{&payload.MapRule{MinProperties: 1, MaxProperties: 2}, "&payload.MapRule{MinProperties: 1, MaxProperties: 2}"},
		{
			payload.StringRule{MaxLength: 3, Patterns: []*payload.Pattern{payload.NewPattern(`\d`, `[0-9]`)}},
			"payload.StringRule{MaxLength: 3, Patterns: []*payload.Pattern{payload.NewPattern(`\\d`, \"[0-9]\")}}",
		},
		{
			payload.NewNumberRule(payload.NumberLimits{Minimum: "1", ExclusiveMinimum: "2", Maximum: "3", ExclusiveMaximum: "4", MultipleOf: "5", Whole: true, Enum: []string{"6"}}),
			`payload.NewNumberRule(payload.NumberLimits{Minimum: "1", ExclusiveMinimum: "2", Maximum: "3", ExclusiveMaximum: "4", MultipleOf: "5", Whole: true, Enum: []string{"6"}})`,
		},

		{payload.Schema{Never: true}, "payload.Schema{Never: true}"},
		{payload.Schema{Ref: "a", Never: true}, "payload.Schema{\n\tRef:   \"a\",\n\tNever: true,\n}"},
		{payload.Schemas{"a": {Not: &payload.Schema{}}}, "payload.Schemas{\n\t\"a\": {Not: &payload.Schema{}},\n}"},
		{
			runtime.Declarations{Queues: []runtime.Queue{{Name: "q", Durable: true}}},
			"runtime.Declarations{\n\tQueues: []runtime.Queue{{Name: \"q\", Durable: true}},\n}",
		},
	} {
		if diff := cmp.Diff(c.want, sourceOf(literals{}.value(c.value))); diff != "" {
			t.Errorf("%#v (-want +got):\n%s", c.value, diff)
		}
	}
}

func TestLiteralFields(t *testing.T) {
	if got, want := sourceOf(jen.Id("T").Add(literals{}.untypedOf(runtime.Queue{Name: "q"}))), "T{Name: \"q\"}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What stands instead of a value does so before its zero value is left out, in structs, lists and
// maps.
func TestLiteralsInstead(t *testing.T) {
	l := literals{func(field string, value any) jen.Code {
		switch {
		case field == "Name", value == "given":
			return jen.Id("name").Call()
		}
		return nil
	}}
	for _, c := range []struct {
		value any
		want  string
	}{
		{runtime.Queue{Durable: true}, "runtime.Queue{Name: name(), Durable: true}"},
		{[]string{"given", "a"}, `[]string{name(), "a"}`},
		{runtime.Headers{"a": "given"}, `runtime.Headers{"a": name()}`},
	} {
		if got := sourceOf(l.value(c.value)); got != c.want {
			t.Errorf("%#v is %s, want %s", c.value, got, c.want)
		}
	}
}

// sourceOf returns a formatted expression.
func sourceOf(code *jen.Statement) string {
	return code.GoString()
}
