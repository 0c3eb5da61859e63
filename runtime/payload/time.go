package payload

import (
	"errors"
	"time"
)

// Time reads a string in the format "date-time" (RFC 3339). A leap second is read as the
// second after it: Go's time has none.
func (d *decoder) Time() time.Time { return decodeText(d, FormatDateTime, parseTime) }

var errNoTime = errors.New("a date-time has a year from 0 to 9999 and an offset of whole minutes below 24 hours")

// appendTime appends t as a JSON string in the format "date-time" (RFC 3339), with as many digits of the second as it needs.
func appendTime(dst []byte, t time.Time) ([]byte, error) {
	if !timeValid(t) {
		return dst, errNoTime
	}
	dst = DateOf(t).append(append(dst, '"'))
	dst = append(dst, "T00:00:00"...) // by hand: the time package takes twice as long
	clock := dst[len(dst)-len("00:00:00"):]
	hour, minute, second := t.Clock()
	put2(clock[0:], hour)
	put2(clock[3:], minute)
	put2(clock[6:], second)
	dst = appendFraction(dst, t.Nanosecond())
	_, offset := t.Zone()
	return append(appendOffset(dst, offset), '"'), nil
}

// appendFraction appends a point and the digits of a fraction of a second, without zeros at the end; nothing when there is none.
func appendFraction(dst []byte, nanoseconds int) []byte {
	if nanoseconds == 0 {
		return dst
	}
	dst = append(dst, ".000000000"...)
	digits := dst[len(dst)-9:]
	for i := 8; nanoseconds > 0; i-- {
		digits[i] = byte('0' + nanoseconds%10)
		nanoseconds /= 10
	}
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendOffset appends an offset of whole minutes in seconds.
func appendOffset(dst []byte, offset int) []byte {
	if offset == 0 {
		return append(dst, 'Z')
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = append(dst, sign, '0', '0', ':', '0', '0')
	put2(dst[len(dst)-len("00:00"):], offset/3600)
	put2(dst[len(dst)-len("00"):], offset%3600/60)
	return dst
}

// checkTime reports a time that RFC 3339 cannot write.
func checkTime(r *report, t time.Time) {
	if !timeValid(t) {
		r.Add("format", errNoTime.Error())
	}
}

func timeValid(t time.Time) bool {
	// A day off the ends, so that no offset matters: then the year needs no calendar.
	const firstYear, lastYear, day = -62167219200, 253402300799, 24 * 3600
	if seconds := t.Unix(); seconds < firstYear+day || seconds > lastYear-day {
		if year := t.Year(); year < 0 || year > 9999 {
			return false
		}
	}
	if t.Location() == time.UTC {
		return true
	}
	_, offset := t.Zone()
	return offset%60 == 0 && offset > -24*3600 && offset < 24*3600
}

// parseTime reads "2006-01-02T15:04:05.999999999Z07:00"; t and z may be lower-case.
func parseTime(b []byte) (time.Time, bool) {
	if len(b) < len("2006-01-02T15:04:05Z") || b[10]|0x20 != 't' {
		return time.Time{}, false
	}
	date, ok := parseDate(b[:10])
	if !ok {
		return time.Time{}, false
	}
	c, ok := parseClock(b[11:])
	if !ok {
		return time.Time{}, false
	}
	zone := time.UTC
	if c.offset != 0 {
		zone = time.FixedZone("", c.offset)
	}
	return time.Date(date.Year, date.Month, date.Day, c.hour, c.minute, c.second, c.nanosecond, zone), true
}

// A clock is a time of the day with its offset from UTC in seconds.
type clock struct {
	hour, minute, second, nanosecond, offset int
}

// parseClock reads "15:04:05.999999999Z07:00" (RFC 3339, full-time).
func parseClock(b []byte) (c clock, ok bool) {
	if len(b) < len("15:04:05Z") || b[2] != ':' || b[5] != ':' {
		return c, false
	}
	var okHour, okMinute, okSecond, okOffset bool
	c.hour, okHour = number2(b[0:2])
	c.minute, okMinute = number2(b[3:5])
	c.second, okSecond = number2(b[6:8])
	b = b[8:]
	if b[0] == '.' {
		end := digits(b, 1)
		if end == 1 {
			return c, false
		}
		c.nanosecond = nanoseconds(b[1:end])
		b = b[end:]
	}
	c.offset, okOffset = parseOffset(b)
	ok = okHour && okMinute && okSecond && okOffset && c.hour <= 23 && c.minute <= 59 && c.second <= 60
	return c, ok && (c.second < 60 || c.leap())
}

// leap says whether c is the last second of a day in UTC, the only place of a leap second.
func (c clock) leap() bool {
	const day = 24 * 60
	minute := c.hour*60 + c.minute - c.offset/60
	return (minute+2*day)%day == day-1
}

// nanoseconds returns the fraction of a second that the digits stand for, cut after nine.
func nanoseconds(digits []byte) int {
	n := 0
	for i := range 9 {
		n *= 10
		if i < len(digits) {
			n += int(digits[i] - '0')
		}
	}
	return n
}

// parseOffset reads "Z" or "+07:00" and returns seconds.
func parseOffset(b []byte) (int, bool) {
	if len(b) == 1 {
		return 0, b[0]|0x20 == 'z'
	}
	if len(b) != 6 || (b[0] != '+' && b[0] != '-') || b[3] != ':' {
		return 0, false
	}
	hours, okHours := number2(b[1:3])
	minutes, okMinutes := number2(b[4:6])
	offset := (hours*60 + minutes) * 60
	if b[0] == '-' {
		offset = -offset
	}
	return offset, okHours && okMinutes && hours <= 23 && minutes <= 59
}
