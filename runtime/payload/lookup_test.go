package payload

import (
	"fmt"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	alike := []string{"line1a", "line2a", "line3a"} // no sum tells them apart
	many := make([]string, 200)
	for i := range many {
		many[i] = fmt.Sprint("member", i)
	}
	for _, names := range [][]string{
		nil,
		{""},
		{"a"},
		{"", "a", "b", "ab", "ba"},
		alike, many, many[:30],
		strings.Fields("id at kind price customer name quantity weight tags labels comment lines"),
	} {
		members := make([]member, len(names))
		for i, name := range names {
			members[i].name = name
		}
		l := newLookup(members)
		for i, name := range names {
			if got := l.find([]byte(name)); got != i {
				t.Errorf("%q of %q is %d, want %d", name, names, got, i)
			}
		}
		for _, other := range []string{"c", "line4a", "member200", "kinds", strings.Repeat("x", 300)} {
			if got := l.find([]byte(other)); got != -1 {
				t.Errorf("%q of %q is %d", other, names, got)
			}
		}
	}
	if l := newLookup([]member{{name: "placedAt"}, {name: "orderId"}}); l.places == nil {
		t.Error("two names have no sums")
	}
}
