package source

import (
	"slices"
	"strings"
	"testing"
)

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
	p = Problem{Message: "x" + strings.Repeat("ä", maxText), Hint: strings.Repeat("é", maxText/2)}
	want = ": x" + strings.Repeat("ä", maxText/4-1) + "…" + strings.Repeat("ä", maxText/4) + "; " + p.Hint
	if got := p.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A report keeps what stands first, whatever the order in which it comes, and warnings only where
// there is room.
func TestReportIsBounded(t *testing.T) {
	var r Report
	for line := 3 * MaxProblems; line > 0; line-- {
		warning := Problem{Position: Position{Line: line}, Severity: Warning}
		r.Add(warning, warning)
		if line%3 == 0 {
			r.Add(Problem{Position: Position{Line: line}, Message: "mistake"})
		}
		if len(r.problems) >= 2*MaxProblems {
			t.Fatalf("holds %d problems", len(r.problems))
		}
	}
	problems := r.Problems()
	if len(problems) != MaxProblems {
		t.Fatalf("returned %d problems", len(problems))
	}
	for i, p := range problems {
		if p.Severity != Mistake || p.Line != 3*(i+1) {
			t.Fatalf("problem %d is %+v", i, p)
		}
	}
	if first := append(problems[:2:2], Problem{Severity: Warning}).First(2); !slices.Equal(first, problems[:2]) {
		t.Errorf("a warning came before mistakes: %v", first)
	}
}
