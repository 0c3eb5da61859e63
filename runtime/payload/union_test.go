package payload

import (
	"strings"
	"testing"
)

// A node is a union that contains itself: an object with the member a or one with the member b, and perhaps a child.
type node struct {
	has   string // a or b
	other int    // members without a field
	child *node
	tried bool // only trying tells the variants apart
}

func (n *node) decode(d *Decoder) {
	choice := nodesByNames
	if n.tried {
		choice = nodesTried
	}
	d.choose(choice, func(d *Decoder) { n.variant(d, "a") }, func(d *Decoder) { n.variant(d, "b") })
}

var (
	nodesByNames = newSignTable([][]Sign{{{Needs: []string{"a"}}}, {{Needs: []string{"b"}}}})
	nodesTried   = newSignTable(make([][]Sign, 2))
)

func (n *node) variant(d *Decoder, name string) {
	*n = node{tried: n.tried}
	object := d.Object()
	for d.Next(&object) {
		switch string(object.Name) {
		case name:
			object.seen |= 1
			n.has = d.String(nil) + name
		case "child":
			n.child = &node{tried: n.tried}
			n.child.decode(d)
		default:
			n.other++
			d.Ignore(&object)
		}
	}
	if !object.Has(0) && !d.broken && object.start >= 0 {
		d.Violate(object.start, "required", missingMember(name))
	}
}

func TestChoose(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{"a":"1"}`, "1a"},
		{`{"b":"1"}`, "1b"},
		{`{"a":"1","b":"2"}`, "1a, 1 more"}, // both fit as well
		{`{"b":"1","child":{"b":"2","child":{"a":"3"}}}`, "1b 2b 3a"},
		{`{"a":"1","child":{"c":1}}`, `/child: is none of the types that the schema allows; /child: the member "a" is missing`},
		{`{"b":1,"a":"1","child":{"a":"2","b":2}}`, "1a, 1 more 2a, 1 more"},
		{`["a"]`, "payload: is none of the types that the schema allows; payload: is an array, want an object"},
		{`"a"`, "payload: is none of the types that the schema allows"},
		{`{"a":"1","child":{"b":"2"`, "/child/b: found the end, want ',' or '}' at offset 25"},
	} {
		for _, tried := range []bool{false, true} {
			n := node{tried: tried}
			err := Unmarshal([]byte(test.text), n.decode)
			if tried && strings.HasPrefix(test.want, "/child: is none") {
				test.want = "payload: is none of the types that the schema allows; " + test.want
			}
			if got := n.String(); err == nil && got != test.want || err != nil && err.Error() != test.want {
				t.Errorf("%s: got %s, %v, want %s", test.text, got, err, test.want)
			}
		}
	}
}

func (n *node) String() string {
	text := n.has
	if n.other > 0 {
		text += ", 1 more"
	}
	if n.child != nil {
		text += " " + n.child.String()
	}
	return text
}

// What takes two tries at each level would take 2 to the power of the depth if each level forgot what the one above had found out.
func TestChooseIsNotExponential(t *testing.T) {
	text := strings.Repeat(`{"b":"1","child":`, 200) + `{"b":"1"}` + strings.Repeat(`}`, 200)
	var n node
	if err := Unmarshal([]byte(text), n.decode); err != nil {
		t.Error(err)
	}
}

// A schema that contains itself in two ways asks the same of a value again and again.
func TestCheckingASchemaIsNotExponential(t *testing.T) {
	child := []Property{{Name: "child", Schema: Schema{Ref: "node"}}}
	schemas := Schemas{"node": {OneOf: []Schema{
		{Required: []string{"a"}, Properties: child},
		{Required: []string{"b"}, Properties: child},
	}}}
	text := strings.Repeat(`{"b":"1","child":`, 200) + `{"b":"1"}` + strings.Repeat(`}`, 200)
	err := Unmarshal([]byte(text), func(d *Decoder) {
		d.Skip()
		d.CheckSchema(0, schemas, "node")
	})
	if err != nil {
		t.Error(err)
	}
}

// A value that an enum does not have is wrong for a variant that is only tried, too.
func TestChooseCountsEnums(t *testing.T) {
	texts := &StringRule{MaxLength: NoLimit, Enum: []string{"red"}}
	numbers := NewNumberRule(NumberLimits{Enum: []string{"1.5"}})
	for _, test := range []struct {
		text string
		want int
	}{{`"red"`, 0}, {`"blue"`, 2}, {`1.5`, 1}, {`2.5`, 2}} {
		var chosen int
		err := Unmarshal([]byte(test.text), func(d *Decoder) {
			d.choose(newSignTable(make([][]Sign, 3)),
				func(d *Decoder) { chosen = 0; d.String(texts) },
				func(d *Decoder) { chosen = 1; d.Decimal(numbers) },
				func(d *Decoder) { chosen = 2; d.Skip() })
		})
		if err != nil || chosen != test.want {
			t.Errorf("%s: the variant %d, want %d: %v", test.text, chosen, test.want, err)
		}
	}
}
