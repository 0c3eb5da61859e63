package payload

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// FuzzRepeatedText holds what is found in the text against the outline's sums.
func FuzzRepeatedText(f *testing.F) {
	for _, text := range []string{
		`[1,2,1]`, `["a","b","a"]`, `[1, 1.0]`, `[1.5,1.50]`, `["\u0061","a"]`, `[0,-0]`, `[-0.5,0.5,-0.5]`, `[10,1e1]`, `[true,false,null,true]`,
		`[1,"1"]`, `[[1],[1]]`, `[ 1 , 12 , 2 ,12]`, `["a","ab"]`, `[0.0,0]`, `[1E2]`, `[12,1.2,2]`, `[""]`, `["","\""]`, `[null,"null",null]`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, ok := parse([]byte(text))
		if !ok || o.parts[0].kind != ArrayKind {
			repeatedText([]byte(text), 0, strings.Count(text, ",")+1) // must not panic
			return
		}
		at := int(o.parts[0].start)
		if got, ok := repeatedText([]byte(text), at, int(o.parts[0].count)); ok && got != o.repeated(0) {
			t.Errorf("%s: %v, want %v", text, got, o.repeated(0))
		}
	})
}

type (
	uniqueIntegers []int64
	uniqueStrings  []string
)

var (
	uniqueIntegersCodec = Codec{Value: Value{Item: &Value{}, Rule: &ArrayRule{MaxItems: NoLimit, UniqueItems: true}}}
	uniqueStringsCodec  = Codec{Value: Value{Item: &Value{}, Rule: &ArrayRule{MaxItems: NoLimit, UniqueItems: true}}}
)

func TestUniqueLists(t *testing.T) {
	for _, n := range []int{2, 8, 9, 300} {
		var integers uniqueIntegers
		var strings uniqueStrings
		for i := range n {
			integers, strings = append(integers, int64(i)), append(strings, fmt.Sprint(i))
		}
		if err := errors.Join(uniqueIntegersCodec.Validate(&integers), uniqueStringsCodec.Validate(&strings)); err != nil {
			t.Errorf("%d items: %v", n, err)
		}
		integers[n-1], strings[n-1] = 0, "0"
		want := fmt.Sprintf("payload: the items 0 and %d are equal", n-1)
		for _, err := range []error{uniqueIntegersCodec.Validate(&integers), uniqueStringsCodec.Validate(&strings)} {
			if err == nil || err.Error() != want {
				t.Errorf("%d items: %v, want %s", n, err, want)
			}
		}
	}
}

type uniqueWithSchema struct{ Lists [][]string }

var (
	uniqueWithSchemaSchemas = Schemas{"S": {Properties: []Property{{Name: "lists", Schema: Schema{Items: &Schema{Items: &Schema{String: &StringRule{MaxLength: 9}}}}}}}}
	uniqueWithSchemaCodec   = Codec{
		Object:  []Value{{Name: "lists", Required: true, Rule: &ArrayRule{MaxItems: NoLimit, UniqueItems: true}}},
		Schemas: &uniqueWithSchemaSchemas, Schema: "S",
	}
)

func (*uniqueWithSchema) JSONCodec() OpaqueCodec { return &uniqueWithSchemaCodec }

// TestTextsAreOfOneReport has many goroutines validate values that are written twice, to look for
// equal items and to hold a schema against them: none may write where another one reads.
func TestTextsAreOfOneReport(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			v := &uniqueWithSchema{}
			for j := range 20 {
				v.Lists = append(v.Lists, []string{fmt.Sprint(i, "-", j)})
			}
			for range 500 {
				if err := uniqueWithSchemaCodec.Validate(v); err != nil {
					t.Error(err)
					return
				}
				runtime.Gosched()
			}
		})
	}
	group.Wait()
}
