package payload

import (
	"encoding/json"
	"errors"
)

// A Raw is the text of one JSON value. It is the type of schemas that allow anything, or for which
// Go has no type. A nil Raw is no value.
type Raw []byte

// AppendJSON appends the text after checking that it is one JSON value.
func (r Raw) AppendJSON(dst []byte) ([]byte, error) {
	if !r.valid() {
		return dst, errNotJSON
	}
	return append(dst, r...), nil
}

// MarshalJSON returns the text. It implements json.Marshaler.
func (r Raw) MarshalJSON() ([]byte, error) { return r.AppendJSON(nil) }

// UnmarshalJSON keeps a copy of data after checking it. It implements json.Unmarshaler.
func (r *Raw) UnmarshalJSON(data []byte) error {
	return Unmarshal(data, func(d *Decoder) { *r = d.Raw() })
}

// Validate returns an error when the text is not one JSON value.
func (r Raw) Validate() error {
	return Validate(func(report *Report) { CheckRaw(report, r) })
}

// Kind returns the kind of the value, None when there is none.
func (r Raw) Kind() Kind {
	d := Decoder{data: r}
	d.space()
	return d.Kind()
}

func (r Raw) valid() bool { return Unmarshal(r, (*Decoder).Skip) == nil }

var errNotJSON = errors.New("is not one JSON value")

// Raw reads any value and returns a copy of its text.
func (d *Decoder) Raw() Raw {
	unbuilt := d.unbuilt
	if text := d.RawBytes(); text != nil && d.unbuilt == unbuilt {
		return append(Raw(nil), text...)
	}
	return nil
}

// RawBytes reads any value and returns its text, which is part of the data that is being read. It returns
// nil when there is no value.
func (d *Decoder) RawBytes() []byte {
	start := d.pos
	if d.any(); d.broken {
		return nil
	}
	return d.data[start:d.pos]
}

// CheckRaw reports text that is not one JSON value.
func CheckRaw(r *Report, raw Raw) {
	if !raw.valid() {
		r.Add("json", errNotJSON.Error())
	}
}

// Custom reads any value into target, a type that is not generated, with encoding/json.
func (d *Decoder) Custom(target any) {
	at := d.Offset()
	text := d.RawBytes()
	if text == nil {
		return
	}
	if err := json.Unmarshal(text, target); err != nil {
		d.Violate(at, "x-go-type", err.Error())
	}
}

// AppendCustom appends value, which is of a type that is not generated, with encoding/json.
func AppendCustom(dst []byte, value any) ([]byte, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return dst, err
	}
	return append(dst, text...), nil
}

// CheckCustom reports what value's method Validate finds, if it has one.
func CheckCustom(r *Report, value any) {
	if v, ok := value.(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			r.Add("x-go-type", err.Error())
		}
	}
}
