package source

import "testing"

// All candidates are named, in order, when they are few.
func TestDidYouMean(t *testing.T) {
	few := []string{"h", "g", "f", "e", "d", "c", "b", "a"}
	for _, c := range []struct {
		candidates []string
		want       string
	}{
		{nil, ""},
		{[]string{"b"}, `there is "b"`},
		{few, `there are "a", "b", "c", "d", "e", "f", "g" and "h"`},
		{append(few, "i"), ""},
		{append(few, "orders"), `did you mean "orders"?`},
	} {
		if got := DidYouMean("order", c.candidates); got != c.want {
			t.Errorf("%q: got %s, want %s", c.candidates, got, c.want)
		}
	}
}
