package unions

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/unions/messages"
	"github.com/scampgen/scampgen/runtime/payload"
)

// TestDiscriminatorIsWritten: a program sets the variant, and the member that tells it from the others is written: however the
// schema describes the member, and also if it does not.
func TestDiscriminatorIsWritten(t *testing.T) {
	others := map[string]payload.Raw{"x": payload.Raw("1")}
	for _, test := range []struct {
		message messages.Told
		want    string
	}{
		{messages.Told{Optional: &messages.ToldOptional{Value: &messages.ByOptionalConst{To: "depot"}}}, `{"optional":{"type":"moved","to":"depot"}}`},
		{messages.Told{Optional: &messages.ToldOptional{Value: &messages.ByOptionalConst{Type: new(messages.ByOptionalConstTypeMoved)}}}, `{"optional":{"type":"moved","to":""}}`},
		{messages.Told{Optional: &messages.ToldOptional{Value: &messages.ByOptionalConst{Type: new(messages.ByOptionalConstType)}}}, `{"optional":{"type":"moved","to":""}}`},
		{messages.Told{Optional: &messages.ToldOptional{Value: &messages.ByOptionalEnum{}}}, `{"optional":{"type":"lost"}}`},
		{messages.Told{Both: &messages.ToldBoth{Value: &messages.ByConstAndEnum{To: new("a")}}}, `{"both":{"to":"a","type":"moved"}}`},
		{messages.Told{Both: &messages.ToldBoth{Value: &messages.ByBoth{}}}, `{"both":{"type":"lost"}}`},
		{messages.Told{Required: &messages.ToldRequired{Value: &messages.ByConst{}}}, `{"required":{"type":"moved"}}`},
		{
			messages.Told{Required: &messages.ToldRequired{Value: &messages.ByConst{Next: &messages.ToldRequired{Value: &messages.ByEnum{}}}}},
			`{"required":{"type":"moved","next":{"type":"lost"}}}`,
		},
		{messages.Told{Mapped: &messages.ToldMapped{Value: &messages.ByText{}}}, `{"mapped":{"type":"ByText"}}`},
		{messages.Told{Mapped: &messages.ToldMapped{Value: &messages.ByText{Type: "ByText"}}}, `{"mapped":{"type":"ByText"}}`},
		{messages.Told{Mapped: &messages.ToldMapped{Value: &messages.ByShortText{}}}, `{"mapped":{"type":"ByShortText"}}`},
		{messages.Told{Mapped: &messages.ToldMapped{Value: &messages.ByName{}}}, `{"mapped":{"type":"ByName"}}`},
		{messages.Told{Other: &messages.ToldOther{Value: &messages.ByNothing{A: new("a")}}}, `{"other":{"a":"a","type":"ByNothing"}}`},
		{messages.Told{Other: &messages.ToldOther{Value: &messages.ByNothing{AdditionalProperties: others}}}, `{"other":{"type":"ByNothing","x":1}}`},
		{messages.Told{Other: &messages.ToldOther{Value: &messages.ByNumbers{B: new(int64(1))}}}, `{"other":{"b":1,"type":"ByNumbers"}}`},
		{messages.Told{Other: &messages.ToldOther{Value: &messages.ByPattern{}}}, `{"other":{"type":"ByPattern"}}`},
		{messages.Told{Other: &messages.ToldOther{Value: &messages.ByPattern{PatternProperties: map[string]string{"t": "x"}}}}, `{"other":{"t":"x","type":"ByPattern"}}`},
		{messages.Told{Nullable: &messages.ToldNullable{Value: &messages.ByNullable{}}}, `{"nullable":{"type":"ByNullable"}}`},
		{messages.Told{Nullable: &messages.ToldNullable{Value: &messages.ByChecked{}}}, `{"nullable":{"type":"ByChecked"}}`},
		{messages.Told{Several: &messages.ToldSeveral{Value: &messages.BySeveral{Type: new(messages.BySeveralTypeS2)}}}, `{"several":{"type":"s2"}}`},
		{messages.Told{Several: &messages.ToldSeveral{Value: &messages.ByMapping{}}}, `{"several":{"type":"ByMapping"}}`},
	} {
		before, _ := test.message.AppendJSON(nil)
		if err := test.message.Validate(); err != nil {
			t.Errorf("%s: %v", test.want, err)
		}
		text, err := test.message.AppendJSON(nil)
		if err != nil || string(text) != test.want || string(before) != test.want {
			t.Errorf("got %s and then %s, %v, want %s", before, text, err, test.want)
		}
		var read messages.Told
		if err := read.UnmarshalJSON(text); err != nil {
			t.Errorf("%s is not read: %v", text, err)
		}
		if got, want := variantsOf(read), variantsOf(test.message); got != want {
			t.Errorf("%s is read as %s, written from %s", text, got, want)
		}
		if again, err := read.AppendJSON(nil); err != nil || string(again) != test.want {
			t.Errorf("%s is written again as %s, %v", text, again, err)
		}
	}
	if len(others) != 1 {
		t.Errorf("writing has changed the program's map: %s", others)
	}
}

// variantsOf lists the types of the variants in a message.
func variantsOf(of messages.Told) string {
	var names []string
	for i, v := 0, reflect.ValueOf(of); i < v.NumField(); i++ {
		if union := v.Field(i); !union.IsNil() {
			names = append(names, union.Elem().Field(0).Elem().Type().String())
		}
	}
	return strings.Join(names, " ")
}

// TestDiscriminatorIsNotAnother: a member that means another variant, or that a program has to choose, is neither valid nor written.
func TestDiscriminatorIsNotAnother(t *testing.T) {
	for _, test := range []struct {
		message messages.Told
		want    string
		wrong   string
	}{
		{
			messages.Told{Mapped: &messages.ToldMapped{Value: &messages.ByText{Type: "ByName"}}},
			`/mapped: has "ByName" as "type", want "ByText"`, `mapped: has "ByName" as "type", want "ByText"`,
		},
		{
			messages.Told{Optional: &messages.ToldOptional{Value: &messages.ByOptionalEnum{Type: new(messages.ByOptionalEnumType("moved"))}}},
			`/optional/type: is "moved", want "lost"`, `optional: has "moved" as "type", want "lost"`,
		},
		{
			messages.Told{Other: &messages.ToldOther{Value: &messages.ByNumbers{AdditionalProperties: map[string]string{"type": "ByNothing"}}}},
			`/other: has "ByNothing" as "type", want "ByNumbers"`, `other: has "ByNothing" as "type", want "ByNumbers"`,
		},
		{
			messages.Told{Other: &messages.ToldOther{Value: &messages.ByNothing{AdditionalProperties: map[string]payload.Raw{"type": payload.Raw("1")}}}},
			`/other: has "" as "type", want "ByNothing"`, `other: has "" as "type", want "ByNothing"`,
		},
		{
			messages.Told{Nullable: &messages.ToldNullable{Value: &messages.ByNullable{Type: payload.Null[string]()}}},
			`/nullable: has "" as "type", want "ByNullable"`, `nullable: has "" as "type", want "ByNullable"`,
		},
		{
			messages.Told{Several: &messages.ToldSeveral{Value: &messages.BySeveral{}}},
			`/several: has no "type", want one of "s1", "s2"`, `several: has no "type", want one of "s1", "s2"`,
		},
	} {
		var violations *payload.Violations
		if err := test.message.Validate(); !errors.As(err, &violations) || err.Error() != test.want {
			t.Errorf("got %v, want %s", err, test.want)
		}
		if text, err := test.message.AppendJSON(nil); err == nil || !strings.HasSuffix(err.Error(), test.wrong) {
			t.Errorf("written as %s, %v, want %s", text, err, test.wrong)
		}
	}
}

// TestConstantsAreWritten: what a message must have, and can have in one way alone, a program need not set.
func TestConstantsAreWritten(t *testing.T) {
	const (
		want = `{"text":"moved","single":"moved","both":"moved","whole":3,"small":-7,"number":1.50,"yes":true,"no":false,"none":null,` +
			`"object":{"a":1},"list":[1,2],"date":"2020-01-01","named":"hello","empty":"","zero":0,"pair":["a",true],"within":{"is":"within"}}`
		listed = `,"listed":["x"]}`
	)
	for _, test := range []struct {
		value messages.Fixed
		want  string
	}{
		{messages.Fixed{}, want},
		{messages.Fixed{Text: messages.FixedTextMoved, Whole: messages.FixedWhole3, Yes: true, Object: messages.FixedObject(`{"a":1}`)}, want},
		{messages.Fixed{Listed: make([]messages.FixedListedItem, 1)}, strings.TrimSuffix(want, "}") + listed},
	} {
		if err := test.value.Validate(); err != nil {
			t.Error(err)
		}
		text, err := test.value.AppendJSON(nil)
		if err != nil || string(text) != test.want {
			t.Errorf("got %s, %v", text, err)
		}
		if err := payload.RoundTrip(test.want, new(messages.Fixed), new(messages.Fixed)); err != nil {
			t.Error(err)
		}
	}
}

// TestConstantsAreNotAnything: a value that a program has set is checked as ever.
func TestConstantsAreNotAnything(t *testing.T) {
	for want, value := range map[string]messages.Fixed{
		`/text: is "lost", want "moved"`:            {Text: "lost"},
		`/whole: is 4, want 3`:                      {Whole: 4},
		`/small: is 1, want -7`:                     {Small: 1},
		`/number: is 2, want 1.50`:                  {Number: 2},
		`/no: is a boolean, want false`:             {No: true},
		`/object: want {"a":1}`:                     {Object: messages.FixedObject(`{"a":2}`)},
		`/zero: is 1, want 0`:                       {Zero: 1},
		`/empty: is "x", want ""`:                   {Empty: "x"},
		`/date: is "2020-01-02", want "2020-01-01"`: {Date: "2020-01-02"},
		`/pair/0: is "b", want "a"`:                 {Pair: messages.FixedPair{Item0: "b"}},
	} {
		if err := value.Validate(); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
