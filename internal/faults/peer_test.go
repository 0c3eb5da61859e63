package faults_test

import (
	"sync"
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
)

// neverConfirmed is the routing key of the publishes that a peer never answers.
const neverConfirmed = "never confirmed"

// A peer does what no real broker does when asked: it leaves requests unanswered. It keeps the ids
// of the messages that it has received.
type peer struct {
	server *nullbroker.Server

	mu       sync.Mutex
	withheld string // the method of the requests that are not answered
	oneOnly  bool   // only the first channel that asks gets no answer
	asked    [2]int // its connection and its number
	taken    map[string]int
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{taken: map[string]int{}}
	var err error
	if p.server, err = nullbroker.Listen(nullbroker.Config{Answers: p.answers, Publish: p.publish}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

// withhold leaves requests of a kind unanswered from now on, of all channels or only of the first
// that asks. "" ends that.
func (p *peer) withhold(method string, oneOnly bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.withheld, p.oneOnly, p.asked = method, oneOnly, [2]int{}
}

func (p *peer) answers(request nullbroker.Request) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if request.Method != p.withheld {
		return true
	}
	from := [2]int{request.Connection, int(request.Channel)}
	if p.oneOnly && p.asked == ([2]int{}) {
		p.asked = from
	}
	return p.oneOnly && p.asked != from
}

func (p *peer) publish(m nullbroker.Publish) nullbroker.Answer {
	if m.RoutingKey == neverConfirmed {
		return nullbroker.Silent
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken[m.MessageID]++
	return nullbroker.Ack
}

// withhold makes both peers leave requests of a kind unanswered.
func (x *experiment) withhold(method string) {
	for _, p := range x.peers {
		p.withhold(method, false)
	}
}

// channels returns how many channels are open on both peers.
func (x *experiment) channels() int {
	return x.peers[0].server.Channels() + x.peers[1].server.Channels()
}

// taken counts the messages that both peers have received, by id.
func (x *experiment) taken(*testing.T) map[string]int {
	counts := map[string]int{}
	for _, p := range x.peers {
		p.mu.Lock()
		for id, n := range p.taken {
			counts[id] += n
		}
		p.mu.Unlock()
	}
	return counts
}
