package jsonbench

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/internal/jsonbench/messages"
)

// BenchmarkValidate compares the generated checks with a validator that interprets the schema, on the same order.
func BenchmarkValidate(b *testing.B) {
	generated, interpreted := validators(b)
	b.Run("generated", func(b *testing.B) { loop(b, generated) })
	b.Run("santhosh-tekuri/jsonschema", func(b *testing.B) { loop(b, interpreted) })
}

// validators check the order, which has been read already.
func validators(tb testing.TB) (generated, interpreted func() error) {
	tb.Helper()
	text := event(tb)
	var typed messages.Order
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err := errors.Join(err, typed.UnmarshalJSON(text)); err != nil {
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

// event is the order as JSON.
func event(tb testing.TB) []byte {
	tb.Helper()
	text, err := json.Marshal(plainOrder())
	if err != nil {
		tb.Fatal(err)
	}
	return text
}
