package payload

import (
	"encoding/json"
	"errors"
)

// Raw reads any value and returns a copy of its text.
func (d *Decoder) Raw() json.RawMessage {
	if text := d.RawBytes(); text != nil {
		return append(json.RawMessage(nil), text...)
	}
	return nil
}

// RawBytes reads any value and returns its text, which is part of the data that is being read. It returns
// nil when there is no value.
func (d *Decoder) RawBytes() []byte {
	d.space()
	start := d.pos
	if d.any(); d.broken {
		return nil
	}
	return d.data[start:d.pos]
}

var errNotJSON = errors.New("is not one JSON value")

// AppendRaw appends raw after checking that it is one JSON value.
func AppendRaw(dst []byte, raw json.RawMessage) ([]byte, error) {
	if !validRaw(raw) {
		return dst, errNotJSON
	}
	return append(dst, raw...), nil
}

// CheckRaw reports text that is not one JSON value.
func CheckRaw(r *Report, raw json.RawMessage) {
	if !validRaw(raw) {
		r.Add("json", errNotJSON.Error())
	}
}

func validRaw(raw []byte) bool { return Unmarshal(raw, (*Decoder).Skip) == nil }

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
