package templates

import (
	"fmt"
	"testing"
)

func TestQuoted(t *testing.T) {
	tests := map[string]string{
		`plain`:                 `"plain"`,
		`{"a":"\\d"}`:           "`{\"a\":\"\\\\d\"}`",
		"\"`\"":                 "\"\\\"`\\\"\"",
		"\"order\u202e\u2066\"": `"\"order\u202e\u2066\""`, // would show the line in another order than it has
		"\"a\u200b\"":           `"\"a\u200b\""`,
	}
	for text, want := range tests {
		if got := fmt.Sprintf("%#v", quoted(text)); got != want {
			t.Errorf("quoted(%q) is %s, wanted %s", text, got, want)
		}
	}
}
