package jsonbench

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/jsonbench/plain"
	"github.com/scampgen/scampgen/internal/jsonbench/shapes"
)

// A shape is one kind of message, and all ways to write and to read one of it.
type shape struct {
	name   string
	bytes  int
	codecs []codec
	// publish is the whole of a publish on a broker that confirms at once: with the generated client, and with a producer that
	// is given what encoding/json has written.
	publish, publishPlain func() error
}

// allShapes returns the shapes in the order of the table.
func allShapes(tb testing.TB) []shape {
	tb.Helper()
	producers := newProducers(tb)
	return []shape{
		shapeOf(tb, "order", plainOrder(), producers, (*shapes.Producer).PublishOrder),
		shapeOf(tb, "shipment", plainShipment(), producers, (*shapes.Producer).PublishShipment),
		shapeOf(tb, "1,000 integers", plain.Integers{Values: list(1000, func(int) int64 { return random.Int64N(1e7) })}, producers, (*shapes.Producer).PublishIntegers),
		shapeOf(tb, "1,000 floats of 17 digits", plain.Floats{Values: list(1000, func(int) float64 { return random.NormFloat64() * 1000 })}, producers, (*shapes.Producer).PublishFloats),
		shapeOf(tb, "1,000 floats, as prices", plain.Floats{Values: list(1000, func(int) float64 { return float64(random.IntN(1e6)) / 100 })}, producers, (*shapes.Producer).PublishFloats),
		shapeOf(tb, "long text with escapes", plain.Text{Text: strings.Repeat("He said: \"see C:\\temp\".\n\tThen he left. ", 250)}, producers, (*shapes.Producer).PublishText),
		shapeOf(tb, "long text, not ASCII", plain.Text{Text: strings.Repeat("Съешь же ещё этих мягких французских булок, да выпей чаю. ", 100)}, producers, (*shapes.Producer).PublishText),
		shapeOf(tb, "map of 100 strings", plain.Labels{Labels: labels(100)}, producers, (*shapes.Producer).PublishLabels),
		shapeOf(tb, "1,000 mixed items", plain.Catalogue{Items: list(1000, plainItem)}, producers, (*shapes.Producer).PublishCatalogue),
		shapeOf(tb, "oneOf, 30 items", plain.Payments{Payments: list(30, plainPayment)}, producers, (*shapes.Producer).PublishPayments),
		shapeOf(tb, "oneOf, 8 deep", plain.Nested{Step: plainStep(8)}, producers, (*shapes.Producer).PublishNested),
		shapeOf(tb, "oneOf, 32 deep", plain.Nested{Step: plainStep(32)}, producers, (*shapes.Producer).PublishNested),
		shapeOf(tb, "uniqueItems, 200 integers", plain.Integers{Values: list(200, func(i int) int64 { return int64(i) * 7919 % 1e6 })}, producers, (*shapes.Producer).PublishUniqueIntegers),
		shapeOf(tb, "uniqueItems, 200 strings", plain.Strings{Values: list(200, func(i int) string { return fmt.Sprintf("item-%08d", i*7919%1e6) })}, producers, (*shapes.Producer).PublishUniqueStrings),
		shapeOf(tb, "multipleOf, 200 numbers", plain.Floats{Values: list(200, func(int) float64 { return float64(random.IntN(1e6)) / 100 })}, producers, (*shapes.Producer).PublishMultiples),
	}
}

// random gives the same values in each run.
var random = rand.New(rand.NewPCG(1, 2))

func list[T any](n int, item func(i int) T) []T {
	items := make([]T, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

var placedAt = time.Date(2026, 11, 22, 10, 15, 30, 123e6, time.UTC)

func plainOrder() plain.Order {
	return plain.Order{
		Currency: "EUR",
		Customer: plain.Customer{
			Address: plain.Address{City: "Antwerpen", Country: "BE", PostalCode: "2000", Street: "Lange Nieuwstraat 24", Unit: new("3B")},
			Email:   "ada.devries@example.com", ID: "0f8fad5b-d9cb-469f-a165-70867728950e", Name: "Ada de Vries",
		},
		DueDate: new("2026-11-30"),
		Lines: []plain.Line{
			{Price: 19.99, Quantity: 2, SKU: "ABC-1234", Tags: []string{"fragile", "gift"}},
			{Gift: new(true), Price: 5.1, Quantity: 1, SKU: "XYZ-0042"},
			{Price: 149.5, Quantity: 1, SKU: "KLM-7730", Tags: []string{"electronics", "insured"}},
			{Price: 3.25, Quantity: 12, SKU: "TEA-0815", Tags: []string{"food"}},
		},
		Note:    new("Ring twice, please: the bell is slow. If nobody opens, leave them with the neighbours at number 26; they know. The parcel is heavy: please do not put it on the stairs, and close the gate."),
		OrderID: "7c9e6679-7425-40de-944b-e07fc1f90ae7", PlacedAt: placedAt, Priority: new(int64(5)), Status: "paid", Total: 233.58,
	}
}

func plainShipment() plain.Shipment {
	return plain.Shipment{
		Carrier: "DHL",
		From:    plain.Address{City: "Rotterdam", Country: "NL", PostalCode: "3011 AB", Street: "Boompjes 40-42 A"},
		Insured: new(true),
		Parcels: []plain.Parcel{
			{Height: 12.5, Length: 40, Weight: 2.35, Width: 30},
			{Height: 8, Length: 21.4, Weight: 0.48, Width: 14.8},
			{Height: 60.25, Length: 80, Weight: 18.9, Width: 41},
		},
		ShipmentID: "3d6f4a2e-9a52-4a0b-8f35-5f1f2c8f7f11", ShippedAt: placedAt,
		To:           plain.Address{City: "Antwerpen", Country: "BE", PostalCode: "2000", Street: "Lange Nieuwstraat 24", Unit: new("3B")},
		TrackingCode: "JVGL06012345678901",
	}
}

func labels(n int) map[string]string {
	labels := map[string]string{}
	for i := range n {
		labels[fmt.Sprintf("label-%03d", i*37%1000)] = fmt.Sprintf("value of the label %d", i)
	}
	return labels
}

func plainItem(i int) plain.Item {
	item := plain.Item{
		Active: i%3 > 0, CreatedAt: placedAt.Add(time.Duration(i) * time.Minute),
		Description: "Sturdy and light, for daily use; café, kitchen or office. Washable at 60 °C.",
		Dimensions:  plain.Dimensions{Depth: 12.5 + float64(i%40), Height: 7.25, Width: 31.75},
		ID:          fmt.Sprintf("7c9e6679-7425-40de-944b-%012x", i), Price: float64(i%500) + 0.99, Quantity: int64(i * 3 % 900),
		SKU: fmt.Sprintf("ABC-%04d", i), Tags: []string{"kitchen", "new", "sale"}, Title: fmt.Sprintf("Mug number %d", i),
	}
	if i%2 == 0 {
		item.Discount = new(0.15)
	}
	return item
}

func plainPayment(i int) plain.Payment {
	switch i % 3 {
	case 0:
		return plain.Payment{Holder: new("Ada de Vries"), Number: new("4111111111111111")}
	case 1:
		return plain.Payment{BIC: new("KREDBEBB"), IBAN: new("BE71096123456769")}
	}
	return plain.Payment{Code: new("WELCOME-2026")}
}

func plainStep(deep int) plain.Step {
	if deep == 0 {
		return plain.Step{Result: new(int64(42))}
	}
	return plain.Step{Name: new(fmt.Sprintf("step %d", deep)), Then: new(plainStep(deep - 1))}
}

// TestCodecsAgree makes sure that all codecs do the same work: each writes the same value and reads what all write.
func TestCodecsAgree(t *testing.T) {
	for _, s := range allShapes(t) {
		var want any
		for i, c := range s.codecs {
			text, err := c.encode()
			if err != nil {
				t.Fatalf("%s, %s: %v", s.name, c.name, err)
			}
			var got any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatalf("%s, %s: %v", s.name, c.name, err)
			}
			if i == 0 {
				want = got
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %s writes %s", s.name, c.name, text)
			}
			if err := c.decode(); err != nil {
				t.Errorf("%s, %s: %v", s.name, c.name, err)
			}
		}
		if err := s.publish(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		if err := s.publishPlain(); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}

// BenchmarkShapes measures the generated codec alone, for profiles.
func BenchmarkShapes(b *testing.B) {
	for _, s := range allShapes(b) {
		b.Run(s.name+"/encode", func(b *testing.B) {
			loop(b, func() error { _, err := s.codecs[generated].encode(); return err })
		})
		b.Run(s.name+"/decode", func(b *testing.B) { loop(b, s.codecs[generated].decode) })
		b.Run(s.name+"/publish", func(b *testing.B) { loop(b, s.publish) })
	}
}

func loop(b *testing.B, work func() error) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
}
