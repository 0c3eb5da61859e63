package payload

import (
	"errors"
	"fmt"
	"time"
)

// A Date is a day of the Gregorian calendar without a time or a zone: the format "date". The zero value is
// no date and does not validate.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day of t in t's zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads a date such as 2026-11-22 (RFC 3339, full-date).
func ParseDate(s string) (Date, error) {
	if date, ok := parseDate([]byte(s)); ok {
		return date, nil
	}
	return Date{}, fmt.Errorf("%s is not a date", quote(s))
}

// Time returns the beginning of the day in zone.
func (d Date) Time(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// Valid reports whether there is such a day in the years 0 to 9999.
func (d Date) Valid() bool {
	return d.Year >= 0 && d.Year <= 9999 && d.Month >= 1 && d.Month <= 12 &&
		d.Day >= 1 && d.Day <= daysIn(d.Year, d.Month)
}

// String returns the date as in 2026-11-22.
func (d Date) String() string { return string(d.append(nil)) }

// AppendText implements [encoding.TextAppender].
func (d Date) AppendText(dst []byte) ([]byte, error) {
	if !d.Valid() {
		return dst, errNoDate
	}
	return d.append(dst), nil
}

// MarshalText implements [encoding.TextMarshaler].
func (d Date) MarshalText() ([]byte, error) { return d.AppendText(nil) }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDate(string(text))
	return err
}

var errNoDate = errors.New("no such date")

func (d Date) append(dst []byte) []byte {
	dst = append(dst, "0000-00-00"...)
	text := dst[len(dst)-len("0000-00-00"):]
	put2(text[0:], d.Year/100)
	put2(text[2:], d.Year)
	put2(text[5:], int(d.Month))
	put2(text[8:], d.Day)
	return dst
}

// put2 writes the last two digits of n.
func put2(text []byte, n int) {
	*(*[2]byte)(text) = digitPairs[uint(n)%100]
}

// digitPairs are the two decimal digits of the numbers below 100.
var digitPairs = func() (pairs [100][2]byte) {
	for n := range pairs {
		pairs[n] = [2]byte{byte('0' + n/10), byte('0' + n%10)}
	}
	return pairs
}()

// AppendDate appends d as a JSON string.
func AppendDate(dst []byte, d Date) ([]byte, error) {
	if !d.Valid() {
		return dst, errNoDate
	}
	return append(d.append(append(dst, '"')), '"'), nil
}

// Date reads a string in the format "date".
func (d *Decoder) Date() Date {
	if date, ok := parseDate(d.quoted(10)); ok {
		d.pos += 12
		return date
	}
	return decodeText(d, FormatDate, parseDate)
}

// CheckDate reports a date that does not exist.
func CheckDate(r *Report, d Date) {
	if !d.Valid() {
		r.Add("format", "is not a date")
	}
}

func parseDate(b []byte) (Date, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return Date{}, false
	}
	year, okYear := number2(b[0:2])
	rest, okRest := number2(b[2:4])
	month, okMonth := number2(b[5:7])
	day, okDay := number2(b[8:10])
	date := Date{year*100 + rest, time.Month(month), day}
	return date, okYear && okRest && okMonth && okDay && date.Valid()
}

// number2 returns the number that two digits stand for.
func number2(b []byte) (int, bool) {
	tens, ones := b[0]-'0', b[1]-'0'
	return int(tens)*10 + int(ones), tens <= 9 && ones <= 9
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// decodeText reads a string that stands for a value of another type.
func decodeText[T any](d *Decoder, format Format, parse func([]byte) (T, bool)) T {
	if d.peek() != '"' {
		d.mismatch("string")
		return *new(T)
	}
	at := d.pos
	text := d.stringBytes()
	if d.broken {
		return *new(T)
	}
	value, ok := parse(text)
	if !ok && !d.counted() {
		d.Violate(at, "format", quote(string(text))+" is not "+formats[format].noun)
	}
	return value
}
