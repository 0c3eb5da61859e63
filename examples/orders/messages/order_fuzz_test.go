package messages

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime/payload"
)

// FuzzOrder holds the generated decoder against an oracle: encoding/json reads the text, plain code makes an Order of it, and
// Validate checks that. Where the oracle takes a text that the decoder refuses, the decoder must name a reason that encoding/json does not look for.
func FuzzOrder(f *testing.F) {
	const order = `{"id":"2eb8aa08-aa98-11ea-b4aa-73b441d16380","customer":{"id":"c-1","name":"Ada","email":"ada@example.com"},` +
		`"lines":[{"sku":"A-1","quantity":2,"price":{"amount":1250,"currency":"EUR"}}],"total":{"amount":25e2,"currency":"EUR"},` +
		`"placedAt":"2026-11-22T10:15:30.5+01:00","deliverBy":"2026-11-30","notes":{"door":"Ring é twice"},"more":[{},null,1.5e3]}`
	f.Add([]byte(order))
	f.Add([]byte(strings.NewReplacer(`"EUR"`, `"DM"`, `2,`, `0.5,`, `[{`, `[{`, "Ada", "").Replace(order)))
	f.Add([]byte(`{"lines":[],"lines":null,"total":{"amount":9223372036854775808}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var got Order
		refused := got.UnmarshalJSON(data)
		want, oracle := oracleOrder(data)
		switch {
		case refused == nil && oracle != nil:
			t.Fatalf("the decoder takes %q, the oracle says %v", data, oracle)
		case refused != nil && oracle == nil && !beyondOracle(refused):
			t.Fatalf("the oracle takes %q, the decoder says %v", data, refused)
		case refused == nil && oracle == nil:
			x, errX := got.AppendJSON(nil)
			y, errY := want.AppendJSON(nil)
			if err := errors.Join(errX, errY); err != nil || !bytes.Equal(x, y) {
				t.Fatalf("of %q the decoder makes %s, the oracle %s, %v", data, x, y, err)
			}
		}
	})
}

// beyondOracle says whether a refusal is for something that encoding/json lets through.
func beyondOracle(refused error) bool {
	for _, reason := range []string{"is there twice", "invalid UTF-8", "half of a surrogate pair", "nested deeper than"} {
		if strings.Contains(refused.Error(), reason) {
			return true
		}
	}
	return false
}

// oracleOrder reads an Order without the generated decoder.
func oracleOrder(data []byte) (o *Order, err error) {
	defer func() {
		if p := recover(); p != nil {
			if wrong, ok := p.(wrongValue); ok {
				err = errors.New(string(wrong))
				return
			}
			panic(p)
		}
	}()
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if !json.Valid(data) { // data after the value
		return nil, errors.New("not one value")
	}
	o = order(v)
	return o, o.Validate()
}

// A wrongValue is the reason why a value cannot be part of an Order.
type wrongValue string

func wrong(v any, want string) wrongValue { return wrongValue(fmt.Sprintf("%v is no %s", v, want)) }

func order(v any) *Order {
	o := &Order{
		ID:       text[payload.UUID](member(v, "id")),
		Customer: Customer{ID: as[string](member(member(v, "customer"), "id")), Name: as[string](member(member(v, "customer"), "name"))},
		Lines:    []Line{},
		Total:    money(member(v, "total")),
		PlacedAt: instant(member(v, "placedAt")),
	}
	if email, there := optional(member(v, "customer"), "email"); there {
		o.Customer.Email = new(as[string](email))
	}
	for _, item := range as[[]any](member(v, "lines")) {
		quantity := integer(member(item, "quantity"))
		if quantity != int64(int32(quantity)) {
			panic(wrong(quantity, "int32"))
		}
		o.Lines = append(o.Lines, Line{SKU: as[string](member(item, "sku")), Quantity: int32(quantity), Price: money(member(item, "price"))})
	}
	if day, there := optional(v, "deliverBy"); there {
		o.DeliverBy = new(text[payload.Date](day))
	}
	if notes, there := optional(v, "notes"); there {
		o.Notes = map[string]string{}
		for name, note := range as[map[string]any](notes) {
			o.Notes[name] = as[string](note)
		}
	}
	return o
}

func money(v any) Money {
	return Money{Amount: integer(member(v, "amount")), Currency: MoneyCurrency(as[string](member(v, "currency")))}
}

// member returns a member that must be there.
func member(v any, name string) any {
	value, there := optional(v, name)
	if !there {
		panic(wrong(v, "object with "+name))
	}
	return value
}

func optional(v any, name string) (any, bool) {
	value, there := as[map[string]any](v)[name]
	return value, there
}

func as[T any](v any) T {
	value, ok := v.(T)
	if !ok {
		panic(wrong(v, reflect.TypeFor[T]().String()))
	}
	return value
}

// text reads a value that is written as a string.
func text[T any, P interface {
	*T
	UnmarshalText([]byte) error
}](v any) T {
	var value T
	if err := P(&value).UnmarshalText([]byte(as[string](v))); err != nil {
		panic(wrongValue(err.Error()))
	}
	return value
}

// instant reads a date-time: unlike package time, RFC 3339 has leap seconds, t and z in lower case, and hours of two digits.
func instant(v any) time.Time {
	s := strings.ToUpper(as[string](v))
	if len(s) < 20 || s[13] != ':' { // package time takes an hour of one digit
		panic(wrong(v, "date-time"))
	}
	leap := s[17:19] == "60"
	if leap {
		s = s[:17] + "59" + s[19:]
	}
	var at time.Time
	if err := at.UnmarshalText([]byte(s)); err != nil {
		panic(wrongValue(err.Error()))
	}
	if !leap {
		return at
	}
	if utc := at.UTC(); utc.Hour() != 23 || utc.Minute() != 59 {
		panic(wrong(v, "leap second"))
	}
	return at.Add(time.Second)
}

// integer reads a whole number, in whatever notation.
func integer(v any) int64 {
	number := as[json.Number](v)
	if _, exponent, ok := strings.Cut(strings.ToLower(number.String()), "e"); ok && len(exponent) > 4 {
		if mantissa, _, _ := strings.Cut(strings.ToLower(number.String()), "e"); strings.Trim(mantissa, "-0.") == "" {
			return 0
		}
		panic(wrong(v, "number of a size that this test reads"))
	}
	r, ok := new(big.Rat).SetString(number.String())
	if !ok || !r.IsInt() || !r.Num().IsInt64() {
		panic(wrong(v, "int64"))
	}
	return r.Num().Int64()
}
