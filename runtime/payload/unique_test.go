package payload

import (
	"fmt"
	"strings"
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

func TestUniqueLists(t *testing.T) {
	for _, n := range []int{2, 8, 9, 300} {
		var integers []int64
		var strings []string
		for i := range n {
			integers, strings = append(integers, int64(i)), append(strings, fmt.Sprint(i))
		}
		check := func(r *Report) {
			CheckUnique(r, integers, func(i *int64, dst []byte) ([]byte, error) { return AppendInt64(dst, *i), nil })
			CheckUnique(r, strings, func(s *string, dst []byte) ([]byte, error) { return AppendString(dst, *s), nil })
		}
		if err := Validate(check); err != nil {
			t.Errorf("%d items: %v", n, err)
		}
		integers[n-1], strings[n-1] = 0, "0"
		want := fmt.Sprintf("payload: the items 0 and %d are equal", n-1)
		if err := Validate(check); err == nil || err.Error() != want+"; "+want {
			t.Errorf("%d items: %v, want %s twice", n, err, want)
		}
	}
}
