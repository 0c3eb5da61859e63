package runtime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
	"github.com/scampgen/scampgen/runtime/internal/wire"
)

// scriptedPeer is the other end of one producerChannel, without a network: it reads publishes later
// than they are written, answers them at random, and remembers what it has done with each.
type scriptedPeer struct {
	net.Conn
	channel *producerChannel
	random  *rand.Rand

	mu     sync.Mutex     // the channel's mu is also held while something is written
	unread []*peerPublish // in the order of their tags
	read   []*peerPublish
	gone   map[string]bool // exchanges that are missing

	open []*peerPublish // read but not answered
}

// peerPublish is one publish as its peer knows it. The publisher reads it after the channel has
// died.
type peerPublish struct {
	tag     uint64
	message *Message

	taken, acked, nacked, returned bool
}

// settledPublish is one publish as its publisher knows it.
type settledPublish struct {
	message     *Message
	settlements atomic.Int32
	settlement  Settlement // the first
}

// Write receives one publish, whose tag is the youngest of the channel.
func (p *scriptedPeer) Write(b []byte) (int, error) {
	w := &p.channel.window
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unread = append(p.unread, &peerPublish{tag: w.last, message: w.at(w.last).message})
	return len(b), nil
}

func newScriptedPeer(seed uint64, windowSize int) *scriptedPeer {
	p := &scriptedPeer{random: rand.New(rand.NewPCG(seed, 1)), gone: map[string]bool{}}
	broker := (&Broker{}).withDefaults()
	broker.Observer = NoObserver
	c := &conn{name: "model", broker: &broker, serverBody: 1 << 20, bodyFrame: 1 << 16, frames: frame.NewConn(p), wire: &wire.Conn{}}
	p.channel = newProducerChannel(c, &channelSupervisor{pool: &pool{config: channelConfig{window: windowSize}}})
	return p
}

// next takes the oldest publish that has not been read, or nil, and returns whether it is refused.
func (p *scriptedPeer) next() (next *peerPublish, refused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.unread) == 0 {
		return nil, false
	}
	next, p.unread = p.unread[0], p.unread[1:]
	p.read = append(p.read, next)
	return next, p.gone[next.message.Exchange]
}

// readOne reads a publish, and returns why the channel ends if it is refused. What is not routed
// comes back at once.
func (p *scriptedPeer) readOne() error {
	next, refused := p.next()
	switch {
	case next == nil:
		return nil
	case refused:
		return &ChannelError{Reply: Reply{Code: amqp.NotFound, Text: "NOT_FOUND - no exchange '" + next.message.Exchange + "' in vhost '/'"}}
	}
	next.taken = true
	p.open = append(p.open, next)
	if next.message.Mandatory && p.random.IntN(4) == 0 {
		p.comeBack(next)
	}
	return nil
}

// answer answers one publish that has been read, or all up to it.
func (p *scriptedPeer) answer() {
	if len(p.open) == 0 {
		return
	}
	i := p.random.IntN(len(p.open))
	at := p.open[i]
	id, multiple := frame.BasicAck, p.random.IntN(4) == 0
	if p.random.IntN(6) == 0 && !at.returned {
		id, multiple = frame.BasicNack, false
	}
	var rest []*peerPublish
	for j, other := range p.open {
		if j == i || multiple && other.tag <= at.tag {
			other.acked, other.nacked = id == frame.BasicAck, id == frame.BasicNack
		} else {
			rest = append(rest, other)
		}
	}
	p.open = rest
	arguments := append(binary.BigEndian.AppendUint64(nil, at.tag), 0)
	if multiple {
		arguments[8] = 1
	}
	if err := p.channel.HandleMethod(id, arguments); err != nil {
		panic(err)
	}
}

func (p *scriptedPeer) comeBack(at *peerPublish) {
	at.returned = true
	arguments := []byte{1, 56, 0, byte(len(at.message.Exchange))}
	arguments = append(arguments, at.message.Exchange...)
	arguments = append(append(arguments, byte(len(at.message.RoutingKey))), at.message.RoutingKey...)
	if err := p.channel.HandleMethod(frame.BasicReturn, arguments); err != nil {
		panic(err)
	}
	if err := p.channel.HandleHeader(contentHeader(at.message)); err != nil {
		panic(err)
	}
}

// block notes that the broker blocks publishers, or no longer does, as conn and watch do.
func (p *scriptedPeer) block(on bool) {
	p.channel.conn.blocked.Store(on)
	p.channel.conn.changed.notify()
	if on {
		p.channel.failWaiters(errBlocked)
	}
}

// run plays the peer, time and alarms until publishing ends, and returns why the channel ends.
func (p *scriptedPeer) run(publishing <-chan struct{}) error {
	for start := time.Now(); time.Since(start) < 20*time.Second; { // a publish that still waits then waits for a slot that is lost
		select {
		case <-publishing:
			return errLost
		default:
		}
		switch n := p.random.IntN(1000); {
		case n < 400:
			if err := p.readOne(); err != nil {
				return err
			}
		case n < 900:
			p.answer()
		case n < 939:
			p.channel.tick()
		case n == 939: // the peer does nothing
			for range overdueTicks + 1 {
				p.channel.tick()
			}
		case n < 941:
			p.block(true)
		case n < 960:
			p.block(false)
		case n == 999 && p.random.IntN(3) == 0:
			p.mu.Lock()
			p.gone[fmt.Sprint("x", p.random.IntN(4))] = true
			p.mu.Unlock()
		default:
			time.Sleep(time.Microsecond)
		}
	}
	return errLost
}

// publishAtRandom publishes n messages, with contexts that end at random, while the channel lives.
func publishAtRandom(p *scriptedPeer, random *rand.Rand, name string, n int) (all []*settledPublish) {
	for i := range n {
		one := &settledPublish{message: &Message{
			MessageID: fmt.Sprint(name, i), Exchange: fmt.Sprint("x", random.IntN(4)),
			RoutingKey: fmt.Sprint(random.IntN(3)), Mandatory: random.IntN(2) == 0,
		}}
		all = append(all, one)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		switch random.IntN(8) {
		case 0:
			cancel()
		case 1:
			go cancel()
		case 2, 3, 4:
			time.AfterFunc(time.Duration(random.IntN(2000))*time.Microsecond, cancel)
		}
		p.channel.Publish(ctx, PublishRequest{Message: one.message, Settle: func(s Settlement) {
			if one.settlements.Add(1) == 1 {
				one.settlement = s
			}
		}})
		for changed := p.channel.conn.changed.next(); p.channel.conn.blocked.Load() && !p.channel.isClosing(); changed = p.channel.conn.changed.next() {
			select {
			case <-changed:
			case <-p.channel.closing:
			}
		}
		if p.channel.isClosing() {
			break
		}
	}
	return all
}

// TestProducerChannelAtRandom runs channels against a peer that does everything at random. It
// compares each settlement with what the peer did, and checks that no slot is lost or created.
func TestProducerChannelAtRandom(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { atRandom(t, seed) })
	}
}

func atRandom(t *testing.T, seed uint64) {
	size := []int{1, 2, 5, 16, 128}[seed%5]
	p := newScriptedPeer(seed, size)
	var publishers sync.WaitGroup
	results := make([][]*settledPublish, 16)
	for i := range results {
		publishers.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(i+10)))
			results[i] = publishAtRandom(p, random, fmt.Sprint(i, " "), 200)
		})
	}
	publishing := make(chan struct{})
	go func() { publishers.Wait(); close(publishing) }()
	p.channel.cause = p.run(publishing)
	checkSlots(t, p.channel)
	p.channel.settleRest()
	<-publishing
	byID := map[string]*peerPublish{}
	for _, r := range append(p.read, p.unread...) {
		byID[r.message.MessageID] = r
	}
	for _, all := range results {
		for _, one := range all {
			check(t, one, byID[one.message.MessageID])
		}
	}
	checkNobodyWaits(t, &p.channel.slots)
}

// checkSlots checks that every slot is free, belongs to a publish that is in flight and not
// overdue, or to one that is about to be written.
func checkSlots(t *testing.T, p *producerChannel) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for {
		p.mu.Lock()
		held := 0
		p.window.tags(func(tag uint64) bool {
			if !p.window.find(tag).overdue {
				held++
			}
			return true
		})
		free, waiting := p.slots.free, p.slots.waiting.len
		p.mu.Unlock()
		switch {
		case free+held == p.config.window && (free == 0 || waiting == 0):
			return
		case free+held > p.config.window || time.Now().After(deadline):
			t.Fatalf("%d slots are free and %d used by publishes in flight, of %d; %d wait", free, held, p.config.window, waiting)
		}
	}
}

func checkNobodyWaits(t *testing.T, s *slots) {
	t.Helper()
	if s.waiting.len != 0 || s.waiting.first != nil {
		t.Errorf("%d still wait", s.waiting.len)
	}
	for to, throttle := range s.throttles {
		if throttle.waiting.len != 0 {
			t.Errorf("%d still wait for %v", throttle.waiting.len, to)
		}
	}
}

// check compares the settlement of a publish with what its peer knows, which is nil if it was not
// written.
func check(t *testing.T, one *settledPublish, peer *peerPublish) {
	t.Helper()
	s := one.settlement
	if n := one.settlements.Load(); n != 1 {
		t.Errorf("%s settled %d times", one.message.MessageID, n)
		return
	}
	if peer == nil {
		if s.Outcome != OutcomeNotSent && !isType[*ChannelError](s.Err) {
			t.Errorf("%s was not written and is %v: %v", one.message.MessageID, s.Outcome, s.Err)
		}
		return
	}
	switch s.Outcome {
	case OutcomeAcked:
		if !peer.acked || peer.returned {
			t.Errorf("%s is acked, the peer: %+v", one.message.MessageID, peer)
		}
	case OutcomeNacked:
		if !peer.nacked || peer.returned {
			t.Errorf("%s is nacked, the peer: %+v", one.message.MessageID, peer)
		}
	case OutcomeReturned:
		if !peer.returned {
			t.Errorf("%s is returned, the peer: %+v", one.message.MessageID, peer)
		}
	case OutcomeNotSent:
		if peer.taken {
			t.Errorf("%s is not sent (%v), the peer: %+v", one.message.MessageID, s.Err, peer)
		}
	case OutcomeUnknown:
		if errors.Is(s.Err, errLost) && (peer.acked || peer.nacked) {
			t.Errorf("%s was answered and is %v", one.message.MessageID, s.Err)
		}
	}
}

// TestPublishThatCausedTheExceptionIsAbandoned lets the broker refuse a publish whose context ended
// while the broker did nothing. A publish that was read before must not be taken for the cause, nor
// one between the two for unread.
func TestPublishThatCausedTheExceptionIsAbandoned(t *testing.T) {
	p := newScriptedPeer(0, 8)
	var got [3]Settlement
	publish := func(i int, ctx context.Context, exchange string) {
		p.channel.Publish(ctx, PublishRequest{Message: &Message{Exchange: exchange}, Settle: func(s Settlement) { got[i] = s }})
	}
	ctx, cancel := context.WithCancel(t.Context())
	publish(0, t.Context(), "x")
	publish(1, t.Context(), "y")
	_, _ = p.readOne(), p.readOne()
	p.gone["x"] = true
	publish(2, ctx, "x")
	cancel()
	for range overdueTicks {
		p.channel.tick()
	}
	if got[2].Outcome != OutcomeUnknown {
		t.Fatalf("the one that nobody waits for: %v", got[2])
	}
	p.channel.cause = p.readOne()
	p.channel.settleRest()
	for i, s := range got[:2] {
		if s.Outcome != OutcomeUnknown {
			t.Errorf("number %d was taken and is %v: %v", i, s.Outcome, s.Err)
		}
	}
}
