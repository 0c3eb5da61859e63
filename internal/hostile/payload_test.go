package hostile

import (
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/hostile/messages"
	"github.com/scampgen/scampgen/runtime/payload"
)

const megabyte = 1_000_000

func TestHostile(t *testing.T) {
	var attacks []Attack
	for _, p := range payloads {
		attacks = append(attacks, Attack{Name: p.name, Size: megabyte / 4, Prepare: func(n int) func() string {
			data := []byte(p.make(n))
			return func() string { return ending(p.read(data)) }
		}})
	}
	Measure(t, attacks...)
}

// ending says how reading a payload ended.
func ending(err error) string {
	violations, ok := errors.AsType[*payload.Violations](err)
	if !ok {
		return "read"
	}
	keyword := violations.List[len(violations.List)-1].Keyword
	if strings.Contains(err.Error(), "more work") || strings.Contains(err.Error(), "too many ways") {
		return "refused: too much work"
	}
	return "refused: " + keyword
}

// payloads are texts of about n bytes that were made to cost much.
var payloads = []struct {
	name string
	read func([]byte) error
	make func(n int) string
}{
	{"encoding/json, arrays into any, to compare", func(data []byte) error { var v any; return json.Unmarshal(data, &v) }, func(n int) string { return list("[]", n) }},
	{"encoding/json, objects into any, to compare", func(data []byte) error { var v any; return json.Unmarshal(data, &v) }, func(n int) string { return list(`{"a":1}`, n) }},
	{"`additionalProperties: false`, long names", as[messages.Closed], func(n int) string {
		const members = 32
		name := strings.Repeat("n", n/members)
		var b strings.Builder
		for i := range members {
			b.WriteString(`,"` + string(rune('a'+i%26)) + string(rune('0'+i/26)) + name + `":1`)
		}
		return "{" + b.String()[1:] + "}"
	}},
	{"`additionalProperties: false`, a long name around all", as[messages.Dependent], func(n int) string {
		return `{"` + strings.Repeat("N", n/2) + `":` + list(`{"A":1}`, n/2) + "}"
	}},
	{"`enum`, each item wrong", as[messages.Integers], func(n int) string { return list("4", n) }},
	{"`type`, each item wrong", as[messages.Set], func(n int) string { return list("4", n) }},
	{"`not: {enum: [objects]}`, nested", as[messages.Excluded], func(n int) string { return nested(`{"within":`, `{"padding":`+list("1", n-500*11)+`}`, `}`, 500) }},
	{"`not: {enum: [objects]}`, nested, wide", as[messages.Excluded], func(n int) string {
		return nested(`{"padding":`+list("1", n/500-30)+`,"within":`, `{}`, `}`, 500)
	}},
	{"`not: {contains: {contains: …}}`, nested", as[messages.Contains], func(n int) string { return nested(`[`, list("[]", n-1000), `]`, 500) }},
	{"`not: {contains: {contains: …}}`, nested, wide", as[messages.Contains], func(n int) string { return nested(open(list("[]", n/500)), `[]`, `]`, 500) }},
	{"`uniqueItems`, nested", as[messages.Set], func(n int) string { return nested(`[`, different(n-1000), `]`, 480) }},
	{"`uniqueItems`, nested, wide", as[messages.Set], func(n int) string { return nested(`[[],`, different(n-2000), `]`, 480) }},
	{"`uniqueItems`, flat", as[messages.Set], different},
	{"`contains`, flat", as[messages.Contains], func(n int) string { return list("[[]]", n) }},
	{"`contains`, flat, wide", as[messages.Contains], func(n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(list("[[],[]]", n/500)+",", 500), ",") + "]"
	}},
	{"`if`, `not` under `additionalProperties`, nested", as[messages.Conditional], func(n int) string {
		return nested(`{"b":`, objectOf(`{}`, n-2500), `}`, 500)
	}},
	{"`if`, `not` under `additionalProperties`, nested, wide", as[messages.Conditional], func(n int) string {
		return nested(open(objectOf(`{}`, n/500))+`"b":`, `{}`, `}`, 500)
	}},
	{"`if`, `not` under `additionalProperties`, nested, valid", as[messages.Conditional], func(n int) string {
		return nested(`{"z":`, objectOf(`{"x":{},"y":{},"z":{}}`, n-2500), `}`, 500)
	}},
	{"`dependencies`, `propertyNames`, nested", as[messages.Dependent], func(n int) string { return nested(`{"c":`, objectOf(`{}`, n-2500), `}`, 500) }},
	{"`propertyNames`, a pattern and a long name", as[messages.Dependent], func(n int) string { return `{"` + strings.Repeat("z", n) + `":{}}` }},
	{"a discriminator that comes last, nested", as[messages.Event], func(n int) string {
		return nested(`{"within":`, `{"x":"`+strings.Repeat("x", n-500*28)+`","kind":"Created"}`, `,"kind":"Created"}`, 500)
	}},
	{"a discriminator that comes last, nested, wide", as[messages.Event], func(n int) string {
		return nested(`{"x":"`+strings.Repeat("x", n/500-37)+`","within":`, `{"kind":"Created"}`, `,"kind":"Created"}`, 500)
	}},
	{"`anyOf` that only trying tells, nested", as[messages.Choice], func(n int) string {
		return nested(`{"c":"r","items":[`, `{"c":"r`+strings.Repeat("x", n-250*21)+`"}`, `]}`, 250)
	}},
	{"`anyOf` that only trying tells, nested, wide", as[messages.Choice], func(n int) string {
		return nested(`{"c":"r","items":[`, strings.Trim(list(`{"c":"r"}`, n-250*21), "[]"), `]}`, 250)
	}},
	{"`anyOf` that only trying tells, flat", as[messages.Choice], func(n int) string { return `{"c":"r","items":` + list(`{"c":"r"}`, n) + `}` }},
	{"`oneOf` that names of members tell, nested", as[messages.Named], func(n int) string {
		return nested(`{"items":[`, `{"c":"`+strings.Repeat("x", n-250*20)+`"}`, `],"c":""}`, 250)
	}},
	{"`oneOf` that names of members tell, nested, wide", as[messages.Named], func(n int) string {
		return nested(`{"items":[`, strings.Trim(list(`{"c":""}`, n-250*20), "[]"), `],"c":""}`, 250)
	}},
	{"`oneOf` that names of members tell, flat", as[messages.Named], func(n int) string { return `{"c":"","items":` + list(`{"c":""}`, n) + `}` }},
	{"`oneOf`, several have the members, nested", as[messages.Named], func(n int) string {
		return nested(`{"a":1,"b":1,"c":"","items":[`, strings.Trim(list(`{"c":""}`, n-250*32), "[]"), `]}`, 250)
	}},
	{"`oneOf`, read and validated", checked[messages.Named], func(n int) string {
		return nested(`{"items":[`, strings.Trim(list(`{"c":""}`, n-250*20), "[]"), `],"c":""}`, 250)
	}},
	{"`oneOf` with other members, read and validated", checked[messages.Named], func(n int) string {
		return nested(`{"items":[`, strings.Trim(list(`{"c":"","a":1}`, n-250*20), "[]"), `],"b":[],"c":""}`, 250)
	}},
	{"`anyOf`, nothing fits", as[messages.Choice], func(n int) string { return nested(`{"items":[`, strings.Trim(list("{}", n-3000), "[]"), `]}`, 250) }},
	{"`anyOf`, nothing fits, flat", as[messages.Choice], func(n int) string { return `{"items":` + list("{}", n) + `}` }},
	{"`uniqueItems`, nested, read and validated", checked[messages.Set], func(n int) string { return nested(`[`, different(n-1000), `]`, 480) }},
	{"`contains`, nested, read and validated", checked[messages.Contains], func(n int) string { return nested(`[`, list("[]", n-1000), `]`, 500) }},
	{"`if`, `not`, nested, read and validated", checked[messages.Conditional], func(n int) string { return nested(`{"z":`, objectOf(`{}`, n-2500), `}`, 500) }},
	{"`multipleOf`, a long number", asMember[messages.Any]("price"), func(n int) string { return "7" + strings.Repeat("3", n-1) }},
	{"`multipleOf`, a long fraction", asMember[messages.Any]("price"), func(n int) string { return "0." + strings.Repeat("3", n-2) }},
	{"`format: regex`, a long class", as[messages.Expressions], func(n int) string { return `["[` + strings.Repeat("az", n/2) + `]"]` }},
	{"`format: regex`, classes of Unicode", as[messages.Expressions], func(n int) string { return `["[` + strings.Repeat(`\\pL`, n/4) + `]"]` }},
	{"`format: regex`, many", as[messages.Expressions], func(n int) string { return list(`"[`+strings.Repeat(`\\pL`, 100)+`]"`, n) }},
	{"`format: regex`, many that fold case", as[messages.Expressions], func(n int) string { return list(`"(?i)[`+strings.Repeat("B-𞤀", 100)+`]"`, n) }},
	{"`format: regex`, many short", as[messages.Expressions], func(n int) string { return list(`"(?i)[B-𞤀]"`, n) }},
}

// TestPayloadsTakeMemoryInProportion: what reading allocates, all that is garbage at once included, grows with the payload and not with its
// square; and what is said of it is short.
func TestPayloadsTakeMemoryInProportion(t *testing.T) {
	const n, factor, least = 100_000, 400, 400 << 20
	for _, p := range payloads {
		one, err := allocated(p.read, p.make(n))
		two, _ := allocated(p.read, p.make(2*n))
		if two > factor*2*n && two > 5*one/2 || two > factor*2*n+least {
			t.Errorf("%s: %d bytes take %d, and %d take %d", p.name, n, one, 2*n, two)
		}
		if err != nil && len(err.Error()) > 4096 {
			t.Errorf("%s: the error has %d bytes", p.name, len(err.Error()))
		}
	}
}

// allocated returns how many bytes reading text allocates.
func allocated(read func([]byte) error, text string) (uint64, error) {
	var before, after runtime.MemStats
	data := []byte(text)
	runtime.ReadMemStats(&before)
	err := read(data)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

func as[T any, P interface {
	*T
	payload.Message
}](data []byte) error {
	return P(new(T)).UnmarshalJSON(data)
}

// checked reads data and has Validate check what was read, as before it is published again.
func checked[T any, P interface {
	*T
	payload.Message
}](data []byte) error {
	m := P(new(T))
	if err := m.UnmarshalJSON(data); err != nil {
		return err
	}
	return m.Validate()
}

// asMember reads data as the value of a member.
func asMember[T any, P interface {
	*T
	payload.Message
}](name string) func([]byte) error {
	return func(data []byte) error { return as[T, P]([]byte(`{"` + name + `":` + string(data) + "}")) }
}

// list is an array of n bytes of item.
func list(item string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", max(n/(len(item)+1), 1)), ",") + "]"
}

// nested is inner with depth times before and after around it.
func nested(before, inner, after string, depth int) string {
	return strings.Repeat(before, depth) + inner + strings.Repeat(after, depth)
}

// open is an array or object without its end, so that more may follow.
func open(text string) string { return text[:len(text)-1] + "," }

// objectOf is an object of n bytes of members with the value.
func objectOf(value string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(`,"` + letters(i) + `":` + value)
	}
	return "{" + b.String()[1:] + "}"
}

// letters is a name of its own for each i.
func letters(i int) string {
	name := []byte("z")
	for i++; i > 0; i /= 26 {
		name = append(name, byte('a'+i%26))
	}
	return string(name)
}

// different is an array of n bytes of arrays that all differ, as do the items of each: the item number i has an array of its own depth
// for each bit of i.
func different(n int) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		var bits []string
		for k := 1; i>>(k-1) > 0; k++ {
			if i>>(k-1)&1 == 1 {
				bits = append(bits, nested("[", "", "]", k))
			}
		}
		b.WriteString(",[" + strings.Join(bits, ",") + "]")
	}
	return "[" + b.String()[1:] + "]"
}
