package unions

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scampgen/scampgen/internal/unions/messages"
	"github.com/scampgen/scampgen/runtime/payload"
)

// deep are messages that nest unions, by the union: what stands before and behind the innermost value.
var deep = []struct {
	name, before, inner, after string
	levels                     int // nested arrays and objects for each
}{
	{"step", `{"name":"n","then":`, `{"result":1}`, `}`, 1},
	{"tree", `{"left":`, `{"value":1}`, `}`, 1},
	{"tree", `{"value":1,"left":`, `{"value":1}`, `}`, 1}, // two variants fit at each level
	{"closed", `{"a":"a","b":"b","next":`, `{"c":"c"}`, `}`, 1},
	{"constants", `{"colour":"navy","next":`, `{"colour":1}`, `}`, 1},
	{"kinds", `[`, `"word"`, `]`, 1},
	{"optional", `{"a":"a","next":`, `{"b":"b"}`, `}`, 1},
	{"optional", `{"a":"a","b":null,"next":`, `{"b":"b"}`, `}`, 1}, // two have the members at each level
	{"larger", `{"a":"a","next":`, `{"a":"a","b":"b"}`, `}`, 1},
	{"larger", `{"a":"a","b":"b","next":`, `{"a":"a","b":"b"}`, `}`, 1},
	{"shape", `{"radius":1,"within":{"side":1,"within":`, `{"radius":1}`, `}}`, 2},
}

// TestDeepMessagesThatAreLong: what takes writing a value to check it is not written at each level.
func TestDeepMessagesThatAreLong(t *testing.T) {
	long := strings.Repeat("long", 50)
	text := `{"larger":` + strings.Repeat(`{"a":"`+long+`","b":"b","next":`, 500) + `{"a":"a"}` + strings.Repeat("}", 501)
	var m messages.Any
	if err := errors.Join(m.UnmarshalJSON([]byte(text)), m.Validate()); err != nil {
		t.Error(tail(err))
	}
}

// nested is a message with a union so deep.
func nested(i, levels int) string {
	d := deep[i]
	n := levels / d.levels
	return `{"` + d.name + `":` + strings.Repeat(d.before, n) + d.inner + strings.Repeat(d.after, n) + `}`
}

// TestDeepMessagesAreRead reads, checks and writes again what is nested almost as deep as any message may be.
func TestDeepMessagesAreRead(t *testing.T) {
	for i, d := range deep {
		for _, levels := range []int{96, 300, 500} {
			text := nested(i, levels)
			var m messages.Any
			if err := m.UnmarshalJSON([]byte(text)); err != nil {
				t.Errorf("%s, %d deep: reading: %s", d.name, levels, tail(err))
				continue
			}
			if err := m.Validate(); err != nil {
				t.Errorf("%s, %d deep: checking: %s", d.name, levels, tail(err))
			}
			if again, err := m.AppendJSON(nil); err != nil || len(again) != len(text) {
				t.Errorf("%s, %d deep: written with %d bytes, read from %d: %v", d.name, levels, len(again), len(text), err)
			}
		}
	}
}

// BenchmarkDeep reads and checks unions within unions. The time for a level should not depend on their number.
func BenchmarkDeep(b *testing.B) {
	for i, d := range deep {
		for _, levels := range []int{8, 32, 128} {
			text := []byte(nested(i, levels))
			name := fmt.Sprintf("%s %d/%d", d.name, i, levels)
			var read messages.Any
			if err := read.UnmarshalJSON(text); err != nil {
				b.Fatal(err)
			}
			b.Run(name+"/read", func(b *testing.B) { perLevel(b, levels, func() error { return new(messages.Any).UnmarshalJSON(text) }) })
			b.Run(name+"/check", func(b *testing.B) { perLevel(b, levels, read.Validate) })
			b.Run(name+"/encoding/json into any", func(b *testing.B) {
				perLevel(b, levels, func() error { var v any; return json.Unmarshal(text, &v) })
			})
		}
	}
}

func perLevel(b *testing.B, levels int, work func() error) {
	b.Helper()
	for b.Loop() {
		if err := work(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*levels), "ns/level")
}

// TestVerdicts compares what the codec says of random messages with what a validator says.
func TestVerdicts(t *testing.T) {
	validator := compiled(t)
	random := rand.New(rand.NewPCG(1, 2))
	valid := map[string]int{}
	for range 60_000 {
		union := unionNames[random.IntN(len(unionNames))]
		text := `{"` + union + `":` + value(random, union, 3) + `}`
		want := validate(t, validator, text)
		var m messages.Any
		err := m.UnmarshalJSON([]byte(text))
		if isValid := err == nil; isValid != want {
			t.Errorf("%s: valid: %t, the codec says: %v", text, want, err)
			continue
		}
		if !want {
			continue
		}
		valid[union]++
		again, err := m.AppendJSON(nil)
		if err := errors.Join(err, m.Validate(), new(messages.Any).UnmarshalJSON(again)); err != nil {
			t.Errorf("%s, written as %s: %v", text, again, err)
		}
	}
	for _, name := range unionNames {
		if valid[name] < 300 {
			t.Errorf("%s: only %d random messages are valid", name, valid[name])
		}
	}
}

// TestVerdictsOfValues compares what Validate says of random Go values with what a validator says of what is written.
func TestVerdictsOfValues(t *testing.T) {
	validator := compiled(t)
	random := rand.New(rand.NewPCG(3, 4))
	verdicts := map[bool]int{}
	for range 20_000 {
		m := &messages.Any{}
		switch random.IntN(5) {
		case 0:
			m.Payments = []messages.Payment{{Value: payment(random)}}
		case 1:
			m.Optional = &messages.Optional{Value: optional(random, 2)}
		case 2:
			m.Larger = &messages.Larger{Value: larger(random, 2)}
		case 3:
			m.Shape = &messages.Shape{Value: shape(random, 2)}
		case 4:
			m.Step = &messages.Step{Value: step(random, 3)}
		}
		text, err := m.AppendJSON(nil)
		if err != nil {
			t.Fatal(err)
		}
		want := validate(t, validator, string(text))
		verdicts[want]++
		var read messages.Any
		if err := read.UnmarshalJSON(text); (err == nil) != want {
			t.Errorf("%s: valid: %t, the decoder says: %v", text, want, err)
		}
		if want && !reflect.DeepEqual(&read, m) {
			continue // valid as another variant than the Go value is
		}
		if err := m.Validate(); (err == nil) != want {
			t.Errorf("%s: valid: %t, Validate says: %v", text, want, err)
		}
	}
	if verdicts[true] < 1000 || verdicts[false] < 1000 {
		t.Errorf("the values are %v", verdicts)
	}
}

func payment(random *rand.Rand) messages.PaymentValue {
	switch random.IntN(3) {
	case 0:
		return &messages.Card{Holder: "h", Number: "n", AdditionalProperties: rest(random, "bic", "iban", "code", "x")}
	case 1:
		return &messages.Transfer{Bic: "b", Iban: "i", AdditionalProperties: rest(random, "code", "holder", "number", "x")}
	}
	return &messages.Voucher{Code: "c", AdditionalProperties: rest(random, "bic", "iban", "holder", "x")}
}

func optional(random *rand.Rand, deep int) messages.OptionalValue {
	if random.IntN(2) == 0 {
		return &messages.Double{B: "b", A: maybe[int64](random, 1), AdditionalProperties: rest(random, "next", "x")}
	}
	v := &messages.Single{A: "a", AdditionalProperties: rest(random, "c", "x")}
	switch random.IntN(4) {
	case 0:
		v.B = payload.Some("b")
	case 1:
		v.B = payload.Null[string]()
	}
	if deep > 0 && random.IntN(2) == 0 {
		v.Next = &messages.Optional{Value: optional(random, deep-1)}
	}
	return v
}

func larger(random *rand.Rand, deep int) messages.LargerValue {
	var next *messages.Larger
	if deep > 0 && random.IntN(2) == 0 {
		next = &messages.Larger{Value: larger(random, deep-1)}
	}
	if random.IntN(2) == 0 {
		return &messages.Large{A: "a", B: "b", Next: next, AdditionalProperties: rest(random, "c", "x")}
	}
	return &messages.Small{A: "a", B: maybe[int64](random, 2), Next: next, AdditionalProperties: rest(random, "c", "x")}
}

func shape(random *rand.Rand, deep int) messages.ShapeValue {
	var within *messages.Shape
	if deep > 0 && random.IntN(2) == 0 {
		within = &messages.Shape{Value: shape(random, deep-1)}
	}
	switch random.IntN(4) {
	case 0:
		return &messages.Round{Value: &messages.Circle{Radius: 1, Within: within, AdditionalProperties: rest(random, "major", "minor", "side", "x")}}
	case 1:
		return &messages.Round{Value: &messages.Ellipse{Major: 1, Minor: 2, AdditionalProperties: rest(random, "side", "radius", "x")}}
	case 2:
		return &messages.Angular{Value: &messages.Square{Side: 1, Within: within, AdditionalProperties: rest(random, "height", "width", "radius", "x")}}
	}
	return &messages.Angular{Value: &messages.Rectangle{Height: 1, Width: 2, AdditionalProperties: rest(random, "side", "major", "minor", "x")}}
}

func step(random *rand.Rand, deep int) messages.StepValue {
	if deep > 0 && random.IntN(3) > 0 {
		return &messages.Sequence{Name: "n", Then: messages.Step{Value: step(random, deep-1)}, AdditionalProperties: rest(random, "result", "x")}
	}
	return &messages.Final{Result: 1, AdditionalProperties: rest(random, "then", "name", "x")}
}

// rest are members without fields, now and then.
func rest(random *rand.Rand, names ...string) map[string]payload.Raw {
	var members map[string]payload.Raw
	for _, name := range names {
		if random.IntN(4) > 0 {
			continue
		}
		if members == nil {
			members = map[string]payload.Raw{}
		}
		members[name] = payload.Raw([]string{`1`, `"b"`, `{"result":2}`}[random.IntN(3)])
	}
	return members
}

func maybe[T any](random *rand.Rand, value T) *T {
	if random.IntN(2) == 0 {
		return nil
	}
	return &value
}

var unionNames = []string{"closed", "constants", "kinds", "larger", "optional", "payments", "shape", "step", "tree"}

// members are the names that the variants of each union know.
var members = map[string][]string{
	"closed":    {"a", "b", "c", "x", "next"},
	"constants": {"colour", "x", "next"},
	"kinds":     {"holder", "number", "code"},
	"larger":    {"a", "b", "next"},
	"optional":  {"a", "b", "next"},
	"payments":  {"holder", "number", "bic", "iban", "code"},
	"shape":     {"radius", "major", "minor", "side", "height", "width", "within"},
	"step":      {"name", "then", "result"},
	"tree":      {"left", "right", "value"},
}

// value is a random value, valid now and then.
func value(random *rand.Rand, union string, deep int) string {
	switch {
	case union == "payments":
		return "[" + object(random, union, deep) + "]"
	case union == "kinds" && random.IntN(3) == 0:
		return "[" + value(random, union, max(deep-1, 0)) + "]"
	case random.IntN(12) == 0:
		return scalar(random)
	}
	return object(random, union, deep)
}

func object(random *rand.Rand, union string, deep int) string {
	var b strings.Builder
	names := append([]string{"other"}, members[union]...)
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:random.IntN(min(len(names), 4)+1)] {
		written := `"` + name + `"`
		if random.IntN(8) == 0 {
			written = fmt.Sprintf(`"\u%04x%s"`, name[0], name[1:])
		}
		fmt.Fprintf(&b, ", %s : %s", written, member(random, union, name, deep))
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

func member(random *rand.Rand, union, name string, deep int) string {
	isNested := name == "next" || name == "then" || name == "within" || name == "left" || name == "right"
	switch {
	case isNested && deep > 0:
		return value(random, union, deep-1)
	case random.IntN(8) == 0:
		return scalar(random)
	case name == "colour":
		return []string{`"red"`, `"blue"`, `"navy"`, `"green"`, `7`}[random.IntN(5)]
	case union == "shape" || name == "result" || name == "value" || name == "x" && union == "closed":
		return "1"
	case union == "larger" || union == "optional":
		return []string{`1`, `"text"`}[random.IntN(2)]
	}
	return `"a\"}text"`
}

func scalar(random *rand.Rand) string {
	return []string{`1`, `"a"`, `"longer"`, `null`, `true`, `[]`, `{}`, `[{"a":"}"}]`}[random.IntN(8)]
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	schema, err := c.Compile("unions.json#/components/schemas/Any")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, text string) bool {
	t.Helper()
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return schema.Validate(instance) == nil
}

// tail is the end of a long text.
func tail(err error) string {
	text := err.Error()
	return text[max(0, len(text)-200):]
}
