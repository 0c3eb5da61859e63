package faults_test

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// An entry is what the ledger keeps of a message that a broker has acknowledged.
type entry struct {
	id        string
	published time.Time // when Publish was called
	confirmed time.Time // when it returned
	receipt   receipt
}

// A receipt is the part of runtime.Receipt that differs from the entry's id.
type receipt struct {
	address  string // of the node that has confirmed it
	attempts int
}

func newEntry(published time.Time, r runtime.Receipt) entry {
	return entry{r.MessageID, published, time.Now(), receipt{r.Address, r.Attempts}}
}

// lost returns the entries of the messages that are not among those that arrived, by id.
func lost(acked []entry, arrived map[string]int) (lost []entry) {
	for _, e := range acked {
		if arrived[e.id] == 0 {
			lost = append(lost, e)
		}
	}
	return lost
}

// named is how many lost messages a report names: the first and the last of them.
const named = 40

// explain returns all that is known of messages that were lost: of each its publish and its confirm,
// then the queues, and what happened in order of time.
func (x *experiment) explain(t *testing.T, lost []entry) string {
	t.Helper()
	slices.SortFunc(lost, func(a, b entry) int { return a.confirmed.Compare(b.confirmed) })
	moments := x.moments()
	var out strings.Builder
	for i, e := range lost {
		if i >= named/2 && i < len(lost)-named/2 {
			continue
		}
		fmt.Fprintf(&out, "%s: published %s, confirmed %s after %v and %d attempts by %s; %s\n", e.id, clock(e.published),
			clock(e.confirmed), e.confirmed.Sub(e.published).Round(time.Microsecond), e.receipt.attempts, x.whose(t, e.receipt.address), around(moments, e.confirmed))
	}
	for _, host := range x.hosts {
		if host != nil {
			fmt.Fprintf(&out, "%s has %s\n", host.Name, host.Describe(publication.RoutingKey))
		}
	}
	for _, m := range moments {
		fmt.Fprintf(&out, "%s %s\n", clock(m.At), m.What)
	}
	for i, node := range x.watched {
		fmt.Fprintf(&out, "warnings of node %d since then:\n%s", i, node.Warnings(x.begun))
	}
	return out.String()
}

// clock returns a time of day to the microsecond, in UTC as the log of RabbitMQ.
func clock(at time.Time) string { return at.UTC().Format("15:04:05.000000") }

// moments returns what was done to the nodes since the experiment began and what the runtime
// noticed, in order of time.
func (x *experiment) moments() []rabbittest.Moment {
	moments := x.events.moments()
	for i, node := range x.watched {
		for _, m := range node.Moments() {
			if m.At.After(x.begun) {
				moments = append(moments, rabbittest.Moment{At: m.At, What: fmt.Sprintf("node %d: %s", i, m.What)})
			}
		}
	}
	slices.SortStableFunc(moments, func(a, b rabbittest.Moment) int { return a.At.Compare(b.At) })
	return moments
}

// around returns the last moment before a time and the first after it.
func around(moments []rabbittest.Moment, at time.Time) string {
	next, _ := slices.BinarySearchFunc(moments, at, func(m rabbittest.Moment, at time.Time) int { return m.At.Compare(at) })
	var parts []string
	if next > 0 {
		parts = append(parts, fmt.Sprintf("%v after %q", at.Sub(moments[next-1].At).Round(time.Microsecond), moments[next-1].What))
	}
	if next < len(moments) {
		parts = append(parts, fmt.Sprintf("%v before %q", moments[next].At.Sub(at).Round(time.Microsecond), moments[next].What))
	}
	return cmp.Or(strings.Join(parts, ", "), "nothing else has happened")
}

// whose returns the side and the virtual host behind an address that a receipt names. Two virtual
// hosts of one node have the same.
func (x *experiment) whose(t *testing.T, address string) string {
	t.Helper()
	var found []string
	for i, host := range x.hosts {
		if host == nil {
			continue
		}
		for _, known := range []string{host.URL, x.address(t, i)} {
			if u, err := url.Parse(known); err == nil && u.Host == address {
				found = append(found, fmt.Sprintf("node %d, virtual host %s", i, host.Name))
				break
			}
		}
	}
	return address + " (" + cmp.Or(strings.Join(found, " or "), "of no known node") + ")"
}

// TestLedgerNamesLost takes a message away, so that the report has to name it.
func TestLedgerNamesLost(t *testing.T) {
	x := newExperiment(t, scenario{environment: proxied}, topologies[0], nil)
	x.start(t)
	x.flow(t, warmUp)
	if n := x.proxies[0].Reset(); n != 1 {
		t.Fatalf("%d connections were reset, want 1", n)
	}
	x.flow(t, warmUp)
	x.close(t)
	stolen, ok, err := x.hosts[0].Channel(t).Get(publication.RoutingKey, true)
	if !ok || err != nil {
		t.Fatalf("there is a message: %v, %v", ok, err)
	}
	missing := lost(x.load.acked, x.arrived(t))
	if len(missing) != 1 || missing[0].id != stolen.MessageId {
		t.Fatalf("lost are %+v, want %s", missing, stolen.MessageId)
	}
	report := x.explain(t, missing)
	for _, part := range []string{
		stolen.MessageId + ": published ", " confirmed ", " and 1 attempts by " + x.proxies[0].Addr() + " (node 0, virtual host " + x.hosts[0].Name + ")",
		` before "runtime.ConnectionLostEvent`, x.hosts[0].Name + " has classic queue load on ",
	} {
		if !strings.Contains(report, part) {
			t.Errorf("the report does not contain %q:\n%s", part, report)
		}
	}
}
