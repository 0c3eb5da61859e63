package runtime

import "testing"

// TestDeclareAgainTwice lets two channels notice a deleted exchange, one after the other: before it
// is declared again, and while it is.
func TestDeclareAgainTwice(t *testing.T) {
	d := &Declarations{Mode: DeclareCreate, Exchanges: []Exchange{{Name: "x"}}}
	c := &conn{refused: &refusedDeclarations{}}
	if c.declareAgain("x") {
		t.Error("something declares x that nobody has asked for")
	}
	call, _ := c.declared.begin(d, true)
	c.declared.end(d, call, nil, c.refused)
	if !c.declareAgain("x") || c.hasDeclared(d) || !c.declareAgain("x") {
		t.Error("it is not known when it has been forgotten")
	}
	call, _ = c.declared.begin(d, true)
	if !c.declareAgain("x") {
		t.Error("it is not known while it is being made")
	}
	if c.declared.end(d, call, nil, c.refused); c.hasDeclared(d) {
		t.Error("what was deleted while it was made passes for made")
	}
	call, _ = c.declared.begin(d, true)
	if c.declared.end(d, call, nil, c.refused); !c.hasDeclared(d) || c.declareAgain("y") {
		t.Error("it is not made again, or known for more than it is")
	}
	c.declareAgain("x")
	c.forgetDeclared(d)
	if c.declareAgain("x") {
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

// TestDeclareAgainForReturned returns several messages in a row. If a queue is certainly gone, each
// of them leads to declarations, otherwise one in a second.
func TestDeclareAgainForReturned(t *testing.T) {
	for _, test := range []struct {
		to    address
		times int
	}{{address{"x", "bound"}, 3}, {address{"x", "perhaps"}, 1}, {address{"y", ""}, 0}} {
		d := &Declarations{
			Exchanges: []Exchange{{Name: "x", Type: "topic"}},
			Bindings:  []Binding{{Queue: "q", Exchange: "x", RoutingKey: "bound"}, {Queue: "q", Exchange: "x", RoutingKey: "per#"}},
		}
		c := &conn{refused: &refusedDeclarations{}}
		times := 0
		for range 3 {
			call, _ := c.declared.begin(d, true)
			c.declared.end(d, call, nil, c.refused)
			if c.declareAgainFor(test.to); !c.hasDeclared(d) {
				times++
			}
		}
		if times != test.times {
			t.Errorf("%v: declared again %d times, want %d", test.to, times, test.times)
		}
	}
}
