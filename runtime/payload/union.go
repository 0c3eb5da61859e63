package payload

import (
	"errors"
	"strings"
)

// ErrNoValue is the reason why a union without a value has no JSON.
var ErrNoValue = errors.New("has no value")

// NoValue reports a union without a value.
func (r *Report) NoValue() { r.Add("type", ErrNoValue.Error()) }

// Mismatch reports that the next value is not of the wanted kind, and skips it.
func (d *Decoder) Mismatch(want string) { d.mismatch(want) }

// Peek returns the string that the member called name of the next value has, without reading the value. It returns ""
// when the value is no object or has no such string.
func (d *Decoder) Peek(name string) string {
	ahead := Decoder{data: d.data, pos: d.pos, depth: d.depth}
	if ahead.Kind() != ObjectKind {
		return ""
	}
	for o := ahead.Object(); ahead.Next(&o); {
		if string(o.Name) != name {
			ahead.any()
			continue
		}
		if ahead.Kind() != StringKind {
			return ""
		}
		return string(ahead.stringBytes())
	}
	return ""
}

// NoVariant reports that the member called name is none of the values that tell variants, and skips the value.
func (d *Decoder) NoVariant(name string, values ...string) {
	at := d.Offset()
	if d.Kind() != ObjectKind {
		d.mismatch("object")
		return
	}
	var quoted []string
	for _, v := range values {
		quoted = append(quoted, quote(v))
	}
	found := quote(d.Peek(name))
	d.any()
	if !d.broken {
		d.Violate(at, "oneOf", "has "+found+" as "+quote(name)+", want one of "+strings.Join(quoted, ", "))
	}
}

// First reads the value with the first of the variants that finds nothing wrong with it.
func (d *Decoder) First(variants ...func(*Decoder)) {
	start := *d
	for _, decode := range variants {
		mark := len(d.report.found.List)
		more := d.report.found.More
		if decode(d); d.broken {
			return
		}
		if len(d.report.found.List) == mark && d.report.found.More == more {
			return
		}
		d.pos, d.depth = start.pos, start.depth
		d.report.found.List, d.report.found.More = d.report.found.List[:mark], more
	}
	at := d.Offset()
	if d.any(); !d.broken {
		d.Violate(at, "anyOf", "is none of the types that the schema allows")
	}
}
