package runtime

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

type shelf string

// TestParameters publishes with parameters and reads the routing keys back.
func TestParameters(t *testing.T) {
	words := func(names ...string) []Parameter {
		var all []Parameter
		for _, name := range names {
			all = append(all, Parameter{Name: name, IsWord: true})
		}
		return all
	}
	tests := []struct {
		name, key  string
		parameters []Parameter
		values     []any
		want       string // the key
		wrong      string // or the error
	}{
		{"a word", "stock.{a}.low", words("a"), []any{"north"}, "stock.north.low", ""},
		{"two words", "{a}.{b}", words("a", "b"), []any{"1", "2"}, "1.2", ""},
		{"in a word", "x-{a}-y.{b}", words("a", "b"), []any{"1", "2"}, "x-1-y.2", ""},
		{"a type of text", "{a}", words("a"), []any{shelf("top")}, "top", ""},
		{"the name of a parameter", "{a}.{b}", words("a", "b"), []any{"{b}", "2"}, "{b}.2", ""},
		{"twice", "{a}.of.{a}", words("a"), []any{"1"}, "1.of.1", ""},
		{"a brace that does not close", "{a}.{b", words("a"), []any{"1"}, "1.{b", ""},
		{"an end that repeats", "{a}x", words("a"), []any{"xx"}, "xxx", ""},
		{"a default", "{a}.low", []Parameter{{Name: "a", Default: "north"}}, []any{""}, "north.low", ""},
		{"an integer", "{a}.{b}", []Parameter{{Name: "a", Type: "integer"}, {Name: "b", Type: "boolean"}}, []any{int64(-4), true}, "-4.true", ""},
		{"a dot elsewhere", "stock.{a}", []Parameter{{Name: "a"}}, []any{"a.*.#"}, "stock.a.*.#", ""},
		{"nothing", "stock.{a}.low", words("a"), []any{""}, "", `parameter "a": the value is empty`},
		{"a dot", "stock.{a}.low", words("a"), []any{"a.b"}, "", `"a.b" has a dot`},
		{"a star", "{a}", words("a"), []any{"*"}, "", `"*" has a dot`},
		{"a hash", "{a}", words("a"), []any{"x#"}, "", `"x#" has a dot`},
		{"none of the enum", "{a}", []Parameter{{Name: "a", Enum: []string{"x", "y"}}}, []any{"z"}, "", `"z" is none of ["x" "y"]`},
		{"no integer", "{a}", []Parameter{{Name: "a", Type: "integer"}}, []any{"z"}, "", `"z" is not of the type integer`},
		{"no number", "{a}", []Parameter{{Name: "a", Type: "number"}}, []any{"1x"}, "", `"1x" is not of the type number`},
		{"no values", "{a}", words("a"), nil, "", "the value is empty"},
		{"read otherwise", "{a}.{b}", []Parameter{{Name: "a"}, {Name: "b"}}, []any{"1.2", "3"}, "", "would be read as other parameters"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			publication := &Publication{Name: "P", Exchange: "x", RoutingKey: test.key, Parameters: test.parameters}
			source := settled(Settlement{Outcome: OutcomeAcked})
			_, err := newTestProducer(t, source).Publish(t.Context(), publication.WithParameters(test.values...), "text")
			if test.wrong != "" {
				if !errors.Is(err, ErrNotSent) || !strings.Contains(err.Error(), test.wrong) || len(source.sent) > 0 {
					t.Errorf("got %v, sent %v", err, source.sent)
				}
				return
			}
			if err != nil || source.sent[0].RoutingKey != test.want {
				t.Fatalf("sent %v, %v", source.sent, err)
			}
			if found, err := publication.parametersOf(test.want); err != nil || len(found) != len(test.parameters) {
				t.Errorf("read %q, %v", found, err)
			}
		})
	}
}

// TestReadParameters reads the keys of deliveries.
func TestReadParameters(t *testing.T) {
	publication := &Publication{Name: "P", RoutingKey: "{house}.{level}.{sku}.{full}", Parameters: []Parameter{
		{Name: "house", Enum: []string{"north", "south"}}, {Name: "level", Type: "integer"}, {Name: "sku", Location: "$message.payload#/sku"}, {Name: "full", Type: "boolean"},
	}}
	read := func(key string) (house shelf, level int64, full bool, err error) {
		ctx := ContextWithDelivery(t.Context(), &Delivery{Message: Message{RoutingKey: key}})
		err = publication.ReadParameters(ctx, &house, &level, &full)
		return house, level, full, err
	}
	if house, level, full, err := read("south.12.pot.true"); err != nil || house != "south" || level != 12 || !full {
		t.Errorf("read %v, %v, %v, %v", house, level, full, err)
	}
	for _, key := range []string{"", "south", "south.12.pot", "south.12.pot.true.x", "south..pot.true", "west.12.pot.true", "south.12x.pot.true", "south.12.pot.yes"} {
		if _, _, _, err := read(key); !isType[*InvalidError](err) || !publication.takes("north.1.x.false") || publication.takes(key) {
			t.Errorf("%q gives %v", key, err)
		}
	}
	twice := &Publication{RoutingKey: "{a}.of.{a}", Parameters: []Parameter{{Name: "a"}}}
	if !twice.takes("1.of.1") || twice.takes("1.of.2") {
		t.Error("a parameter may have two values")
	}
	if err := publication.ReadParameters(context.Background()); err == nil {
		t.Error("without a delivery there is no error")
	}
}

// TestParametersOfMessage takes parameters from the payload and the headers.
func TestParametersOfMessage(t *testing.T) {
	publication := &Publication{Name: "P", RoutingKey: "{a}.{b}.{c}", Parameters: []Parameter{
		{Name: "a", Location: "$message.payload#/of/a~1b", IsWord: true}, {Name: "b", Location: "$message.payload#/n"}, {Name: "c", Location: "$message.header#/c"},
	}}
	type object = map[string]any
	header := WithHeaders(Headers{"c": int32(7)})
	source := settled(Settlement{Outcome: OutcomeAcked})
	producer := newTestProducer(t, source)
	if _, err := producer.Publish(t.Context(), publication, object{"of": object{"a/b": "x"}, "n": 12}, header); err != nil || source.sent[0].RoutingKey != "x.12.7" {
		t.Fatalf("sent %v, %v", source.sent, err)
	}
	for wrong, payload := range map[string]any{
		"has no $message.payload#/n": object{"of": object{"a/b": "x"}},
		"is no text, number":         object{"of": object{"a/b": []int{1}}, "n": 1},
		"has a dot":                  object{"of": object{"a/b": "x.y"}, "n": 1},
		"the value is empty":         object{"of": object{"a/b": ""}, "n": 1},
		`parameter "a": the message`: []int{1},
	} {
		if _, err := producer.Publish(t.Context(), publication, payload, header); !errors.Is(err, ErrNotSent) || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if _, err := producer.Publish(t.Context(), publication, object{"of": object{"a/b": "x"}, "n": 1}); !errors.Is(err, ErrNotSent) {
		t.Errorf("without the header: %v", err)
	}
	if _, err := producer.Publish(t.Context(), publication, "text", WithRoutingKey("own")); err != nil {
		t.Errorf("with a key of the caller's own: %v", err)
	}
}

// TestParameterInNestedHeader takes a parameter from where a correlation id would be found too.
func TestParameterInNestedHeader(t *testing.T) {
	publication := &Publication{Name: "P", RoutingKey: "{a}.{b}", Parameters: []Parameter{
		{Name: "a", Location: "$message.header#/trace/tenant~1id"}, {Name: "b", Location: "$message.payload#/lines/1/sku"},
	}}
	type object = map[string]any
	source := settled(Settlement{Outcome: OutcomeAcked})
	producer := newTestProducer(t, source)
	payload := object{"lines": []any{object{}, object{"sku": "cup"}}}
	for _, trace := range []any{Headers{"tenant/id": "x"}, object{"tenant/id": "x"}} {
		_, err := producer.Publish(t.Context(), publication, payload, WithHeaders(Headers{"trace": trace}))
		if sent := source.messages(); err != nil || sent[len(sent)-1].RoutingKey != "x.cup" {
			t.Errorf("sent %v, %v", sent, err)
		}
	}
}

// FuzzParameters checks that a key is read as the values that it was made of, or not made.
func FuzzParameters(f *testing.F) {
	f.Add("a.{x}.b-{y}", "1", "2", "a.1.b-2")
	f.Add("{x}{y}", "1", "2", "{}")
	f.Fuzz(func(t *testing.T, key, x, y, read string) {
		publication := (&Publication{RoutingKey: key, Parameters: []Parameter{{Name: "x"}, {Name: "y", IsWord: true}}}).WithParameters(x, y)
		m := &Message{RoutingKey: key}
		if publication.address(m) == nil {
			if got, err := publication.parametersOf(m.RoutingKey); err != nil || !slices.Equal(got, []string{x, y}) {
				t.Errorf("%q is read as %q, %v", m.RoutingKey, got, err)
			}
		}
		if got, err := publication.parametersOf(read); err == nil && len(got) != 2 {
			t.Errorf("%q is read as %q", read, got)
		}
	})
}
