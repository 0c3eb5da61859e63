package runtime

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

func queueNamed(name string) *Declarations { return &Declarations{Queues: []Queue{{Name: name}}} }

// TestDeclareOnce checks that what has been declared is declared again only after it has been
// forgotten, and that what has been released leaves nothing behind.
func TestDeclareOnce(t *testing.T) {
	var declared atomic.Int32
	supervisor, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		if r.Method == "queue.declare" {
			declared.Add(1)
		}
		return true
	}}), Broker{})
	a, b := queueNamed("a"), queueNamed("b")
	check := func(what string, want int32) {
		t.Helper()
		for _, d := range []*Declarations{a, b, a} {
			if err := conn.declare(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if !conn.hasDeclared(d) {
				t.Errorf("%s: not known to be declared", what)
			}
		}
		if got := declared.Load(); got != want {
			t.Errorf("%s: %d queues were declared, want %d", what, got, want)
		}
	}
	check("at first", 2)
	check("again", 2)
	conn.forgetDeclared(b)
	if !conn.hasDeclared(a) || conn.hasDeclared(b) {
		t.Error("the wrong one was forgotten")
	}
	check("when one has been forgotten", 3)
	supervisor.release(a)
	supervisor.release(b)
	supervisor.release(b)
	if n := len(*conn.declared.made.Load()); n != 0 {
		t.Errorf("%d declarations are left", n)
	}
}

// TestDeclareConcurrently declares, forgets and releases from many goroutines.
func TestDeclareConcurrently(t *testing.T) {
	supervisor, conn := connectTo(t, peerOf(t, nullbroker.Config{}), Broker{})
	all := make([]*Declarations, 4)
	for i := range all {
		all[i] = queueNamed(fmt.Sprint(i))
	}
	var working sync.WaitGroup
	for i := range 8 {
		working.Go(func() {
			for n := range 50 {
				d := all[(i+n)%len(all)]
				if err := conn.declare(t.Context(), d); err != nil {
					t.Error(err)
				}
				switch n % 3 {
				case 0:
					conn.forgetDeclared(d)
				case 1:
					supervisor.release(d)
				}
			}
		})
	}
	working.Wait()
	for _, d := range all {
		supervisor.release(d)
	}
	if left := len(*conn.declared.made.Load()) + len(conn.declared.calls); left != 0 {
		t.Errorf("%d declarations are left", left)
	}
}

// TestDeclareForgottenMeanwhile forgets a declaration while it is being made: what was made may
// have been deleted before that, so it is made again.
func TestDeclareForgottenMeanwhile(t *testing.T) {
	var registry declared
	d := queueNamed("q")
	call, first := registry.begin(d, true)
	if _, second := registry.begin(d, true); !first || second {
		t.Fatalf("began %v and %v, want one", first, second)
	}
	registry.forget(d)
	registry.end(d, call, nil, &refusedDeclarations{})
	if registry.has(d) {
		t.Error("is known to be declared")
	}
	call, _ = registry.begin(d, true)
	if registry.end(d, call, nil, &refusedDeclarations{}); !registry.has(d) {
		t.Error("is not known to be declared")
	}
}

// TestDeclareEachTime checks that a consumer declares each time that it opens a channel: nothing is
// remembered.
func TestDeclareEachTime(t *testing.T) {
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{}), Broker{})
	d := queueNamed("q")
	call := conn.shareDeclare(d, false)
	if err := errors.Join(call.wait(t.Context()), call.err); err != nil {
		t.Fatal(err)
	}
	if conn.hasDeclared(d) || len(conn.declared.calls) > 0 {
		t.Error("it is remembered")
	}
}

// TestReleaseForgetsRefusals refuses a declaration that is then released.
func TestReleaseForgetsRefusals(t *testing.T) {
	supervisor := newConnSupervisor(&Broker{RefusedDelay: time.Hour}, "test", nil)
	d := queueNamed("q")
	var registry declared
	call, _ := registry.begin(d, true)
	registry.end(d, call, &DeclarationError{Subject: "q"}, &supervisor.refused)
	if supervisor.refused.find(d) == nil {
		t.Error("the refusal is not remembered")
	}
	supervisor.release(d)
	if err := supervisor.refused.find(d); err != nil {
		t.Errorf("the refusal is remembered: %v", err)
	}
}

// TestDeclareUnanswered asks often for a declaration that the broker does not answer. That costs
// one channel, and other declarations continue.
func TestDeclareUnanswered(t *testing.T) {
	var opened, asked atomic.Int32
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		switch r.Method {
		case "channel.open":
			opened.Add(1)
		case "queue.declare":
			return asked.Add(1) > 1
		}
		return true
	}}), Broker{})
	stuck := queueNamed("stuck")
	for range 2 * maxOverdueRequests {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		err := conn.declare(ctx, stuck)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for asked.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := conn.declare(ctx, stuck); err == nil || !strings.Contains(err.Error(), `waiting for the broker to declare queue "stuck"`) {
		t.Errorf("got %v", err)
	}
	if err := conn.declare(t.Context(), queueNamed("other")); err != nil {
		t.Error(err)
	}
	if n := opened.Load(); n != 2 {
		t.Errorf("%d channels were opened, want one for each declaration", n)
	}
	if conn.dead() {
		t.Errorf("the connection was given up: %v", conn.cause)
	}
}

// TestDeclareLaterUnanswered does not answer the declaration of a queue that is not needed yet: after
// DialTimeout nobody waits for it.
func TestDeclareLaterUnanswered(t *testing.T) {
	asked := 0
	_, conn := connectTo(t, peerOf(t, nullbroker.Config{Answers: func(r nullbroker.Request) bool {
		if r.Method == "queue.declare" {
			asked++
		}
		return asked < 2
	}}), Broker{DialTimeout: 300 * time.Millisecond})
	d := &Declarations{Queues: []Queue{{Name: "q"}, {Name: "q.dead"}}, later: 1}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	call := conn.shareDeclare(d, false)
	if err := errors.Join(call.wait(ctx), call.err); err != nil {
		t.Errorf("waits for the queue that is not needed: %v", err)
	}
	if len(conn.declared.calls) != 1 {
		t.Error("the broker is not asked any more")
	}
}

func BenchmarkHasDeclared(b *testing.B) {
	for _, n := range []int{1, 2, 10, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			conn := &conn{}
			all := make([]*Declarations, n)
			for i := range all {
				all[i] = queueNamed(fmt.Sprint(i))
				call, _ := conn.declared.begin(all[i], true)
				conn.declared.end(all[i], call, nil, &refusedDeclarations{})
			}
			i := 0
			for b.Loop() {
				if !conn.hasDeclared(all[i]) {
					b.Fatal("unknown")
				}
				if i++; i == n {
					i = 0
				}
			}
		})
	}
}
