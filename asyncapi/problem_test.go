package asyncapi

import "testing"

// Names in a contract may hold anything; a problem is one line that does nothing to a terminal.
func TestProblemIsOnePrintableLine(t *testing.T) {
	p := Problem{
		Position: Position{File: "orders.yaml", Line: 7, Column: 3},
		Path:     "/channels/a\nb\x1b[31m\u202e\xff",
		Message:  "Bestellung — 注文",
	}
	want := `orders.yaml:7:3: /channels/a\nb\x1b[31m\u202e\ufffd: Bestellung — 注文`
	if got := p.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
