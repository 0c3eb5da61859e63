package jsonbench

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	gojson "github.com/goccy/go-json"
	"github.com/mailru/easyjson"

	"github.com/scampgen/scampgen/internal/jsonbench/shapes"
	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A codec is one way to write and to read a message. What encode returns is valid until it is called again.
type codec struct {
	name   string
	encode func() ([]byte, error)
	decode func() error
}

// The first two codecs. The generated one checks everything both ways; the others check nothing.
const (
	generated = iota
	standard
)

// shapeOf returns the shape of the messages T, which are written by hand as P.
func shapeOf[T, P any, M interface {
	*T
	payload.Message
}](
	tb testing.TB, name string, value P, producers producers,
	publish func(*shapes.Producer, context.Context, M, ...runtime.PublishOption) (runtime.Receipt, error),
) shape {
	tb.Helper()
	text, err := json.Marshal(&value)
	typed := M(new(T))
	if err := errors.Join(err, typed.UnmarshalJSON(text)); err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	ctx := context.Background()
	return shape{
		name: name, bytes: len(text),
		codecs: append([]codec{{
			name:   "generated",
			encode: func() ([]byte, error) { return encodeAsProducer(typed) },
			decode: func() error { return M(new(T)).UnmarshalJSON(text) },
		}}, others[P](text, &value)...),
		publish: func() error {
			_, err := publish(producers.typed, ctx, typed)
			return err
		},
		publishPlain: func() error {
			body, err := json.Marshal(&value)
			if err == nil {
				_, err = producers.plain.Publish(ctx, plainPublication, body)
			}
			return err
		},
	}
}

// others are the codecs of a plain type.
func others[P any](text []byte, value *P) []codec {
	library := func(name string, marshal func(any) ([]byte, error), unmarshal func([]byte, any) error) codec {
		return codec{
			name:   name,
			encode: func() ([]byte, error) { return marshal(value) },
			decode: func() error { return unmarshal(text, new(P)) },
		}
	}
	return []codec{
		library("encoding/json", json.Marshal, json.Unmarshal),
		library("json/v2", func(v any) ([]byte, error) { return jsonv2.Marshal(v) }, func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }),
		library("goccy", gojson.Marshal, gojson.Unmarshal),
		library("sonic", sonic.Marshal, sonic.Unmarshal),
		library("easyjson",
			func(v any) ([]byte, error) { return easyjson.Marshal(v.(easyjson.Marshaler)) },
			func(data []byte, v any) error { return easyjson.Unmarshal(data, v.(easyjson.Unmarshaler)) }),
	}
}
