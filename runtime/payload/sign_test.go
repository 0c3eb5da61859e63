package payload

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// candidatesOf returns the variants that a text can be of.
func candidatesOf(c *signTable, text string) (all []int) {
	d := Decoder{data: []byte(text)}
	seen := d.look(c)
	for variant := range c.variants {
		if c.allows(variant, seen) {
			all = append(all, variant)
		}
	}
	return all
}

func TestCandidates(t *testing.T) {
	c := newSignTable([][]Sign{
		{{Types: TypeObject, Needs: []string{"a", "b"}}, {Types: TypeArray | TypeNull}},
		{{Types: TypeObject, Needs: []string{"c"}, Lacks: []string{"a"}}},
		{{Types: TypeObject, Members: []SignMember{{Name: "k", Types: TypeString, Texts: []string{"x", ""}}}}},
		{{Types: TypeObject, Members: []SignMember{{Name: "k", Types: TypeString, Texts: []string{"y"}}}}},
		{{Types: TypeObject, Members: []SignMember{{Name: "k", Types: TypeNumber | TypeNull}}}},
		{{Types: TypeNumber}},
	})
	for _, test := range []struct {
		text string
		want []int
	}{
		{`[]`, []int{0}},
		{`null`, []int{0}},
		{`1.5`, []int{5}},
		{`true`, nil},
		{``, nil},
		{`{}`, []int{2, 3, 4}}, // what k must be says nothing where it is missing
		{`{"k":"x"}`, []int{2}},
		{`{"k":""}`, []int{2}},
		{`{"k":"\u0079"}`, []int{3}},
		{`{"k":"z"}`, []int{2, 3}},
		{`{"k":null}`, []int{4}},
		{`{"k":[]}`, []int{2, 3, 4}},
		{`{"a":1,"k":7}`, []int{4}},
		{`{"b":1,"k":7,"a":2}`, []int{0, 4}},
		{`{"b":1,"a":2,"c":3,"k":7}`, []int{0, 4}},
		{`{"c":3,"k":7}`, []int{1, 4}},
	} {
		if got := candidatesOf(c, test.text); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.text, got, test.want)
		}
	}
}

// TestCandidatesOfMany: members beyond the 64th tell nothing, and rule out nothing.
func TestCandidatesOfMany(t *testing.T) {
	var signs [][]Sign
	for i := range 200 {
		signs = append(signs, []Sign{{Needs: []string{fmt.Sprint("m", i)}, Lacks: []string{fmt.Sprint("m", (i+1)%200)}}})
	}
	c := newSignTable(signs)
	for _, i := range []int{0, 31, 63, 64, 100, 199} {
		got := candidatesOf(c, fmt.Sprintf(`{"m%d":1}`, i))
		if !slices.Contains(got, i) {
			t.Errorf("m%d: got %v", i, got)
		}
	}
	var all strings.Builder
	for i := range 200 {
		fmt.Fprintf(&all, `,"m%d":1`, i)
	}
	if got := candidatesOf(c, "{"+all.String()[1:]+"}"); slices.Contains(got, 0) {
		t.Errorf("of all members: got %v", got)
	}
}
