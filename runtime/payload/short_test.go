package payload

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestParseShort(t *testing.T) {
	for text, want := range map[string]short{
		"0": {0, 0}, "-0": {0, 0}, "7": {7, 0}, "-12.50": {-1250, 2}, "0.001": {1, 3}, "999999999999999": {999999999999999, 0},
		"0.00000000000001": {1, 14}, "12345678.9012345": {123456789012345, 7},
	} {
		if got, ok := parseShort(text); !ok || got != want {
			t.Errorf("%s: got %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"1000000000000000", "-1000000000000000", "0.0000000000000001", "1e3", "1E-3", "1.5e0", "9223372036854775808"} {
		if got, ok := parseShort(text); ok {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

// shortTexts are numbers in all the shapes that are short.
func shortTexts() []string {
	list := []string{"999999999999999", "-999999999999999", "0.00000000000001", "99999999999999.9", "123456.789012345", "-0.0"}
	for n := int64(-30); n <= 30; n++ {
		for scale := range 4 {
			list = append(list, DecimalOf(n, scale).String(), DecimalOf(n*1001, scale).String())
		}
	}
	return list
}

func TestShortIsTheNearestFloat(t *testing.T) {
	for _, text := range shortTexts() {
		n, ok := parseShort(text)
		want, err := strconv.ParseFloat(text, 64)
		if got := n.float64(); !ok || err != nil || got != want {
			t.Errorf("%s: got %v, %v, want %v, %v", text, got, ok, want, err)
		}
	}
}

// TestShortDivides holds the quick answer against the exact one: it may be unsure, never wrong, and numbers with as few digits as a
// payload's are never unsure unless the multiple is finer than the unit.
func TestShortDivides(t *testing.T) {
	for _, unitText := range shortTexts() {
		unit, _ := parseShort(unitText)
		if unit.unscaled <= 0 {
			continue
		}
		for _, text := range shortTexts() {
			n, _ := parseShort(text)
			got, want := unit.divides(n), parseNumber(text).multipleOf(parseNumber(unitText))
			if got && !want {
				t.Errorf("%s is no multiple of %s", text, unitText)
			}
			if want && !got && n.scale <= unit.scale && len(text)+unit.scale < 18 {
				t.Errorf("%s is a multiple of %s", text, unitText)
			}
		}
	}
	if (short{}).divides(short{}) {
		t.Error("the zero value divides nothing")
	}
}

// TestFloatsAreWrittenShortest holds appendFloat64 against package strconv with many floats of all sizes.
func TestFloatsAreWrittenShortest(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 100_000 {
		values := []float64{
			math.Float64frombits(random.Uint64()), random.NormFloat64() * 1000, random.Float64(), random.ExpFloat64() * 1e12,
			float64(random.Int64N(1e17)) / 1e7, math.Float64frombits(random.Uint64()>>12 | (1010+random.Uint64N(70))<<52),
		}
		for _, value := range values {
			if size := math.Abs(value); math.IsNaN(value) || size < 1e-6 || size >= 1e21 {
				continue
			}
			got, err := appendFloat64(nil, value)
			if want := strconv.FormatFloat(value, 'f', -1, 64); err != nil || string(got) != want {
				t.Fatalf("%s is written as %s, %v", want, got, err)
			}
		}
	}
}

// FuzzFloats holds how float64s are written, read and held against multipleOf against package strconv and exact arithmetic.
func FuzzFloats(f *testing.F) {
	for _, seed := range []float64{0, math.Copysign(0, -1), 1, -12.5, 0.1, 19.99, 1e-6, 1e-7, 123456.789012, 999999999.999999, 1e9, 0.000001, 1e21, 1e300, 5e-324, 0.30000000000000004} {
		f.Add(seed)
	}
	cent := NewNumberRule(NumberLimits{MultipleOf: "0.01", Minimum: "-5"})
	f.Fuzz(func(t *testing.T, value float64) {
		for _, value := range []float64{value, math.Round(value*1e6) / 1e6, math.Round(value*100) / 100, float64(int64(value))} {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				continue
			}
			format := byte('f')
			if size := math.Abs(value); size != 0 && (size < 1e-6 || size >= 1e21) {
				format = 'e'
			}
			want := strconv.FormatFloat(value, format, -1, 64)
			got, err := appendFloat64([]byte("x"), value)
			if err != nil || string(got) != "x"+want {
				t.Errorf("%v is written as %s, %v", value, got, err)
			}
			var back float64
			if err := unmarshal([]byte(want), func(d *decoder) { back = d.Float64(nil) }); err != nil || math.Float64bits(back) != math.Float64bits(value) {
				t.Errorf("%s is read as %v, %v", want, back, err)
			}
			found := validate(func(r *report) { checkFloat64(r, value, cent) })
			n := parseNumber(want)
			if right := n.multipleOf(parseNumber("0.01")) && n.cmp(parseNumber("-5")) >= 0; right != (found == nil) {
				t.Errorf("%s: %v", want, found)
			}
		}
	})
}
