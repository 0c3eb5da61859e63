package jsonbench

import (
	"encoding/json"
	"testing"

	"github.com/bytedance/sonic"
	jsonv2 "github.com/go-json-experiment/json"
	gojson "github.com/goccy/go-json"
)

const orderEvent = `{"currency":"EUR","customer":{"address":{"city":"Antwerpen","country":"BE","postalCode":"2000","street":"Meir 24","unit":"3B"},"email":"ada@example.com","id":"0f8fad5b-d9cb-469f-a165-70867728950e","name":"Ada de Vries"},"dueDate":"2026-11-30","lines":[{"price":19.99,"quantity":2,"sku":"ABC-1234","tags":["fragile","gift"]},{"gift":true,"price":5.10,"quantity":1,"sku":"XYZ-0042"}],"note":"Ring twice, please.","orderId":"7c9e6679-7425-40de-944b-e07fc1f90ae7","placedAt":"2026-11-22T10:15:30.123Z","priority":5,"status":"paid","total":45.08}`

func decoded(tb testing.TB) *Order {
	var o Order
	if err := o.Unmarshal([]byte(orderEvent)); err != nil {
		tb.Fatal(err)
	}
	return &o
}

func TestCodecsAgree(t *testing.T) {
	o := decoded(t)
	ours, err := o.AppendJSON(nil)
	if err != nil || string(ours) != orderEvent {
		t.Fatalf("got %s, %v", ours, err)
	}
	for name, marshal := range map[string]func(any) ([]byte, error){
		"encoding/json": json.Marshal, "goccy": gojson.Marshal, "sonic": sonic.Marshal,
		"jsonv2": func(v any) ([]byte, error) { return jsonv2.Marshal(v) },
	} {
		if text, err := marshal(o); err != nil || string(text) == "" {
			t.Errorf("%s: %s, %v", name, text, err)
		} else if string(text) != orderEvent {
			t.Logf("%s: %s", name, text)
		}
	}
	t.Log(len(orderEvent))
}

func BenchmarkEncode(b *testing.B) {
	o := decoded(b)
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			if err := o.Validate(); err != nil {
				b.Fatal(err)
			}
			buf, _ = o.AppendJSON(buf[:0])
		}
	})
	b.Run("generated-novalidate", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf, _ = o.AppendJSON(buf[:0])
		}
	})
	for _, c := range []struct {
		name    string
		marshal func(any) ([]byte, error)
	}{
		{"encoding-json", json.Marshal}, {"goccy", gojson.Marshal}, {"sonic", sonic.Marshal},
		{"jsonv2", func(v any) ([]byte, error) { return jsonv2.Marshal(v) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.marshal(o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	data := []byte(orderEvent)
	b.Run("generated", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var o Order
			if err := o.Unmarshal(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, c := range []struct {
		name      string
		unmarshal func([]byte, any) error
	}{
		{"encoding-json", json.Unmarshal}, {"goccy", gojson.Unmarshal}, {"sonic", sonic.Unmarshal},
		{"jsonv2", func(data []byte, v any) error { return jsonv2.Unmarshal(data, v) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var o Order
				if err := c.unmarshal(data, &o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValidate(b *testing.B) {
	o := decoded(b)
	for b.Loop() {
		if err := o.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}
