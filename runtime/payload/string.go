package payload

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// A StringRule is what a schema says about a string. Lengths count code points.
type StringRule struct {
	MinLength int
	MaxLength int // NoLimit means none
	Patterns  []*Pattern
	Format    Format
	Enum      []string // the values that are allowed, in order; nil allows all
}

// String reads a string and checks it with rule. A nil rule allows every string.
func (d *Decoder) String(rule *StringRule) string {
	if d.peek() != '"' {
		d.mismatch("string")
		return ""
	}
	at := d.pos
	text := d.stringBytes()
	if rule == nil || d.broken {
		return d.keep(text)
	}
	s, ok := constant(rule.Enum, text)
	if !ok {
		s = d.keep(text)
	}
	mark := len(d.report.found.List)
	rule.check(&d.report, s)
	if len(d.report.found.List) > mark {
		d.locate(mark, at)
	}
	return s
}

// CheckString reports what is wrong with s. A nil rule allows every string that is valid UTF-8.
func CheckString(r *Report, s string, rule *StringRule) {
	if !validUTF8(s) {
		r.Add("json", "is not valid UTF-8")
	}
	if rule != nil {
		rule.check(r, s)
	}
}

func (rule *StringRule) check(r *Report, s string) {
	if len(s) > rule.MaxLength || len(s) < 4*rule.MinLength {
		rule.checkLength(r, utf8.RuneCountInString(s))
	}
	for _, pattern := range rule.Patterns {
		if work := pattern.work(s); work > 0 && !r.spend("pattern", work) {
			continue
		}
		if !pattern.Match(s) {
			r.Add("pattern", quote(s)+" does not match "+pattern.source)
		}
	}
	if rule.Format != NoFormat {
		rule.checkFormat(r, s)
	}
	if rule.Enum != nil {
		if _, ok := constant(rule.Enum, s); !ok && !r.counted() {
			r.Add("enum", notOneOf(quote(s), rule.Enum, quote))
		}
	}
}

func (rule *StringRule) checkFormat(r *Report, s string) {
	if rule.Format == FormatRegex && !checkRegexWork(r, s) {
		return
	}
	if !rule.Format.Valid(s) {
		r.Add("format", quote(s)+" is not "+formats[rule.Format].noun)
	}
}

// constant returns the value in enum, which is in order, that text is.
func constant[T string | []byte](enum []string, text T) (value string, ok bool) {
	low, high := 0, len(enum)
	for low < high {
		if middle := (low + high) / 2; enum[middle] < string(text) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == len(enum) || enum[low] != string(text) {
		return "", false
	}
	return enum[low], true
}

// notOneOf says that found is none of the values wanted.
func notOneOf[T any](found string, wanted []T, text func(T) string) string {
	const most = 8
	list := make([]string, 0, most+1)
	for _, value := range wanted[:min(len(wanted), most)] {
		list = append(list, text(value))
	}
	if len(wanted) > most {
		list = append(list, "...")
	}
	if len(wanted) == 1 {
		return "is " + found + ", want " + list[0]
	}
	return "is " + found + ", want one of " + strings.Join(list, ", ")
}

func (rule *StringRule) checkLength(r *Report, n int) {
	if n < rule.MinLength {
		r.Add("minLength", "has "+strconv.Itoa(n)+" characters, want at least "+strconv.Itoa(rule.MinLength))
	}
	if n > rule.MaxLength {
		r.Add("maxLength", "has "+strconv.Itoa(n)+" characters, want at most "+strconv.Itoa(rule.MaxLength))
	}
}

// quote returns s in quotes, cut when it is long, for a message.
func quote(s string) string {
	if len(s) > maxValue {
		return strconv.Quote(s[:boundary(s, maxValue)]) + "..."
	}
	return strconv.Quote(s)
}
