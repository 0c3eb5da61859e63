package payload

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzTimeIsWrittenAsPackageTimeDoes holds appendTime against time.Time.MarshalJSON, which writes RFC 3339 too.
func FuzzTimeIsWrittenAsPackageTimeDoes(f *testing.F) {
	f.Add(int64(1795342530), 123_000_000, 0)
	f.Add(int64(0), 0, 60)
	f.Add(int64(-62167219200), 999_999_999, -90)
	f.Add(int64(253402300799), 1, 14*60)
	f.Add(int64(951782400), 10, 0)
	f.Fuzz(func(t *testing.T, seconds int64, nanoseconds, minutes int) {
		at := time.Unix(seconds, int64(nanoseconds)).In(time.FixedZone("", minutes%(25*60)*60))
		got, err := appendTime(nil, at)
		want, refused := json.Marshal(at)
		if string(got) != string(want) || (err == nil) != (refused == nil) {
			t.Errorf("got %s, %v, want %s, %v", got, err, want, refused)
		}
		if err != nil {
			return
		}
		var back time.Time
		if err := unmarshal(got, func(d *decoder) { back = d.Time() }); err != nil || !back.Equal(at) {
			t.Errorf("%s is read as %v, %v", got, back, err)
		}
	})
}

func TestDatesAndUUIDsInJSON(t *testing.T) {
	for text, want := range map[string]string{
		`"2026-11-22"`:      `"2026-11-22"`,
		`"2026-11-2\u0032"`: `"2026-11-22"`,
		`"2024-02-29"`:      `"2024-02-29"`,
		`"2026-11-2"`:       `payload: "2026-11-2" is not a date`,
		`"2026-02-30"`:      `payload: "2026-02-30" is not a date`,
		`"2026-11-22`:       "payload: a string without end at offset 11",
		`"2026-1"," "`:      "payload: \"2026-1\" is not a date; payload: data after the value: ',' at offset 8",
		`20261122`:          "payload: is a number, want a string",
	} {
		var date Date
		got := ""
		if err := unmarshal([]byte(text), func(d *decoder) { date = d.Date() }); err != nil {
			got = err.Error()
		} else if encoded, err := appendDate(nil, date); err == nil {
			got = string(encoded)
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		`"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`:      "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
		`"2EB8AA08-AA98-11EA-B4AA-73B441D16380"`:      "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
		`"2eb8aa08-aa98-11ea-b4aa-73b441d1638\u0030"`: "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
		`"2eb8aa08-aa98-11ea-b4aa-73b441d1638g"`:      `payload: "2eb8aa08-aa98-11ea-b4aa-73b441d1638g" is not a uuid`,
		`"2eb8aa08-aa98-11ea-b4aa-73b441d163800"`:     `payload: "2eb8aa08-aa98-11ea-b4aa-73b441d163800" is not a uuid`,
		`null`: "payload: is null, want a string",
	} {
		var id UUID
		var got string
		if err := unmarshal([]byte(text), func(d *decoder) { id = d.UUID() }); err != nil {
			got = err.Error()
		} else {
			got = id.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}
