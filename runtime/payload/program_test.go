package payload

import (
	"fmt"
	"strings"
	"testing"
)

// A flag is a scalar with a name of its own, of which every value is right.
type (
	flag  bool
	flags struct {
		One   flag
		Maybe Optional[flag]
		Other *flag
		List  []flag
		Map   map[string]flag
	}
)

var (
	flagCodec  = Codec{}
	flagsCodec = Codec{Object: []Value{{Name: "one", Required: true}, {Name: "maybe"}, {Name: "other"}, {Name: "list"}, {Name: "map"}}}
)

func (*flag) JSONCodec() OpaqueCodec { return &flagCodec }

// TestTypesWithoutRules: a type of which every value is right is compiled together with the one around it.
func TestTypesWithoutRules(t *testing.T) {
	const text = `{"one":true,"maybe":true,"other":false,"list":[true],"map":{"a":true}}`
	if err := RoundTrip(text, new(flags), new(flags)); err != nil {
		t.Error(err)
	}
}

func (f *flags) UnmarshalJSON(data []byte) error       { return flagsCodec.Unmarshal(data, f) }
func (f *flags) AppendJSON(dst []byte) ([]byte, error) { return flagsCodec.Append(dst, f) }
func (f *flags) Validate() error                       { return flagsCodec.Validate(f) }

type chain struct {
	Next *chain
	Also *chain
}

var chainCodec = Codec{Object: []Value{{Name: "next"}, {Name: "also"}}}

func (*chain) JSONCodec() OpaqueCodec { return &chainCodec }

// TestValidateRefusesWhatNobodyReads: what is nested deeper than a decoder reads, as what contains itself.
func TestValidateRefusesWhatNobodyReads(t *testing.T) {
	c := &chain{}
	for range MaxDepth - 1 {
		c = &chain{Next: c}
	}
	text, _ := chainCodec.Append(nil, c)
	if err := chainCodec.Unmarshal(text, new(chain)); err != nil {
		t.Error(err)
	}
	if err := chainCodec.Validate(c); err != nil {
		t.Error(err)
	}
	circle := &chain{}
	circle.Next, circle.Also = circle, circle
	for _, c := range []*chain{{Next: c}, circle} {
		if err := chainCodec.Validate(c); !strings.HasSuffix(said(err), ": nested deeper than 512") {
			t.Errorf("got %v", err)
		}
	}
}

// A codec of one type must not be run on the memory of another. What is wrong is said, and what to do.
func TestCodecRefusesOtherTypes(t *testing.T) {
	type (
		short  struct{ Text string }
		pair   struct{ Text, More string }
		number struct{ Text int64 }
		tagged struct {
			Text string `json:"other"`
		}
		within   struct{ flag }
		embedded struct {
			More int64
			place
		}
		either struct{ Value choiceValue }
	)
	member := []Value{{Name: "text", Required: true}}
	object := func(v Value) *Codec { v.Name = "text"; return &Codec{Object: []Value{v}} }
	for _, test := range []struct {
		name  string
		codec *Codec
		value any
		want  string
	}{
		{"another type", &placeCodec, new(everything), "a codec of *payload.place is used for *payload.everything"},
		{"fewer fields", &Codec{Object: []Value{{Name: "text", Required: true}, {Name: "more"}}}, new(short), "it is no struct of 2 fields"},
		{"more fields", &Codec{Object: member}, new(pair), "it is no struct of 1 fields"},
		{"fewer members", &Codec{Object: []Value{}}, new(short), "it is no struct of 0 fields"},
		{"no struct", &Codec{Object: member}, new(string), "it is no struct of 1 fields"},
		{"another scalar", object(Value{Required: true, As: ScalarTime}), new(short), "a string stands for time.Time"},
		{"no way of absent", object(Value{}), new(short), "the field Text, a string, cannot be absent"},
		{"no way of null", object(Value{Required: true, Nullable: true}), new(short), "nil stands for null in a string"},
		{"no JSON", &Codec{}, new(chan int), "there is no codec of the type chan int"},
		{"another rule", object(Value{Required: true, Rule: &StringRule{}}), new(number), "a payload.StringRule is the rule of a int64"},
		{"another member", &Codec{Object: member}, new(tagged), `the field Text is the member "other" by its tag, and "text" by the codec`},
		{"a method of what is embedded", object(Value{Required: true}), new(struct{ Text embedded }), "a payload.embedded has the codec of payload.place"},
		{"an embedded scalar", object(Value{Required: true}), new(struct{ Text within }), "a payload.within has the codec of payload.flag"},
		{"no rest", &Codec{Object: member, Rest: &Value{}}, new(pair), "the field More is no map of what has no field"},
		{"no more items", &Codec{Tuple: member, Rest: &Value{}}, new(pair), "the field More is no slice of what has no field"},
		{"no union", &Codec{Union: []Variant{{Type: (*place)(nil)}}}, new(short), "its field is no interface"},
		{"another variant", &Codec{Union: []Variant{{Type: (*answer)(nil)}}}, new(either), "a *payload.answer is no payload.choiceValue"},
		{"no kind", &Codec{Scalars: member}, new(pair), "its first field is no payload.Kind"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				said := fmt.Sprint(recover())
				if !strings.Contains(said, test.want) || test.codec != &placeCodec && !strings.HasSuffix(said, "; generate the package again, and all of it") {
					t.Errorf("got %q, want %q", said, test.want)
				}
			}()
			_ = placeCodec.Validate(new(place))
			_ = flagCodec.Validate(new(flag))
			_ = test.codec.Validate(test.value)
		})
	}
}

// TestEmbeddedOptional: a user's type with an Optional embedded has its methods, and is none.
func TestEmbeddedOptional(t *testing.T) {
	type own struct {
		Optional[string]
		N int64
	}
	var v struct{ Own own }
	codec := Codec{Object: []Value{{Name: "own", Required: true, As: ScalarCustom}}}
	if err := codec.Unmarshal([]byte(`{"own":{"N":258}}`), &v); err != nil || v.Own.N != 258 {
		t.Errorf("got %+v, %v", v, err)
	}
}

// TestDecoderStaysInItsText: what is behind the text in memory may be written at the same time.
func TestDecoderStaysInItsText(t *testing.T) {
	room := []byte(`{"next":{}}      `)
	d := newDecoder(room[:11])
	if cap(d.data) != 11 {
		t.Errorf("the decoder may read %d bytes of 11", cap(d.data))
	}
}
