package jsonbench

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/go-faster/jx"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/scampgen/scampgen/runtime/payload"
)

// A tokenizer reads all tokens of the order, decodes its strings and keeps nothing.
type tokenizer struct {
	name string
	read func() error
}

func tokenizers(tb testing.TB) []tokenizer {
	tb.Helper()
	data := event(tb)
	reader := bytes.NewReader(data)
	text := jsontext.NewDecoder(reader)
	faster := jx.DecodeBytes(data)
	return []tokenizer{
		{"payload.Raw", payload.Raw(data).Validate},
		{"go-faster/jx", func() error {
			faster.ResetBytes(data)
			return readFaster(faster)
		}},
		{"jsontext", func() error {
			reader.Reset(data)
			text.Reset(reader)
			for {
				if _, err := text.ReadToken(); errors.Is(err, io.EOF) {
					return nil
				} else if err != nil {
					return err
				}
			}
		}},
	}
}

func readFaster(d *jx.Decoder) error {
	switch d.Next() {
	case jx.Object:
		return d.ObjBytes(func(d *jx.Decoder, _ []byte) error { return readFaster(d) })
	case jx.Array:
		return d.Arr(readFaster)
	case jx.String:
		_, err := d.StrBytes()
		return err
	default:
		return d.Skip()
	}
}

func BenchmarkTokens(b *testing.B) {
	for _, t := range tokenizers(b) {
		b.Run(t.name, func(b *testing.B) { loop(b, t.read) })
	}
}
