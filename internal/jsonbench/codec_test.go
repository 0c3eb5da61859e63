package jsonbench

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	gojson "github.com/goccy/go-json"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/internal/jsonbench/messages"
)

// event is an order of 595 bytes: nested objects, lists, a time, a date, decimals, UUIDs, an enum and optional members.
const event = `{"currency":"EUR","customer":{"address":{"city":"Antwerpen","country":"BE","postalCode":"2000","street":"Lange Nieuwstraat 24","unit":"3B"},` +
	`"email":"ada.devries@example.com","id":"0f8fad5b-d9cb-469f-a165-70867728950e","name":"Ada de Vries"},"dueDate":"2026-11-30","lines":[` +
	`{"price":19.99,"quantity":2,"sku":"ABC-1234","tags":["fragile","gift"]},{"gift":true,"price":5.10,"quantity":1,"sku":"XYZ-0042"}],` +
	`"note":"Ring twice, please: the bell is slow.","orderId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","placedAt":"2026-11-22T10:15:30.123Z","priority":5,"status":"paid","total":45.08}`

// A codec is one way to read and write the event.
type codec struct {
	name   string
	encode func() error // into a buffer of its own that it uses again, where it can
	decode func() error
}

// codecs are the generated one, which checks everything both ways, and the others, which check nothing.
func codecs(tb testing.TB) []codec {
	tb.Helper()
	var typed messages.Order
	var plain plainOrder
	if err := errors.Join(typed.UnmarshalJSON([]byte(event)), json.Unmarshal([]byte(event), &plain)); err != nil {
		tb.Fatal(err)
	}
	data := []byte(event)
	var buffer []byte
	all := []codec{{
		name: "generated",
		encode: func() (err error) {
			if err := typed.Validate(); err != nil {
				return err
			}
			buffer, err = typed.AppendJSON(buffer[:0])
			return err
		},
		decode: func() error {
			var order messages.Order
			return order.UnmarshalJSON(data)
		},
	}}
	others := []struct {
		name      string
		marshal   func(any) ([]byte, error)
		unmarshal func([]byte, any) error
	}{
		{"encoding/json", json.Marshal, json.Unmarshal},
		{"encoding/json/v2", func(v any) ([]byte, error) { return jsonv2.Marshal(v) }, func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }},
		{"goccy/go-json", gojson.Marshal, gojson.Unmarshal},
		{"bytedance/sonic", sonic.Marshal, sonic.Unmarshal},
	}
	for _, o := range others {
		all = append(all, codec{
			name:   o.name,
			encode: func() error { _, err := o.marshal(&plain); return err },
			decode: func() error {
				var order plainOrder
				return o.unmarshal(data, &order)
			},
		})
	}
	return all
}

// TestCodecsAgree makes sure that all codecs do the same work: each writes the event, and reads it to the same value.
func TestCodecsAgree(t *testing.T) {
	var typed messages.Order
	var plain plainOrder
	if err := errors.Join(typed.UnmarshalJSON([]byte(event)), json.Unmarshal([]byte(event), &plain), typed.Validate()); err != nil {
		t.Fatal(err)
	}
	text, err := typed.AppendJSON(nil)
	if err != nil || string(text) != event {
		t.Errorf("the generated codec writes %s, %v", text, err)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){
		"encoding/json": json.Marshal, "goccy": gojson.Marshal, "sonic": sonic.Marshal, "json/v2": func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
	} {
		if text, err := marshal(&plain); err != nil || string(text) != event {
			t.Errorf("%s writes %s, %v", name, text, err)
		}
	}
	for _, c := range codecs(t) {
		if err := errors.Join(c.encode(), c.decode()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range codecs(b) {
		b.Run(c.name, func(b *testing.B) { loop(b, c.encode) })
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range codecs(b) {
		b.Run(c.name, func(b *testing.B) { loop(b, c.decode) })
	}
}

// BenchmarkValidate compares the generated checks with a validator that interprets the schema, on the same document.
func BenchmarkValidate(b *testing.B) {
	generated, interpreted := validators(b)
	b.Run("generated", func(b *testing.B) { loop(b, generated) })
	b.Run("santhosh-tekuri/jsonschema", func(b *testing.B) { loop(b, interpreted) })
}

func loop(b *testing.B, work func() error) {
	b.ReportAllocs()
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
}

// validators check the event that has been read already.
func validators(tb testing.TB) (generated, interpreted func() error) {
	tb.Helper()
	var typed messages.Order
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(event)))
	if err := errors.Join(err, typed.UnmarshalJSON([]byte(event))); err != nil {
		tb.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("order.schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return typed.Validate, func() error { return schema.Validate(instance) }
}
