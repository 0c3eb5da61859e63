package payload

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// A Duration is a length of time in the notation of ISO 8601, such as P1DT12H: the format "duration". It keeps its text. The
// zero value is no duration and does not validate.
type Duration struct {
	text string
}

// ParseDuration reads a duration in the notation of RFC 3339, appendix A: P, then years, months and
// days, or weeks, then T and hours, minutes and seconds. The seconds may have a fraction.
func ParseDuration(s string) (Duration, error) {
	if _, ok := splitDuration(s); !ok {
		return Duration{}, fmt.Errorf("%s is not a duration", quote(s))
	}
	return Duration{s}, nil
}

// DurationOf returns d in hours, minutes and seconds. A negative duration, which the notation does
// not have, becomes the zero value.
func DurationOf(d time.Duration) Duration {
	if d < 0 {
		return Duration{}
	}
	var b strings.Builder
	b.WriteString("PT")
	if hours := d / time.Hour; hours > 0 {
		fmt.Fprintf(&b, "%dH", hours)
	}
	if minutes := d % time.Hour / time.Minute; minutes > 0 {
		fmt.Fprintf(&b, "%dM", minutes)
	}
	if rest := d % time.Minute; rest > 0 || b.Len() == len("PT") {
		fraction := strings.TrimRight(fmt.Sprintf("%d.%09d", rest/time.Second, rest%time.Second), "0")
		b.WriteString(strings.TrimSuffix(fraction, ".") + "S")
	}
	return Duration{b.String()}
}

// String returns the text.
func (d Duration) String() string { return d.text }

// Time returns the duration in nanoseconds, with days of 24 hours. It returns false for years and
// months, whose length depends on the calendar, for a duration that does not fit or is finer, and
// for the zero value.
func (d Duration) Time() (time.Duration, bool) {
	parts, ok := splitDuration(d.text)
	if !ok {
		return 0, false
	}
	sum := new(big.Rat)
	for _, part := range parts {
		unit, ok := durationUnits[part.unit]
		if !ok {
			return 0, false
		}
		count, ok := part.rat()
		if !ok {
			return 0, false
		}
		sum.Add(sum, count.Mul(count, new(big.Rat).SetInt64(int64(unit))))
	}
	if !sum.IsInt() || !sum.Num().IsInt64() {
		return 0, false
	}
	return time.Duration(sum.Num().Int64()), true
}

// AppendText implements [encoding.TextAppender].
func (d Duration) AppendText(dst []byte) ([]byte, error) { return append(dst, d.text...), nil }

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.text), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDuration(string(text))
	return err
}

// AppendDuration appends d as a JSON string.
func AppendDuration(dst []byte, d Duration) []byte { return AppendString(dst, d.text) }

// Duration reads a string in the format "duration".
func (d *Decoder) Duration() Duration {
	return decodeText(d, FormatDuration, func(text []byte) (Duration, bool) {
		duration, err := ParseDuration(string(text))
		return duration, err == nil
	})
}

// CheckDuration reports the zero value.
func CheckDuration(r *Report, d Duration) {
	if d.text == "" {
		r.Add("format", "is not a duration")
	}
}

// A durationPart is a count with its unit. The months have the unit 'o', to tell them from minutes.
type durationPart struct {
	count string
	unit  byte
}

// rat returns the count, false when it has more digits before or behind the point than a time.Duration could.
func (p durationPart) rat() (*big.Rat, bool) {
	const most = 40
	n := parseNumber(p.count)
	if n.exponent > most || n.scale() < -most {
		return nil, false
	}
	return new(big.Rat).SetString("0" + n.digits + "e" + strconv.Itoa(n.scale()))
}

var durationUnits = map[byte]time.Duration{
	'W': 7 * 24 * time.Hour, 'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second,
}

// splitDuration takes a duration apart.
func splitDuration(s string) (parts []durationPart, ok bool) {
	rest, ok := strings.CutPrefix(s, "P")
	if !ok {
		return nil, false
	}
	date, clock, hasClock := strings.Cut(rest, "T")
	if hasClock && clock == "" || rest == "" {
		return nil, false
	}
	dateParts, okDate := splitUnits(date, "YMWD", "")
	clockParts, okClock := splitUnits(clock, "HMS", "S")
	for i := range dateParts {
		switch dateParts[i].unit {
		case 'M':
			dateParts[i].unit = 'o'
		case 'W': // weeks stand alone
			if len(dateParts) > 1 || hasClock {
				return nil, false
			}
		}
	}
	return append(dateParts, clockParts...), okDate && okClock
}

// splitUnits takes counts with units apart. The units come in their order in units; those in fractional may have a fraction.
func splitUnits(s, units, fractional string) (parts []durationPart, ok bool) {
	for s != "" {
		i := strings.IndexAny(s, units)
		if i <= 0 {
			return nil, false
		}
		count, unit := s[:i], s[i]
		whole, fraction, hasFraction := strings.Cut(count, ".")
		if !allDigits(whole) || hasFraction && (!allDigits(fraction) || !strings.Contains(fractional, string(unit))) {
			return nil, false
		}
		parts = append(parts, durationPart{count, unit})
		units = units[strings.IndexByte(units, unit)+1:]
		s = s[i+1:]
	}
	return parts, true
}

// allDigits says whether s is one digit or more and nothing else.
func allDigits(s string) bool {
	return s != "" && digits([]byte(s), 0) == len(s)
}
