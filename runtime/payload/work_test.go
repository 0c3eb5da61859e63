package payload

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"unicode"
)

// workOf returns what reading text with decode is counted as, beside reading it once.
func workOf(t *testing.T, text string, decode func(*Decoder)) (work int) {
	t.Helper()
	err := Unmarshal([]byte(text), func(d *Decoder) {
		decode(d)
		work = d.work.spent + d.peeked
	})
	if err != nil {
		t.Errorf("%.40s: %v", text, err)
	}
	return work
}

// grows fails when twice the input takes clearly more than twice the work.
func grows(t *testing.T, name string, text func(n int) string, decode func(*Decoder)) {
	t.Helper()
	const n = 120
	small, large := workOf(t, text(n), decode), workOf(t, text(2*n), decode)
	if large > 5*small/2+1000 {
		t.Errorf("%s: the work is %d, and %d for twice as much", name, small, large)
	}
}

func nestedIn(before, inner, after string) func(int) string {
	return func(n int) string { return strings.Repeat(before, n) + inner + strings.Repeat(after, n) }
}

// TestWorkGrowsWithTheMessage nests what each keyword looks at as a whole: none may look at all of it again at each level.
func TestWorkGrowsWithTheMessage(t *testing.T) {
	inner := Schema{Ref: "S"}
	padding := `{"p":[` + strings.Repeat(`1,"two",{"three":3},`, 20) + `null],"child":`
	for name, schema := range map[string]Schema{
		"not, enum":         {Not: &Schema{Enum: []string{`{"a":1}`, `{"child":{"a":[1,2]}}`}}},
		"const":             {Not: &Schema{Const: `{"a":1}`}},
		"properties":        {Properties: []Property{{"child", inner}}},
		"allOf":             {AllOf: []Schema{{Properties: []Property{{"child", inner}}}, {Properties: []Property{{"child", inner}}}}},
		"anyOf":             {AnyOf: []Schema{{Required: []string{"no"}, Properties: []Property{{"child", inner}}}, {Properties: []Property{{"child", inner}}}}},
		"oneOf":             {OneOf: []Schema{{Required: []string{"no"}, Properties: []Property{{"child", inner}}}, {Properties: []Property{{"child", inner}}}}},
		"if":                {If: &Schema{Properties: []Property{{"child", inner}}}, Then: &Schema{Properties: []Property{{"child", inner}}}},
		"patternProperties": {Patterns: []PatternProperty{{NewPattern("c|h", "c|h"), inner}}},
		"additional":        {Properties: []Property{{"p", Schema{}}}, Additional: &inner},
		"propertyNames":     {Names: &Schema{String: &StringRule{MaxLength: 9, Patterns: []*Pattern{NewPattern("[a-z]|x", "[a-z]|x")}}}, Additional: &inner},
		"dependencies":      {Dependencies: []Dependency{{Name: "child", Required: []string{"p"}, Schema: &Schema{Properties: []Property{{"child", inner}}}}}},
		"contains":          {Properties: []Property{{"p", Schema{Contains: &Schema{Types: TypeNull}}}, {"child", inner}}},
	} {
		schemas := Schemas{"S": schema}
		var decode func(d *Decoder)
		decode = func(d *Decoder) { // as generated code does it
			at := d.Offset()
			for o := d.Object(); d.Next(&o); {
				if string(o.Name) == "child" {
					decode(d)
				} else {
					d.Ignore(&o)
				}
			}
			d.CheckSchema(at, schemas, "S")
		}
		grows(t, name, nestedIn(padding, "{}", "}"), decode)
	}
	var set func(d *Decoder)
	set = func(d *Decoder) {
		array := d.Array()
		for d.More(&array) {
			set(d)
		}
		d.CheckArray(&array, &ArrayRule{MaxItems: NoLimit, UniqueItems: true})
	}
	grows(t, "uniqueItems of lists", nestedIn(`[[],[[]],`, "[[[]]]", "]"), set)
	var event func(d *Decoder)
	event = func(d *Decoder) {
		if d.Peek("kind") != "event" {
			d.Violate(d.Offset(), "oneOf", "is of no kind")
		}
		for o := d.Object(); d.Next(&o); {
			if string(o.Name) == "child" {
				event(d)
			} else {
				d.Ignore(&o)
			}
		}
	}
	grows(t, "a discriminator", nestedIn(`{"child":`, `{"kind":"event"}`, `,"kind":"event"}`), event)
	grows(t, "a union", nestedIn(`{"b":"1","child":`, `{"b":"1"}`, `}`), func(d *Decoder) { new(node).decode(d) })
	grows(t, "a union that is tried", nestedIn(`{"b":"1","child":`, `{"b":"1"}`, `}`), func(d *Decoder) { (&node{tried: true}).decode(d) })
}

func TestTooMuchWorkIsRefused(t *testing.T) {
	item := func(d *Decoder) {
		d.Skip()
		d.Violate(d.pos, "oneOf", "is wrong")
	}
	variants := make([]func(*Decoder), 1000)
	signs := make([][]Sign, len(variants))
	for i := range variants {
		variants[i] = item
	}
	text := "[" + strings.Repeat("1,", 1000) + "1]"
	slow := NewPattern("(a|b|ab|c|[d-f]x{0,200})*y", "(a|b|ab|c|[d-f]x{0,200})*y")
	for name, decode := range map[string]func(*Decoder){
		"a union of many": func(d *Decoder) {
			many := newSignTable(signs)
			for a := d.Array(); d.More(&a); {
				d.choose(many, variants...)
			}
		},
		"a long pattern": func(d *Decoder) {
			for a := d.Array(); d.More(&a); {
				d.Skip()
				d.Check(d.pos, func(r *Report) {
					(&StringRule{MaxLength: NoLimit, Patterns: []*Pattern{slow}}).check(r, strings.Repeat("ab", 1000))
				})
			}
		},
		"costly expressions": func(d *Decoder) {
			for a := d.Array(); d.More(&a); {
				d.Skip()
				d.Check(d.pos, func(r *Report) { (&StringRule{MaxLength: NoLimit, Format: FormatRegex}).check(r, "(?i)[B-𞤀]") })
			}
		},
	} {
		err := Unmarshal([]byte(text), decode)
		if err == nil || !strings.Contains(err.Error(), tooMuchWork) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := Validate(func(r *Report) {
		CheckString(r, strings.Repeat("a", maxRegex+1), &StringRule{MaxLength: NoLimit, Format: FormatRegex})
	}); err == nil ||
		err.Error() != "payload: has 1025 bytes, more than the 1024 of a regular expression that is checked" {
		t.Errorf("of a long expression it says %v", err)
	}
}

// TestMultipleOfIsExact compares with package math/big, which takes time that grows with the square of the digits.
func TestMultipleOfIsExact(t *testing.T) {
	texts := []string{"0", "1", "-1", "10", "0.1", "0.01", "2.50", "1e3", "1e-3", "12345678901234567890123", "0.12345678901234567890123", "99999999999999999999999999e5", "3e40", "7e-20", "18446744073709551616"}
	for _, n := range texts {
		for _, unit := range texts {
			x, _ := new(big.Rat).SetString(n)
			y, _ := new(big.Rat).SetString(unit)
			if y.Sign() <= 0 {
				continue
			}
			if got, want := parseNumber(n).multipleOf(parseNumber(unit)), new(big.Rat).Quo(x, y).IsInt(); got != want {
				t.Errorf("%s is a multiple of %s: got %t, want %t", n, unit, got, want)
			}
		}
	}
	long := strings.Repeat("7", 100_000)
	if allocated := testing.AllocsPerRun(1, func() { parseNumber(long).multipleOf(parseNumber("0.01")) }); allocated > 1e4 {
		t.Errorf("a number of %d digits takes %f allocations", len(long), allocated)
	}
	if _, ok := MustDecimal(long).Rat(); ok {
		t.Error("a number of 100,000 digits becomes a big.Rat")
	}
	if d, err := ParseDuration("PT" + long + "S"); err != nil {
		t.Error(err)
	} else if _, ok := d.Time(); ok {
		t.Error("a duration of 100,000 digits becomes a time.Duration")
	}
}

// TestViolationsAreBounded: whatever a payload is, what is said of it is short, and on one line in the order of its letters.
func TestViolationsAreBounded(t *testing.T) {
	odd := "a\n\u202e\x1b[31m\u2066\u2028\u200f"
	long := strings.Repeat("long", 10_000)
	for _, name := range []string{odd, long, strings.Repeat("é", 10_000), strings.Repeat("\x01", 10_000), odd + long} {
		member := string(AppendString(nil, name))
		text := fmt.Sprintf(`{%s:{%s:[%s,1%s,{%s:%s}]}}`, member, member, member, strings.Repeat("0", 10_000), member, member)
		rule := &StringRule{MaxLength: 1, Enum: []string{"b"}, Format: FormatDate, Patterns: []*Pattern{NewPattern("^"+long+"$", "^x$")}}
		schemas := Schemas{"S": {Additional: &Schema{Additional: &Schema{Items: &Schema{String: rule, Number: NewNumberRule(NumberLimits{Maximum: "1", MultipleOf: "7", Enum: []string{"3"}}), Additional: &Schema{Types: TypeNull}}}}}}
		err := Unmarshal([]byte(text), func(d *Decoder) {
			at := d.Offset()
			decodeAny(d, rule)
			d.CheckSchema(at, schemas, "S")
		})
		vs, ok := err.(*Violations) //nolint:errorlint // it is that
		if !ok || len(vs.List) < 5 {
			t.Errorf("%.20q: got %v", name, err)
			continue
		}
		if whole := vs.Error(); len(whole) > maxError {
			t.Errorf("%.20q: all in all %d bytes", name, len(whole))
		}
		for _, v := range vs.List {
			if len(v.Pointer) > maxPointer || len(v.Message) > maxMessage {
				t.Errorf("%.20q: %d and %d bytes", name, len(v.Pointer), len(v.Message))
			}
			if i := strings.IndexFunc(v.String(), func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%q is not printable", v.String())
			}
		}
	}
}

// decodeAny reads any value, and its strings with rule.
func decodeAny(d *Decoder, rule *StringRule) {
	switch d.Kind() {
	case ObjectKind:
		for o := d.Object(); d.Next(&o); {
			decodeAny(d, rule)
		}
	case ArrayKind:
		for a := d.Array(); d.More(&a); {
			decodeAny(d, rule)
		}
	case StringKind:
		d.String(rule)
	default:
		d.Skip()
	}
}

func TestViolationsWithoutValues(t *testing.T) {
	err := Unmarshal([]byte(`{"secret":"4711"}`), func(d *Decoder) { decodeAny(d, &StringRule{MaxLength: 1}) })
	vs, ok := err.(*Violations) //nolint:errorlint // it is that
	if !ok {
		t.Fatal(err)
	}
	if got := vs.WithoutValues(true).Error(); got != "/secret: violates maxLength" {
		t.Errorf("got %s", got)
	}
	if got := vs.WithoutValues(false).Error(); got != "payload: violates maxLength" {
		t.Errorf("got %s", got)
	}
}

func TestOutlineIsTheText(t *testing.T) {
	text := []byte(` { "a" : [ 1 , {"b":"\u00e9"} , [ ] ] , "c" : { } , "d":1.0e1 } `)
	o, ok := parse(text)
	if !ok {
		t.Fatal("not read")
	}
	array := o.member(0, "a")
	if got := o.parts[array].count; got != 3 {
		t.Errorf("%d items, want 3", got)
	}
	if got := o.string(o.member(array+2, "b")); got != "é" {
		t.Errorf("got %q", got)
	}
	for at := range o.parts {
		if found := o.at(int(o.parts[at].start)); found != at {
			t.Errorf("at %d is %d, want %d", o.parts[at].start, found, at)
		}
	}
	same, _ := parse([]byte(`{"d":10,"c":{},"a":[1.0,{"b":"é"},[]]}`))
	if !o.equal(0, same, 0) {
		t.Error("not equal")
	}
	for _, other := range []string{`{"d":10,"c":{},"a":[{"b":"é"},1.0,[]]}`, `{"d":10,"c":[],"a":[1.0,{"b":"é"},[]]}`, `{"d":10,"c":{},"a":[1,{"b":"é"},[]],"e":1}`, `{"d":-10,"c":{},"a":[1,{"b":"é"},[]]}`} {
		if different, _ := parse([]byte(other)); o.equal(0, different, 0) {
			t.Errorf("equal to %s", other)
		}
	}
	if o.member(0, "e") >= 0 {
		t.Error("there is an e")
	}
}

// FuzzOutline makes outlines of texts, and compares them with themselves.
func FuzzOutline(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\u00e9"},[]],"c":{},"d":1.0e1}`), []byte(`[[1,1.0],{"a":1,"b":2},{"b":2,"a":1}]`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		x, ok := parse(first)
		if valid := Unmarshal(first, (*Decoder).Skip) == nil; ok != valid {
			t.Fatalf("%q: an outline: %t, JSON: %t", first, ok, valid)
		}
		y, okToo := parse(second)
		if !ok || !okToo {
			return
		}
		if !x.equal(0, x, 0) || x.equal(0, y, 0) != y.equal(0, x, 0) {
			t.Errorf("%q and %q", first, second)
		}
		if _, found := difference(x, y, 0, 0); x.equal(0, y, 0) && found {
			t.Errorf("%q and %q are equal and differ", first, second)
		}
	})
}
