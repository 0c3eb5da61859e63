package scamptest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
)

// topology is a source of one of the runtime's topologies over brokers. The first broker is in use.
type topology struct {
	name string
	over func(active, passive *scamptest.Broker) runtime.ProducerSource
}

var topologies = []topology{
	{"dedicated channel", func(b, _ *scamptest.Broker) runtime.ProducerSource { return b }},
	{"channel pool", func(b, _ *scamptest.Broker) runtime.ProducerSource { return b.Pool(1, 4) }},
	{"channel per connection", func(b, _ *scamptest.Broker) runtime.ProducerSource { return b.Pool(4, 1) }},
	{"active/passive", func(active, passive *scamptest.Broker) runtime.ProducerSource {
		return runtime.ActivePassive(active, passive, runtime.Failover{})
	}},
	{"active/passive over pools", func(active, passive *scamptest.Broker) runtime.ProducerSource {
		return runtime.ActivePassiveProducer(active.Pool(1, 4), passive.Pool(4, 1), runtime.Failover{})
	}},
}

// behindEach runs test in a bubble for each topology. The brokers end with it.
func behindEach(t *testing.T, test func(t *testing.T, source runtime.ProducerSource, active, passive *scamptest.Broker)) {
	for _, topology := range topologies {
		t.Run(topology.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				active, passive := scamptest.New(), scamptest.New()
				t.Cleanup(active.Close)
				t.Cleanup(passive.Close)
				test(t, topology.over(active, passive), active, passive)
			})
		})
	}
}

// TestFaultsBehindEachTopology publishes once for each fault, with retries: nothing is lost, and
// nothing is duplicated except what may be.
func TestFaultsBehindEachTopology(t *testing.T) {
	behindEach(t, func(t *testing.T, source runtime.ProducerSource, active, _ *scamptest.Broker) {
		p := producer(t, source)
		want := 0
		for _, fault := range []struct {
			fault    scamptest.Fault
			arrivals int
			lasting  bool
		}{
			{scamptest.Succeed, 1, false},
			{scamptest.Nack, 1, false},
			{scamptest.Return, 0, true},
			{scamptest.LoseMessage, 1, false},
			{scamptest.LoseConfirm, 2, false},
			{scamptest.ForgetConfirm, 1, true},
		} {
			active.FailNext(fault.fault)
			_, err := p.Publish(t.Context(), order, "x")
			if (err != nil) != fault.lasting {
				t.Errorf("fault %d: %v", fault.fault, err)
			}
			want += fault.arrivals
			if got := len(active.Messages("orders")); got != want {
				t.Errorf("fault %d: there are %d messages, want %d", fault.fault, got, want)
			}
		}
		active.DelayConfirms(time.Second)
		start := time.Now()
		if _, err := p.Publish(t.Context(), order, "x"); err != nil || time.Since(start) < time.Second {
			t.Errorf("delayed: %v after %v", err, time.Since(start))
		}
		if active.Cut() == 0 {
			t.Error("nothing was cut")
		}
		if _, err := p.Publish(t.Context(), order, "x"); err != nil {
			t.Errorf("after a cut: %v", err)
		}
	})
}

// TestOutagesBehindEachTopology blocks and stops the broker in use: a publish waits until that is
// over, or goes to the other broker if there is one.
func TestOutagesBehindEachTopology(t *testing.T) {
	for _, outage := range []struct {
		name       string
		begin, end func(*scamptest.Broker)
	}{
		{"blocked", (*scamptest.Broker).Block, (*scamptest.Broker).Unblock},
		{"stopped", (*scamptest.Broker).Stop, (*scamptest.Broker).Start},
	} {
		t.Run(outage.name, func(t *testing.T) {
			behindEach(t, func(t *testing.T, source runtime.ProducerSource, active, passive *scamptest.Broker) {
				p := producer(t, source)
				if _, err := p.Publish(t.Context(), order, "before"); err != nil {
					t.Fatal(err)
				}
				outage.begin(active)
				time.AfterFunc(time.Second, func() { outage.end(active) })
				start := time.Now()
				if _, err := p.Publish(t.Context(), order, "during"); err != nil {
					t.Errorf("during: %v", err)
				}
				_, isPair := source.(interface{ OnPassive() bool })
				if got := len(passive.Messages("orders")); got > 0 != isPair {
					t.Errorf("%d messages are on the passive side", got)
				}
				if waited := time.Since(start) >= time.Second; waited == isPair {
					t.Errorf("the publish took %v", time.Since(start))
				}
				if got := len(active.Messages("orders")) + len(passive.Messages("orders")); got != 2 {
					t.Errorf("%d messages arrived, want 2", got)
				}
			})
		})
	}
}
