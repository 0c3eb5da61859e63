package payload

import (
	"math"
	"strconv"
	"testing"
)

// FuzzNearest holds nearest against package strconv, with digits that lie near the middle between two float64s too.
func FuzzNearest(f *testing.F) {
	f.Add(uint64(9007199254740993), uint8(0), true)
	f.Add(uint64(math.MaxUint64), uint8(18), false)
	f.Add(uint64(1234567890123456789), uint8(7), false)
	f.Add(uint64(0), uint8(1), true)
	f.Fuzz(func(t *testing.T, unscaled uint64, scale uint8, negative bool) {
		check := func(unscaled uint64) {
			text := DecimalOf(int64(unscaled%1e19>>1), int(scale)%20).String()
			if scale%20 == 0 {
				text = strconv.FormatUint(unscaled, 10)
			}
			if negative {
				text = "-" + text
			}
			want, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := nearest([]byte(text)); ok && math.Float64bits(got) != math.Float64bits(want) {
				t.Errorf("%s is %v, want %v", text, got, want)
			}
		}
		check(unscaled)
		// In the middle between two float64s of 64 bits, and next to it.
		middle := unscaled&^(1<<11-1) | 1<<10
		for _, near := range []uint64{middle - 1, middle, middle + 1} {
			check(near)
		}
	})
}

func TestNearestLeavesTheRest(t *testing.T) {
	for _, text := range []string{"1e3", "1E-3", "12345678901234567890", "0.12345678901234567890", "1.5e0"} {
		if f, ok := nearest([]byte(text)); ok {
			t.Errorf("%s: got %v", text, f)
		}
	}
}
