package runtime

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// isolation is where a Connection publishes what may cost others their channel: one message
// at a time, on a network connection of its own, which is made when it is first needed.
// Whatever the broker closes there is the fault of the one message.
//
// What is suspected comes here: a publish that was in flight when the broker closed a channel or
// connection without saying why, and messages that have a trait of one that it has refused.
// As soon as the broker takes one of these, the others are trusted again.
type isolation struct {
	pool      *pool
	keep      time.Duration // how long a trait is suspected
	producing *line         // where producers have made their declarations

	mu     sync.Mutex
	traits atomic.Pointer[[]suspicion] // nil: none; what it points to does not change
}

// trait is what messages that the broker refuses have in common.
type trait struct {
	kind   traitKind
	userID string
	to     address
}

type traitKind uint8

const (
	noTrait      traitKind = iota
	sameExchange           // whatever the routing key
	sameAddress
	sameUserID
)

type suspicion struct {
	trait
	until time.Time
}

// maxTraits bounds the traits that are remembered. Of more the oldest is forgotten.
const maxTraits = 64

func newIsolation(c *Connection) *isolation {
	p := &pool{config: channelConfig{window: 1, alone: true}}
	p.add(c.lines[isolating], c, nil)
	return &isolation{pool: p, keep: c.broker.RefusedDelay, producing: c.lines[producing]}
}

func (t trait) isOf(m *Message) bool {
	switch t.kind {
	case sameExchange:
		return m.Exchange == t.to.exchange
	case sameAddress:
		return addressOf(m) == t.to
	case sameUserID:
		return m.UserID == t.userID
	}
	return false
}

// wants says whether m is to be published by itself. While isolation has no connection, and cannot
// get one, nothing is: a connection more may be what a limit forbids.
func (i *isolation) wants(ctx context.Context, m *Message) bool {
	if i == nil {
		return false
	}
	traits := i.traits.Load()
	return (isAlone(ctx) || traits != nil && suspects(*traits, m)) && !i.cutOff()
}

func suspects(traits []suspicion, m *Message) bool {
	return slices.ContainsFunc(traits, func(s suspicion) bool { return s.isOf(m) && time.Now().Before(s.until) })
}

func (i *isolation) cutOff() bool {
	link, failed, _ := i.pool.slots[0].line.look()
	return link == nil && failed != nil
}

// suspect has messages with a trait published by themselves for a while.
func (i *isolation) suspect(t trait) {
	if i == nil || t.kind == noTrait {
		return
	}
	i.change(func(traits []suspicion) []suspicion {
		now := time.Now()
		traits = slices.DeleteFunc(traits, func(s suspicion) bool { return s.trait == t || s.until.Before(now) })
		if len(traits) == maxTraits {
			traits = traits[1:]
		}
		return append(traits, suspicion{t, now.Add(i.keep)})
	})
}

// trust forgets the traits of m.
func (i *isolation) trust(m *Message) {
	if i.traits.Load() == nil {
		return
	}
	i.change(func(traits []suspicion) []suspicion {
		return slices.DeleteFunc(traits, func(s suspicion) bool { return s.isOf(m) })
	})
}

func (i *isolation) change(change func([]suspicion) []suspicion) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var traits []suspicion
	if old := i.traits.Load(); old != nil {
		traits = slices.Clone(*old)
	}
	if traits = change(traits); len(traits) > 0 {
		i.traits.Store(&traits)
	} else {
		i.traits.Store(nil)
	}
}

// isolationPatience is how long a publish waits for the connection before it asks its source again,
// which may have another way by then.
const isolationPatience = time.Second

// Publish publishes m when those that came before have been answered or are overdue.
func (i *isolation) Publish(ctx context.Context, m *Message, settle func(Settlement)) {
	patience, leave := context.WithTimeout(ctx, isolationPatience)
	defer leave()
	channel, err := i.pool.ProducerChannel(patience, nil)
	if err != nil {
		settle(Settlement{Outcome: NotSent, Err: err})
		return
	}
	channel.Publish(ctx, m, func(s Settlement) { settle(i.learn(m, s)) })
}

// learn remembers what became of a message that was published by itself, and returns how that
// settles.
func (i *isolation) learn(m *Message, s Settlement) Settlement {
	refusal, refused := errors.AsType[*ChannelError](s.Err)
	switch {
	case s.Outcome == Returned:
		i.trust(m)
		i.producing.declareAgainFor(addressOf(m))
	case s.Outcome == Acked, s.Outcome == Nacked:
		i.trust(m)
	case refused && s.Outcome == NotSent:
		if refusal.Reply.Code == amqp.NotFound && i.producing.declareAgain(m.Exchange) {
			return Settlement{Outcome: NotSent, Err: errNotRead} // it goes again when that has been done
		}
		i.suspect(refusal.blame(m).trait)
	case isType[convicted](s.Err):
		i.suspect(trait{kind: sameAddress, to: addressOf(m)})
	}
	return s
}
