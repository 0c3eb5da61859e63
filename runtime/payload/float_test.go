package payload

import (
	"math"
	"strconv"
	"testing"
)

// TestFloat32IsNearest: a number is rounded once, not to a float64 first. All are next to the middle between two float32s.
func TestFloat32IsNearest(t *testing.T) {
	for _, text := range []string{
		"1.00000005960464477539062500000000000000000000000001", "1.00000017881393432617187499999999999999999999999999",
		"-16.06231021881103515625000000000000000000000000000000000000000001", "2.972604724275342279809433600000000000000000001e+26",
		"7.006492321624085354618e-46", "7.006492321624085354619e-46", "2.1019476964872256063855e-45", "1.17549428075736429e-38", "3.4028235677973366e38",
		"340282356779733661637539395458142568447.9999", "340282356779733661637539395458142568448", "16777217", "16777217.000000001", "-0", "1e-60", "1e39",
	} {
		var got float32
		err := unmarshal([]byte(text), func(d *decoder) { got = d.Float32(nil) })
		want, errWant := strconv.ParseFloat(text, 32)
		if (err != nil) != (errWant != nil) || err == nil && math.Float32bits(got) != math.Float32bits(float32(want)) {
			t.Errorf("%s: got %v, %v, want %v, %v", text, got, err, want, errWant)
		}
	}
}
