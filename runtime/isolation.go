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

// isolation publishes messages that may end the channel of others: one message at a time, on a
// network connection of its own, which is opened when it is first needed. Whatever the broker
// closes there is the fault of that one message.
//
// These messages are isolated: a publish that was in flight when the broker closed a channel or
// connection without saying why, and messages that match a rule, because the broker refused one
// like them. As soon as the broker accepts one of those, the rule is removed.
type isolation struct {
	pool         *pool
	ruleLifetime time.Duration   // how long a rule applies
	producing    *connSupervisor // where producers have made their declarations

	mu    sync.Mutex
	rules atomic.Pointer[[]activeRule] // nil: none; the slice is replaced, never changed
}

// isolationRule describes messages that the broker refuses.
type isolationRule struct {
	kind   ruleKind
	userID string
	to     address
}

type ruleKind uint8

const (
	noRule       ruleKind = iota
	sameExchange          // with any routing key
	sameAddress
	sameUserID
)

type activeRule struct {
	isolationRule
	until time.Time
}

// maxRules limits the number of rules. Beyond it the oldest is removed.
const maxRules = 64

func newIsolation(c *Connection) *isolation {
	p := &pool{config: channelConfig{window: 1, isolated: true}}
	p.add(c.supervisors[isolating], c, nil)
	return &isolation{pool: p, ruleLifetime: c.broker.RefusedDelay, producing: c.supervisors[producing]}
}

func (rule isolationRule) matches(m *Message) bool {
	switch rule.kind {
	case sameExchange:
		return m.Exchange == rule.to.exchange
	case sameAddress:
		return addressOf(m) == rule.to
	case sameUserID:
		return m.UserID == rule.userID
	}
	return false
}

// applies reports whether m is to be published in isolation. If isolation cannot get a connection,
// nothing is: perhaps a limit forbids one more connection.
func (i *isolation) applies(ctx context.Context, m *Message) bool {
	if i == nil {
		return false
	}
	rules := i.rules.Load()
	return (isIsolated(ctx) || rules != nil && anyMatches(*rules, m)) && !i.unavailable()
}

func anyMatches(rules []activeRule, m *Message) bool {
	return slices.ContainsFunc(rules, func(r activeRule) bool { return r.matches(m) && time.Now().Before(r.until) })
}

func (i *isolation) unavailable() bool {
	conn, failed, _ := i.pool.supervisors[0].connSupervisor.current()
	return conn == nil && failed != nil
}

// addRule isolates the messages that match a rule, for a while.
func (i *isolation) addRule(rule isolationRule) {
	if i == nil || rule.kind == noRule {
		return
	}
	i.change(func(rules []activeRule) []activeRule {
		now := time.Now()
		rules = slices.DeleteFunc(rules, func(r activeRule) bool { return r.isolationRule == rule || r.until.Before(now) })
		if len(rules) == maxRules {
			rules = rules[1:]
		}
		return append(rules, activeRule{rule, now.Add(i.ruleLifetime)})
	})
}

// removeRules removes the rules that m matches.
func (i *isolation) removeRules(m *Message) {
	if i.rules.Load() == nil {
		return
	}
	i.change(func(rules []activeRule) []activeRule {
		return slices.DeleteFunc(rules, func(r activeRule) bool { return r.matches(m) })
	})
}

func (i *isolation) change(change func([]activeRule) []activeRule) {
	i.mu.Lock()
	defer i.mu.Unlock()
	var rules []activeRule
	if old := i.rules.Load(); old != nil {
		rules = slices.Clone(*old)
	}
	if rules = change(rules); len(rules) > 0 {
		i.rules.Store(&rules)
	} else {
		i.rules.Store(nil)
	}
}

// isolationTimeout is how long a publish waits for the connection before it asks its source again,
// which may have another route by then.
const isolationTimeout = time.Second

// publish publishes a message after the earlier ones have been answered or are overdue.
func (i *isolation) publish(ctx context.Context, request PublishRequest) {
	waitCtx, cancel := context.WithTimeout(ctx, isolationTimeout)
	defer cancel()
	channel, err := i.pool.ProducerChannel(waitCtx, ProducerRequest{})
	if err != nil {
		request.Settle(Settlement{Outcome: OutcomeNotSent, Err: err})
		return
	}
	channel.Publish(ctx, PublishRequest{
		Message: request.Message,
		Settle:  func(s Settlement) { request.Settle(i.record(request.Message, s)) },
	})
}

// record adds or removes rules, depending on what became of an isolated message, and returns its
// settlement.
func (i *isolation) record(m *Message, s Settlement) Settlement {
	exception, isException := errors.AsType[*ChannelError](s.Err)
	switch {
	case s.Outcome == OutcomeReturned:
		i.removeRules(m)
		i.producing.declareAgainFor(addressOf(m))
	case s.Outcome == OutcomeAcked, s.Outcome == OutcomeNacked:
		i.removeRules(m)
	case isException && s.Outcome == OutcomeNotSent:
		if exception.Reply.Code == amqp.NotFound && i.producing.declareAgain(m.Exchange) {
			return Settlement{Outcome: OutcomeNotSent, Err: errNotAccepted} // it is retried after that
		}
		i.addRule(exception.matchMessage(m).rule)
	case isType[notRetryable](s.Err):
		i.addRule(isolationRule{kind: sameAddress, to: addressOf(m)})
	}
	return s
}
