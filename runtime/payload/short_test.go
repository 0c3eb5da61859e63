package payload

import (
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
