package payload

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecoderTakesWhatIsJSON(t *testing.T) {
	for _, text := range []string{
		`null`, ` true`, `false `, `0`, `-0`, `-0.5e-3`, `1E+2`, `""`, `"a\"\\\/\b\f\n\r\té"`, `"\ud83d\ude00"`, `"日本語 und mehr"`,
		`[]`, `[ ]`, `[1,[2,{"a":[]}]]`, `{}`, "{ \"a\" :\t1 ,\r\n\"b\":[{}]}", strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth),
	} {
		if err := unmarshal([]byte(text), (*decoder).Skip); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if !json.Valid([]byte(text)) {
			t.Errorf("%s: encoding/json disagrees", text)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "payload: found the end, want a value at offset 0",
		"nul":                           "payload: found 'n', want null at offset 0",
		"01":                            "payload: found '1', want a digit at offset 1",
		"-":                             "payload: found the end, want a digit at offset 1",
		"1.":                            "payload: found the end, want a digit at offset 2",
		"1e+":                           "payload: found the end, want a digit at offset 3",
		"+1":                            "payload: found '+', want a value at offset 0",
		`"a`:                            "payload: a string without end at offset 2",
		`"\`:                            "payload: a string without end at offset 1",
		`"\x"`:                          "payload: an unknown escape sequence at offset 1",
		`"\u12g4"`:                      "payload: an unknown escape sequence at offset 1",
		`"\ud83d"`:                      "payload: half of a surrogate pair at offset 1",
		`"\ud83dA"`:                     "payload: half of a surrogate pair at offset 1",
		`"\ude00"`:                      "payload: half of a surrogate pair at offset 1",
		"\"a\nb\"":                      "payload: a control character in a string at offset 2",
		"\"abc\xff\"":                   "payload: invalid UTF-8 at offset 4",
		"\"\xed\xa0\x80\"":              "payload: invalid UTF-8 at offset 1",
		"[1,]":                          "/1: found ']', want a value at offset 3",
		"[,1]":                          "/0: found ',', want a value at offset 1",
		"[1 2]":                         "/0: found '2', want ',' or ']' at offset 3",
		"[1":                            "/0: found the end, want ',' or ']' at offset 2",
		"{1:2}":                         "payload: found '1', want a member's name at offset 1",
		`{"a" 1}`:                       "/a: found '1', want ':' at offset 5",
		`{"a":1,}`:                      "/a: found '}', want a member's name at offset 7",
		`{"a":1 "b":2}`:                 "/a: found '\"', want ',' or '}' at offset 7",
		`{"a":1,"a":2}`:                 "/a: is there twice",
		`[{"a":{"b":1,"b":2}}]`:         "/0/a/b: is there twice",
		"1 2":                           "payload: data after the value: '2' at offset 2",
		"[]\x00":                        "payload: data after the value: '\\x00' at offset 2",
		strings.Repeat("[", MaxDepth+1): strings.Repeat("/0", 63) + cut + strings.Repeat("/0", 63) + ": nested deeper than 512 at offset 512",
	} {
		err := unmarshal([]byte(text), (*decoder).Skip)
		if err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, want %s", text, err, want)
		}
	}
}

func TestDecoderReportsEveryMismatch(t *testing.T) {
	var n int64
	var s string
	var list []string
	decode := func(d *decoder) {
		for o := d.Object(); d.Next(&o); {
			switch string(o.Name) {
			case "n":
				n = d.Int64(&IntegerRule{Minimum: 1, Maximum: 9})
			case "s":
				s = d.String(&StringRule{MinLength: 2, MaxLength: 3})
			case "list":
				readAs(d, &list, &Value{Rule: &ArrayRule{MaxItems: 2}})
			default:
				d.Refuse(&o)
			}
		}
	}
	err := unmarshal([]byte(`{"n":12,"s":"a","list":["x",2,"z"],"other/name":{"a":[1]},"s":null}`), decode)
	var vs *Violations
	if !errors.As(err, &vs) {
		t.Fatalf("got %v, want *Violations", err)
	}
	want := []Violation{
		{"/n", "maximum", "is 12, want at most 9"},
		{"/s", "minLength", "has 1 characters, want at least 2"},
		{"/list/1", "type", "is a number, want a string"},
		{"/list", "maxItems", "has 3 items, want at most 2"},
		{"/other~1name", "additionalProperties", "is not a member that the schema allows"},
		{"/s", "type", "is null, want a string"},
	}
	if !reflect.DeepEqual(vs.List, want) {
		t.Errorf("got %+v\nwant %+v", vs.List, want)
	}
	if n != 12 || s != "" || len(list) != 3 {
		t.Errorf("got %v %v %v", n, s, list)
	}
}

// readAs reads a value into what target points to.
func readAs(d *decoder, target any, v *Value) {
	value := reflect.ValueOf(target)
	p := new(compiler).value(v, value.Type().Elem())
	p.read(p, d, value.UnsafePointer())
}

func TestViolationsAreLimited(t *testing.T) {
	text := "[" + strings.Repeat("1,", 99) + "1]"
	err := unmarshal([]byte(text), func(d *decoder) {
		readAs(d, new([]string), new(Value))
	})
	var vs *Violations
	if !errors.As(err, &vs) || len(vs.List) != MaxViolations || vs.More != 100-MaxViolations {
		t.Errorf("got %v", err)
	}
}

func TestIntegers(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "7": 7, "-12": -12, "999999999999999999": 999999999999999999, "9223372036854775807": 1<<63 - 1,
		"-9223372036854775808": -1 << 63, "1.0": 1, "1e3": 1000, "1200e-2": 12, "-5.0E0": -5, "0e99999999999999999999": 0,
	} {
		var got int64
		if err := unmarshal([]byte(text), func(d *decoder) { got = d.Int64(nil) }); err != nil || got != want {
			t.Errorf("%s: got %d, %v", text, got, err)
		}
	}
	for _, text := range []string{"1.5", "1e-1", "9223372036854775808", "1e19", "1e99999999999999999999", `"1"`, "null"} {
		if err := unmarshal([]byte(text), func(d *decoder) { d.Int64(nil) }); err == nil {
			t.Errorf("%s: no violation", text)
		}
	}
}

func TestNumbersAreExact(t *testing.T) {
	for _, c := range []struct {
		limits NumberLimits
		text   string
		good   bool
	}{
		{NumberLimits{Minimum: "0.1"}, "0.1", true},
		{NumberLimits{Minimum: "0.1"}, "0.09999999999999999999999", false},
		{NumberLimits{ExclusiveMinimum: "0.1"}, "0.1000000000000000000001", true},
		{NumberLimits{ExclusiveMinimum: "0.1"}, "0.10", false},
		{NumberLimits{Maximum: "9007199254740992"}, "9007199254740993", false},
		{NumberLimits{ExclusiveMaximum: "-1"}, "-1.0", false},
		{NumberLimits{ExclusiveMaximum: "-1"}, "-1.0000000000000000001", true},
		{NumberLimits{MultipleOf: "0.01"}, "19.99", true},
		{NumberLimits{MultipleOf: "0.01"}, "19.995", false},
		{NumberLimits{MultipleOf: "0.0001"}, "0.00751", false},
		{NumberLimits{MultipleOf: "3"}, "3e250", true},
		{NumberLimits{MultipleOf: "7"}, "1e300", false},
		{NumberLimits{MultipleOf: "0.3"}, "0", true},
		{NumberLimits{MultipleOf: "1.5e-200"}, "4.5e-200", true},
		{NumberLimits{MultipleOf: "1e10"}, "1e-300", false},
		{NumberLimits{MultipleOf: "2e1"}, "10", false},
	} {
		rule := NewNumberRule(c.limits)
		for name, decode := range map[string]func(*decoder){
			"Float64": func(d *decoder) { d.Float64(rule) }, "Decimal": func(d *decoder) { d.Decimal(rule) },
		} {
			if err := unmarshal([]byte(c.text), decode); (err == nil) != c.good {
				t.Errorf("%s of %s with %+v: got %v", name, c.text, c.limits, err)
			}
		}
	}
	if err := unmarshal([]byte("1e99999999999999999999"), func(d *decoder) {
		d.Decimal(NewNumberRule(NumberLimits{MultipleOf: "7e-99999999999999999999"}))
	}); err != nil && !strings.Contains(err.Error(), "multiple of") {
		t.Errorf("huge exponents: %v", err)
	}
}

func TestTimes(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-22T23:59:59Z":           "2026-11-22T23:59:59Z",
		"2026-11-22t23:59:59.123456789z": "2026-11-22T23:59:59.123456789Z",
		"2026-11-22T00:00:00.5+02:30":    "2026-11-22T00:00:00.5+02:30",
		"1998-12-31T23:59:60Z":           "1999-01-01T00:00:00Z",
		"2024-02-29T12:00:00-00:00":      "2024-02-29T12:00:00Z",
	} {
		got, ok := parseTime([]byte(text))
		if encoded, err := appendTime(nil, got); !ok || err != nil || string(encoded) != `"`+want+`"` {
			t.Errorf("%s: got %s, %v, %v", text, encoded, ok, err)
		}
	}
	for _, text := range []string{
		"", "2026-11-22", "2026-11-22 23:59:59Z", "2026-13-22T23:59:59Z", "2023-02-29T23:59:59Z", "2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z",
		"2026-11-22T22:59:60Z", "2026-11-22T23:59:59", "2026-11-22T23:59:59.Z", "2026-11-22T23:59:59+24:00", "2026-11-22T23:59:59+0100", "2026-11-22T23:59:5९Z",
	} {
		if got, ok := parseTime([]byte(text)); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
	if _, err := appendTime(nil, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
		t.Error("the year 10000 has no RFC 3339")
	}
}

func FuzzSkipAgainstEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2.5e3,"xé\n",null,true]}`, `[[[]]]`, `"\ud83d\ude00"`, "1e5", `{"a":1,"a":2}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		err := unmarshal(data, (*decoder).Skip)
		if err == nil && !json.Valid(data) {
			t.Fatalf("taken, but not JSON: %q", data)
		}
		if err != nil && json.Valid(data) && !stricter(err) {
			t.Fatalf("refused %q: %v", data, err)
		}
	})
}

// stricter says whether err is about something that encoding/json lets through.
func stricter(err error) bool {
	text := err.Error()
	for _, reason := range []string{"is there twice", "invalid UTF-8", "half of a surrogate pair", "nested deeper"} {
		if strings.Contains(text, reason) {
			return true
		}
	}
	return false
}
