package payload

import (
	"strings"
	"testing"
)

// A written message reads anything and writes what it is told to.
type written struct {
	Raw

	text string
}

func (w *written) AppendJSON(dst []byte) ([]byte, error) { return append(dst, w.text...), nil }

func TestRoundTrip(t *testing.T) {
	for _, test := range []struct{ name, read, written, want string }{
		{"the same", `{"a":[1,"x",null,true]}`, `{"a":[1,"x",null,true]}`, ""},
		{"white space, order of members, escapes", "{ \"a\" : 1,\n\"b\":\"\\u00e9\"}", `{"b":"é","a":1}`, ""},
		{"numbers by value", `[1.0,1e2,-0,0.10]`, `[1,100,0,0.1]`, ""},
		{"digits", `{"n":12345678901234567890.5}`, `{"n":12345678901234567000}`, "/n: is 12345678901234567890.5 and is written as 12345678901234567000"},
		{"the same instant", `"2026-11-23T10:00:00.000+00:00"`, `"2026-11-23T10:00:00Z"`, ""},
		{"another instant", `["2026-11-23T10:00:00Z"]`, `["2026-11-23T10:00:00.5Z"]`, `/0: is "2026-11-23T10:00:00Z" and is written as "2026-11-23T10:00:00.5Z"`},
		{
			"a finer instant than Go's", `"2026-11-23T10:00:00.1234567891Z"`, `"2026-11-23T10:00:00.123456789Z"`,
			`payload: is "2026-11-23T10:00:00.1234567891Z" and is written as "2026-11-23T10:00:00.123456789Z"`,
		},
		{"the same UUID", `"2EB8AA08-AA98-11EA-B4AA-73B441D16380"`, `"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`, ""},
		{"another text", `"Ada"`, `"ada"`, `payload: is "Ada" and is written as "ada"`},
		{"a member less", `{"a":{"b/c":null}}`, `{"a":{}}`, "/a/b~1c: is read and not written: the schema does not describe it"},
		{"a member more", `{"a":{}}`, `{"a":{"b":null}}`, "/a/b: is written and was not there"},
		{"null for absent", `[{"a":null}]`, `[{}]`, "/0/a: is read and not written: the schema does not describe it"},
		{"an item less", `{"a":[1,2]}`, `{"a":[1]}`, "/a: has 2 items and is written with 1"},
		{"another kind", `{"a":null}`, `{"a":{}}`, "/a: is null and is written as an object"},
		{"no JSON", `1`, `01`, "is not one JSON value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := RoundTrip(test.read, &written{text: test.written}, &written{text: test.written})
			if got := said(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRoundTripReadsTwice(t *testing.T) {
	err := RoundTrip(`[1,2]`, &written{text: `[1,2]`}, &written{text: `[1,2 ]`})
	if want := "written as [1,2], then as [1,2 ]"; said(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := RoundTrip(`[1,2`, new(Raw), new(Raw)); err == nil || !strings.Contains(err.Error(), "found the end") {
		t.Errorf("got %v of what is not JSON", err)
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
