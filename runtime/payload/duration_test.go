package payload

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT0S":           0,
		"PT36H":          36 * time.Hour,
		"P1DT12H":        36 * time.Hour,
		"P2W":            14 * 24 * time.Hour,
		"PT1H30M5.25S":   time.Hour + 30*time.Minute + 5250*time.Millisecond,
		"PT0.000000001S": 1,
		"P3DT0.5S":       72*time.Hour + 500*time.Millisecond,
		"PT1H1S":         time.Hour + time.Second,
	} {
		d, err := ParseDuration(text)
		if got, ok := d.Time(); err != nil || !ok || got != want || d.String() != text {
			t.Errorf("%s: got %v, %v, %v", text, got, ok, err)
		}
	}
	for _, text := range []string{"P1Y", "P1M", "P1Y2M3DT4H5M6S", "PT0.0000000001S", "P106752D", "P99999999999999999999W"} {
		d, err := ParseDuration(text)
		if got, ok := d.Time(); err != nil || ok {
			t.Errorf("%s has no length in nanoseconds: got %v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "P", "PT", "P1", "1D", "P1DT", "P1H", "PT1D", "P1W2D", "P1WT1H", "P1D2M", "PT1S2M", "P1.5D", "PT1.5M", "PT1.S", "PT.5S", "PT1,5S", "P-1D", "-P1D", "p1d", "P1D ", "P१D",
	} {
		if d, err := ParseDuration(text); err == nil {
			t.Errorf("%q: got %v", text, d)
		}
	}
}

func TestDurationOf(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                    "PT0S",
		1:                                    "PT0.000000001S",
		90 * time.Minute:                     "PT1H30M",
		time.Minute + 1500*time.Millisecond:  "PT1M1.5S",
		36*time.Hour + time.Second:           "PT36H1S",
		time.Duration(1<<63 - 1):             "PT2562047H47M16.854775807S",
		10 * time.Second:                     "PT10S",
		time.Hour + 20*time.Minute + 1000000: "PT1H20M0.001S",
	} {
		got := DurationOf(d)
		if back, ok := got.Time(); got.String() != want || !ok || back != d {
			t.Errorf("%v: got %s, back %v, %v", d, got, back, ok)
		}
	}
	if d := DurationOf(-1); d != (Duration{}) {
		t.Errorf("a length below zero: got %q", d)
	}
	if _, ok := (Duration{}).Time(); ok {
		t.Error("the zero value has no length")
	}
}

func TestDurationsInJSON(t *testing.T) {
	var d Duration
	if err := unmarshal([]byte(`"P1\u0044"`), func(decoder *decoder) { d = decoder.Duration() }); err != nil || d.String() != "P1D" {
		t.Errorf("got %v, %v", d, err)
	}
	if text := appendDuration(nil, d); string(text) != `"P1D"` {
		t.Errorf("wrote %s", text)
	}
	const want = `payload: "1 day" is not a duration`
	if err := unmarshal([]byte(`"1 day"`), func(decoder *decoder) { decoder.Duration() }); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := validate(func(r *report) { checkDuration(r, Duration{}) }); err == nil || err.Error() != "payload: is not a duration" {
		t.Errorf("the zero value: got %v", err)
	}
}
