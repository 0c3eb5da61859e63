package payload

import (
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"
)

// The types of these tests are as a contract with all that there is gives them.
type (
	everything struct {
		Text     string
		Short    *string
		Numbers  []int64
		Level    level
		Levels   map[string]level
		Child    *everything
		Children []everything
		ByName   map[string]everything
		Comment  Optional[string]
		Place    place
		Choice   *choice
		Answer   *answer
		Custom   *custom
		None     []string
		Words    map[string]string
		Others   map[string]Raw
	}

	level string
	place struct {
		X    float64
		Y    *int32
		Name *string
		More []string
	}
	choice struct{ Value choiceValue }
	answer struct {
		Kind   Kind
		Yes    bool
		Number int64
		Text   string
	}
	words []string
	day   time.Time

	custom struct{ inner string }
)

type choiceValue interface{ isChoice() }

func (*place) isChoice() {}
func (words) isChoice()  {}
func (*day) isChoice()   {}

func (c *custom) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &c.inner) }
func (c *custom) MarshalJSON() ([]byte, error)    { return json.Marshal(c.inner) }
func (c *custom) Validate() error {
	if c.inner == "" {
		return ErrNoValue
	}
	return nil
}

var levelRule = StringRule{MaxLength: NoLimit, Enum: []string{"high", "low"}}

var everythingCodec = Codec{
	Object: []Value{
		{Name: "text", Required: true, Rule: &StringRule{MinLength: 1, MaxLength: 5}},
		{Name: "short", Rule: &StringRule{MaxLength: 2}},
		{Name: "numbers", Required: true, Rule: &ArrayRule{MaxItems: 3, UniqueItems: true}, Item: &Value{Rule: &IntegerRule{Minimum: 0, Maximum: 9}}},
		{Name: "level", Required: true, Rule: &levelRule},
		{Name: "levels", Item: &Value{Rule: &levelRule}},
		{Name: "child"},
		{Name: "children"},
		{Name: "byName", Rule: &MapRule{MinProperties: 1, MaxProperties: NoLimit}},
		{Name: "comment", Rule: &StringRule{MaxLength: 3}},
		{Name: "place", Required: true},
		{Name: "choice"},
		{Name: "answer"},
		{Name: "custom", As: ScalarCustom},
		{Name: "none", Required: true, Nullable: true},
	},
	Patterns: []PatternMembers{{Pattern: NewPattern("^x-", "^x-"), Value: Value{Item: &Value{Rule: &StringRule{MinLength: 1, MaxLength: NoLimit}}}}},
	Rest:     &Value{},
}

var (
	placeCodec  = Codec{Tuple: []Value{{Required: true}, {Rule: &IntegerRule{Maximum: 9}}, {}}, Rest: &Value{Rule: &StringRule{MaxLength: 1}}}
	choiceCodec = Codec{Union: []Variant{{Type: (*place)(nil), Kinds: []Kind{ArrayKind}}, {Type: (*words)(nil), Kinds: []Kind{ObjectKind}}, {Type: (*day)(nil), Kinds: []Kind{StringKind}}}}
	answerCodec = Codec{Scalars: []Value{{}, {Rule: &IntegerRule{Maximum: 9}}, {Rule: &StringRule{MaxLength: 1}}}}
	wordsCodec  = Codec{}
	dayCodec    = Codec{Value: Value{As: ScalarTime}}
)

func (*everything) JSONCodec() OpaqueCodec { return &everythingCodec }
func (*place) JSONCodec() OpaqueCodec      { return &placeCodec }
func (*choice) JSONCodec() OpaqueCodec     { return &choiceCodec }
func (*answer) JSONCodec() OpaqueCodec     { return &answerCodec }
func (*words) JSONCodec() OpaqueCodec      { return &wordsCodec }
func (*day) JSONCodec() OpaqueCodec        { return &dayCodec }

const smallest = `"text":"a","numbers":[],"level":"low","place":[1],"none":null`

func TestCodec(t *testing.T) {
	for _, test := range []struct{ read, written string }{
		{`{` + smallest + `}`, `{` + smallest + `}`},
		{
			`{"none":[],"place":[1.5,2,"three","4"],"x-b":"c","level":"high","numbers":[1,2],"text":"b","short":"","levels":{"b":"low","a":"high"},"child":{` + smallest +
				`},"children":[{` + smallest + `},{` + smallest + `}],"byName":{"k":{` + smallest + `}},"comment":null,"choice":[0],"answer":7,"custom":"c","later":{"n":[1]},"x-a":"b"}`,
			`{"text":"b","short":"","numbers":[1,2],"level":"high","levels":{"a":"high","b":"low"},"child":{` + smallest + `},"children":[{` + smallest + `},{` + smallest +
				`}],"byName":{"k":{` + smallest + `}},"comment":null,"place":[1.5,2,"three","4"],"choice":[0],"answer":7,"custom":"c","none":[],"x-a":"b","x-b":"c","later":{"n":[1]}}`,
		},
		{`{` + smallest + `,"comment":"c","answer":true,"choice":"2026-11-27T10:00:00Z"}`, `{"text":"a","numbers":[],"level":"low","comment":"c","place":[1],"choice":"2026-11-27T10:00:00Z","answer":true,"none":null}`},
	} {
		var v everything
		if err := everythingCodec.Unmarshal([]byte(test.read), &v); err != nil {
			t.Errorf("%s: %v", test.read, err)
			continue
		}
		if err := everythingCodec.Validate(&v); err != nil {
			t.Errorf("%s: %v", test.read, err)
		}
		written, err := everythingCodec.Append(nil, &v)
		if err != nil || string(written) != test.written {
			t.Errorf("got %s, %v\nwant %s", written, err, test.written)
		}
	}
}

func TestCodecReports(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{`{}`, `payload: the member "text" is missing; payload: the member "numbers" is missing; payload: the member "level" is missing; payload: the member "place" is missing; payload: the member "none" is missing`},
		{
			`{"text":"","short":null,"numbers":[1,1,10],"level":"mid","levels":{"a":"b"},"child":1,"place":[],"none":[1],"x-":"","byName":{},"choice":1,"answer":[],"custom":7}`,
			`/text: has 0 characters, want at least 1; /short: is null, want a string; /numbers/2: is 10, want at most 9; /numbers: the items 0 and 1 are equal; /level: is "mid", want one of "high", "low"; ` +
				`/levels/a: is "b", want one of "high", "low"; /child: is a number, want an object; /none/0: is a number, want a string; /x-: has 0 characters, want at least 1; /byName: has 0 members, want at least 1; ` +
				`/choice: is a number, want an array or object or string; /answer: is an array, want a boolean or number or string; /custom: json: cannot unmarshal number into Go value of type string`,
		},
		{`{` + smallest + `,"text":"b"}`, "/text: is there twice"},
		{`{` + smallest + `,"later":1,"later":2,"levels":{"a":"low","a":"low"}}`, "/later: is there twice; /levels/a: is there twice"},
	} {
		err := everythingCodec.Unmarshal([]byte(test.text), new(everything))
		if said(err) != test.want {
			t.Errorf("%s:\ngot  %v\nwant %s", test.text, err, test.want)
		}
	}
}

func TestCodecValidates(t *testing.T) {
	long, wide := "long", int32(10)
	v := everything{
		Text: "\xff", Short: &long, Numbers: []int64{1, 10, 1}, Level: "mid", Levels: map[string]level{"b": "mid", "a": "\xff"}, Child: &everything{},
		Comment: Some("long"), Place: place{Name: &long, Y: &wide, More: []string{"ab"}}, Choice: new(choice), Answer: &answer{Kind: ArrayKind}, Custom: new(custom),
		None: []string{"\xff"}, Words: map[string]string{"w": ""}, Others: map[string]Raw{"o": Raw("x")},
	}
	want := `/text: is not valid UTF-8; /short: has 4 characters, want at most 2; /numbers/1: is 10, want at most 9; /numbers: the items 0 and 2 are equal; ` +
		`/level: is "mid", want one of "high", "low"; /levels/a: is not valid UTF-8; /levels/a: is "\xff", want one of "high", "low"; /levels/b: is "mid", want one of "high", "low"; ` +
		`/child/text: has 0 characters, want at least 1; /child/level: is "", want one of "high", "low"; /comment: has 4 characters, want at most 3; /place/1: is 10, want at most 9; ` +
		`/place/3: has 2 characters, want at most 1; /choice: has no value; /answer: has no value; /custom: has no value; /none/0: is not valid UTF-8; /w: has 0 characters, want at least 1; /o: is not one JSON value`
	if err := everythingCodec.Validate(&v); said(err) != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	sparse := place{Name: &long}
	if err := placeCodec.Validate(&sparse); said(err) != "/1: is absent, but not the items behind it" {
		t.Errorf("got %v", err)
	}
	if written, err := placeCodec.Append(nil, &sparse); string(written) != `[0,null,"long"]` || err != nil {
		t.Errorf("got %s, %v", written, err)
	}
}

func TestCodecSaysWhatHasNoJSON(t *testing.T) {
	for want, v := range map[string]everything{
		"/children/1/choice: has no value":        {Children: []everything{{}, {Choice: &choice{}}}},
		"/byName/a~1b/answer: has no value":       {ByName: map[string]everything{"a/b": {Answer: &answer{}}}},
		"/o: is not one JSON value":               {Others: map[string]Raw{"o": nil}},
		"/place/0: NaN and infinity have no JSON": {Place: place{X: nan()}},
	} {
		if _, err := everythingCodec.Append(nil, &v); said(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A map within maps must not be checked twice for each map around it.
func TestMapsAreCheckedTwiceAtMost(t *testing.T) {
	v := everything{ByName: map[string]everything{}, Words: map[string]string{"w": ""}}
	for range 40 {
		v = everything{Text: "a", Level: "low", ByName: map[string]everything{"k": v, "j": {Text: "a", Level: "low", Words: map[string]string{"w": ""}}}}
	}
	if err := everythingCodec.Validate(&v); err == nil {
		t.Error("nothing is wrong")
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

// TestCodecIsCompiledOnce: many goroutines may be the first to use codecs of types that contain each other.
func TestCodecIsCompiledOnce(t *testing.T) {
	fresh := [2]Codec{{Object: everythingCodec.Object, Patterns: everythingCodec.Patterns, Rest: everythingCodec.Rest}, {Tuple: placeCodec.Tuple, Rest: placeCodec.Rest}}
	var all sync.WaitGroup
	programs := make([]*program, 16)
	for i := range programs {
		all.Go(func() {
			programs[i] = programOf(&fresh[0], new(everything))
			programOf(&fresh[1], new(place))
		})
	}
	all.Wait()
	for _, p := range programs {
		if p != programs[0] {
			t.Error("a codec is compiled twice")
		}
	}
}

// TestScalars walks the rows: each reads what it writes.
func TestScalars(t *testing.T) {
	texts := map[Scalar]string{
		ScalarRaw: `{"a":[1]}`, ScalarBool: `true`, ScalarString: `"a"`, ScalarInt32: `-7`, ScalarInt64: `9007199254740993`, ScalarUint32: `4294967295`, ScalarUint64: `18446744073709551615`, ScalarFloat32: `0.5`, ScalarFloat64: `0.1`,
		ScalarBytes: `"aGk="`, ScalarTime: `"2026-11-27T10:00:00.5+01:00"`, ScalarDate: `"2026-11-27"`, ScalarUUID: `"2eb8aa08-aa98-11ea-b4aa-73b441d16380"`,
		ScalarDuration: `"P1DT2H"`, ScalarDecimal: `1.10`, ScalarDecimalString: `"1.10"`, ScalarCustom: `"c"`,
	}
	for s := ScalarRaw; int(s) < len(scalars); s++ {
		typ := reflect.TypeFor[custom]()
		if s != ScalarCustom {
			typ = scalars[s].typ
		}
		for _, of := range []reflect.Type{typ, reflect.SliceOf(typ), reflect.MapOf(reflect.TypeFor[string](), typ), reflect.PointerTo(typ)} {
			text := texts[s]
			value := Value{As: s}
			switch {
			case of == typ:
			case of.Kind() == reflect.Slice:
				text, value = "["+text+","+text+","+text+"]", Value{Item: &Value{As: s}}
			case of.Kind() == reflect.Map:
				text, value = `{"a":`+text+`,"b":`+text+`}`, Value{Item: &Value{As: s}}
			}
			p := new(compiler).value(&value, of)
			target := reflect.New(of)
			err := unmarshal([]byte(text), func(d *decoder) { p.read(p, d, target.UnsafePointer()) })
			written, errWrite := p.write(p, nil, target.UnsafePointer())
			if p.check != nil {
				err = errors.Join(err, validate(func(r *report) { p.check(p, r, target.UnsafePointer()) }))
			}
			if err != nil || errWrite != nil || string(written) != text {
				t.Errorf("%v: wrote %s, want %s: %v, %v", of, written, text, err, errWrite)
			}
		}
	}
}
