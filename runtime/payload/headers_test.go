package payload

import (
	"testing"
	"time"
)

// Scaled is the counterpart of DecimalOf.
func TestScaled(t *testing.T) {
	for text, want := range map[string]Decimal{
		"12.50": DecimalOf(1250, 2), "-0.005": DecimalOf(-5, 3), "1e3": DecimalOf(1000, 0), "1.5E+1": DecimalOf(15, 0), "25e-1": DecimalOf(25, 1), "0": {},
	} {
		unscaled, scale, ok := MustDecimal(text).Scaled()
		if got := DecimalOf(unscaled, scale); !ok || got != DecimalOf(0, 0) && got != want || got.Cmp(MustDecimal(text)) != 0 {
			t.Errorf("%s is %d with the scale %d, %v", text, unscaled, scale, ok)
		}
	}
	for _, text := range []string{"1e99", "1e-1001", "1e1001", "1e99999999999999999999", "9223372036854775808"} {
		if _, _, ok := MustDecimal(text).Scaled(); ok {
			t.Errorf("%s fits", text)
		}
	}
}

// A header of any kind is read without a panic, whatever is wanted.
func TestAnyHeader(t *testing.T) {
	type all struct {
		Text    *string
		Bytes   []byte
		Time    *time.Time
		Number  *int64
		Flag    *bool
		List    []string
		Map     map[string]int64
		Decimal *Decimal
		Any     Raw
	}
	codec := &Codec{Object: []Value{
		{Name: "text"}, {Name: "bytes"}, {Name: "time"}, {Name: "number"}, {Name: "flag"}, {Name: "list"}, {Name: "map"}, {Name: "decimal", As: ScalarDecimalString}, {Name: "any"},
	}}
	values := []any{
		nil, true, int8(1), uint32(1), 1.5, float32(2), "text", "true", "7",
		[]byte{0xff},
		[]byte("x"), time.Unix(0, 0), time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC),
		[]any{},
		[]any{nil, "a"},
		map[string]any{},
		map[string]any{"a": int16(1)},
		struct{}{},
	}
	for _, value := range values {
		for i := range codec.Object {
			name := codec.Object[i].Name
			read := new(all)
			if err := codec.UnmarshalHeaders(map[string]any{name: value, "other": value}, read); err != nil {
				continue
			}
			table, err := codec.MarshalHeaders(read)
			if err != nil {
				t.Errorf("%s: %v was read and cannot be written: %v", name, value, err)
			}
			again := new(all)
			if err := codec.UnmarshalHeaders(table, again); err != nil {
				t.Errorf("%s: %v was written as %v, which cannot be read: %v", name, value, table[name], err)
			}
		}
	}
}
