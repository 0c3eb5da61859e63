package runtime

import "testing"

// TestDeclareAgainTwice has two channels hear of a deleted exchange, one after the other: before what
// declares it is made again, and while it is.
func TestDeclareAgainTwice(t *testing.T) {
	d := &Declarations{Mode: Declare, Exchanges: []Exchange{{Name: "x"}}}
	l := &link{refusals: &refusals{}}
	if l.declareAgain("x") {
		t.Error("something declares x that nobody has asked for")
	}
	m, _ := l.declared.begin(d, true)
	l.declared.end(d, m, l.refusals)
	if !l.declareAgain("x") || l.hasDeclared(d) || !l.declareAgain("x") {
		t.Error("it is not known when it has been forgotten")
	}
	m, _ = l.declared.begin(d, true)
	if !l.declareAgain("x") {
		t.Error("it is not known while it is being made")
	}
	if l.declared.end(d, m, l.refusals); l.hasDeclared(d) {
		t.Error("what was deleted while it was made passes for made")
	}
	m, _ = l.declared.begin(d, true)
	if l.declared.end(d, m, l.refusals); !l.hasDeclared(d) || l.declareAgain("y") {
		t.Error("it is not made again, or known for more than it is")
	}
	l.declareAgain("x")
	l.forgetDeclared(d)
	if l.declareAgain("x") {
		t.Error("what nobody uses any more is still known")
	}
}
