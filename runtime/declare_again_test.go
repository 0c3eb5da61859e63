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

func TestRoutes(t *testing.T) {
	d := &Declarations{
		Exchanges: []Exchange{{Name: "direct", Type: "direct"}, {Name: "topic", Type: "topic"}, {Name: "fanout", Type: "fanout"}, {Name: "headers", Type: "headers"}},
		Queues:    []Queue{{Name: "q"}},
		Bindings: []Binding{
			{Queue: "q", Exchange: "direct", RoutingKey: "k"},
			{Queue: "q", Exchange: "topic", RoutingKey: "a.b"},
			{Queue: "q", Exchange: "topic", RoutingKey: "a.*"},
			{Queue: "q", Exchange: "fanout"},
			{Queue: "q", Exchange: "headers"},
			{Queue: "q", Exchange: "another's", RoutingKey: "k"},
		},
	}
	for _, test := range []struct {
		to          address
		routes, may bool
	}{
		{address{"", "q"}, true, true},
		{address{"", "r"}, false, false},
		{address{"direct", "k"}, true, true},
		{address{"direct", "l"}, false, true},
		{address{"topic", "a.b"}, true, true},
		{address{"topic", "a.c"}, false, true},
		{address{"fanout", "any"}, true, true},
		{address{"headers", ""}, false, true},
		{address{"another's", "k"}, false, true},
		{address{"unknown", "k"}, false, false},
	} {
		if routes, may := d.routes(test.to), d.mayRoute(test.to); routes != test.routes || may != test.may {
			t.Errorf("%v: routes %v, may route %v", test.to, routes, may)
		}
	}
}

// TestDeclareAgainForReturned has messages come back in a row. Where it is certain that a queue has gone
// each leads to declarations, else one in a second.
func TestDeclareAgainForReturned(t *testing.T) {
	for _, test := range []struct {
		to    address
		times int
	}{{address{"x", "bound"}, 3}, {address{"x", "perhaps"}, 1}, {address{"y", ""}, 0}} {
		d := &Declarations{
			Exchanges: []Exchange{{Name: "x", Type: "topic"}},
			Bindings:  []Binding{{Queue: "q", Exchange: "x", RoutingKey: "bound"}, {Queue: "q", Exchange: "x", RoutingKey: "per#"}},
		}
		l := &link{refusals: &refusals{}}
		times := 0
		for range 3 {
			m, _ := l.declared.begin(d, true)
			l.declared.end(d, m, l.refusals)
			if l.declareAgainFor(test.to); !l.hasDeclared(d) {
				times++
			}
		}
		if times != test.times {
			t.Errorf("%v: declared again %d times, want %d", test.to, times, test.times)
		}
	}
}
