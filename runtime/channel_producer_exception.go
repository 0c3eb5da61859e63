package runtime

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

var errNotAccepted = errors.New("the broker closed the channel before it had accepted the message")

// settlementsAfterClose returns what becomes of the publishes that were in flight when the channel
// died, in their order. Most channels die without fault of a publish. But when the broker closes a
// channel, or the whole connection, because of a mistake, one of them may have caused it:
//
//   - If the broker's reply matches only one, that one did. The broker does not have it, nor any
//     that was written after it; those before may be in a queue.
//   - If it matches several, one of them did. The broker does not have the last of them, nor any
//     that was written after it; each of the others may be in a queue, as what the broker accepts
//     may have changed between two of them. All that match are published again, in isolation
//     unless their exchange can be declared again.
//   - If it matches none, each may have caused it and is published again in isolation. If the broker
//     closes that channel too, there is no third attempt.
func (p *producerChannel) settlementsAfterClose(rest []inFlight) []Settlement {
	settlements := make([]Settlement, len(rest))
	for i, e := range rest {
		settlements[i] = Settlement{Outcome: OutcomeUnknown, Err: p.cause}
		if e.reply != nil {
			settlements[i] = settlementOf(e, true)
		}
	}
	if exception := exceptionOf(p.cause); exception != nil {
		p.applyException(exception, rest, settlements)
	}
	return settlements
}

// applyException changes the settlements of the publishes that the exception is, or may be, about.
func (p *producerChannel) applyException(exception *ChannelError, rest []inFlight, settlements []Settlement) {
	match, matched := exception.matchReply(rest)
	if n := len(matched); n > 0 && !match.permanent && rest[matched[n-1]].written < p.abandonedBefore {
		matched = nil // it may be about a publish that was abandoned
	}
	if limit, ok := exception.bodyLimit(); ok {
		p.conn.setStatedBody(limit)
	}
	missing := match.found && exception.Reply.Code == amqp.NotFound && p.conn.declareAgain(match.rule.to.exchange)
	if !missing {
		p.isolation.addRule(match.rule)
	}
	bad := Settlement{Outcome: OutcomeNotSent, Err: exception}
	if missing { // retried once the exchange is declared again
		bad.Err = errNotAccepted
	}
	switch {
	case len(matched) == 0 && p.config.isolated:
		markNotRetryable(settlements)
		return
	case len(matched) == 0:
		markRetryIsolated(settlements)
		return
	case match.permanent, len(matched) == 1:
		for _, i := range matched {
			settlements[i] = bad
		}
		settleNotAccepted(settlements[matched[0]:])
		return
	case !missing: // otherwise all are retried on any channel, once the exchange is declared again
		for _, i := range matched[:len(matched)-1] { // the rule isolates the last
			markRetryIsolated(settlements[i : i+1])
		}
	}
	settleNotAccepted(settlements[matched[len(matched)-1]:])
}

// matchReply returns the indices of the publishes that the broker's reply matches, in order. It
// returns none when the reply matches messages that have nothing in common: then it identifies
// none.
func (e *ChannelError) matchReply(rest []inFlight) (match replyMatch, matched []int) {
	for i, other := range rest {
		this := e.matchMessage(other.message)
		switch {
		case !this.found:
			continue
		case match.found && match != this:
			return replyMatch{}, nil
		}
		match, matched = this, append(matched, i)
	}
	return match, matched
}

// retryIsolated is the error of a publish for which the broker may have closed the channel. The
// next attempt is made in isolation.
type retryIsolated struct{ error }

func (e retryIsolated) Unwrap() error { return e.error }

func markRetryIsolated(settlements []Settlement) {
	for i, s := range settlements {
		if s.Outcome == OutcomeUnknown {
			settlements[i].Err = retryIsolated{s.Err}
		}
	}
}

// notRetryable is the error of a publish for which the broker closed the channel although nothing
// else was on it. It is not tried again.
type notRetryable struct{ error }

func (e notRetryable) Unwrap() error { return e.error }

// markNotRetryable marks the youngest. Older ones are overdue: the broker read them long ago.
func markNotRetryable(settlements []Settlement) {
	if last := len(settlements) - 1; last >= 0 && settlements[last].Outcome == OutcomeUnknown {
		settlements[last].Err = notRetryable{settlements[last].Err}
	}
}

// settleNotAccepted settles what the broker has not accepted, because it refused that message or one
// before it.
func settleNotAccepted(settlements []Settlement) {
	for i, s := range settlements {
		if s.Outcome == OutcomeUnknown {
			settlements[i] = Settlement{Outcome: OutcomeNotSent, Err: errNotAccepted}
		}
	}
}

// exceptionOf returns the broker's reply if cause is an exception: the broker refused something
// that was sent on a channel, or on the connection.
func exceptionOf(cause error) *ChannelError {
	if exception, ok := errors.AsType[*ChannelError](cause); ok {
		return exception
	}
	if reply, ok := errors.AsType[*amqp.Error](cause); ok && reply.Server && isConnectionException(reply.Code) {
		return &ChannelError{Reply: Reply{Code: uint16(reply.Code), Text: reply.Reason}}
	}
	return nil
}

// isConnectionException reports whether the broker closes a connection with this code because of
// what was sent on it (AMQP 0-9-1, section 1.2). The other codes for a connection are an
// operator's.
func isConnectionException(code int) bool {
	switch code {
	case amqp.FrameError, amqp.SyntaxError, amqp.CommandInvalid, amqp.UnexpectedFrame,
		amqp.ResourceError, amqp.NotImplemented, amqp.InternalError:
		return true
	}
	return false
}

// replyMatch says how the broker's reply matches a message.
type replyMatch struct {
	found     bool          // the reply is about the message
	permanent bool          // the message will always be refused
	rule      isolationRule // describes other messages that will be refused as well
}

// matchMessage returns how the broker's reply matches m. The expected text is built from m, as
// RabbitMQ builds it, and compared: parsing the reply would be wrong, because names may contain
// anything. A message that the broker refuses always matches; others may match too.
func (e *ChannelError) matchMessage(m *Message) replyMatch {
	name := m.Exchange
	if name == "" {
		name = "amq.default"
	}
	exchange := "exchange '" + name + "' in vhost"
	switch e.Reply.Code {
	case amqp.NotFound, amqp.AccessRefused:
		switch {
		case e.quotesName("topic '" + m.RoutingKey + "' in " + exchange):
			return replyMatch{found: true, rule: isolationRule{kind: sameAddress, to: addressOf(m)}}
		case e.quotesName(exchange):
			return replyMatch{found: true, rule: isolationRule{kind: sameExchange, to: address{exchange: m.Exchange}}}
		}
	case amqp.PreconditionFailed:
		switch {
		case m.UserID != "" && e.quotesName("user_id property set to '"+m.UserID+"' but"):
			return replyMatch{found: true, permanent: true, rule: isolationRule{kind: sameUserID, userID: m.UserID}}
		case m.ReplyTo == directReplyTo && e.startsWith("fast reply consumer"),
			e.startsWith("message size " + strconv.Itoa(len(m.Body)) + " "):
			return replyMatch{found: true, permanent: true}
		}
	}
	return replyMatch{}
}

// directReplyTo stands for a consumer on the channel that publishes. Our channels have none.
const directReplyTo = "amq.rabbitmq.reply-to"

// startsWith reports whether the broker's text begins with prefix, after the name of the code.
func (e *ChannelError) startsWith(prefix string) bool {
	_, text, _ := strings.Cut(e.Reply.Text, " - ")
	return strings.HasPrefix(text, prefix)
}

// quotesName reports whether the first name that the broker's text quotes is the first in quoted,
// and the text continues as quoted does. The broker truncates its text to maxReplyText.
func (e *ChannelError) quotesName(quoted string) bool {
	text, truncated := e.Reply.Text, false
	if len(text) == maxReplyText {
		text, truncated = strings.CutSuffix(text, "...")
	}
	start := strings.IndexByte(text, '\'') - strings.IndexByte(quoted, '\'')
	if start < 0 {
		return false
	}
	text = text[start:]
	return strings.HasPrefix(text, quoted) || truncated && strings.HasPrefix(quoted, text)
}

// maxReplyText is the maximum length of a reply text, in bytes.
const maxReplyText = 255

var bodyLimitText = regexp.MustCompile(`^PRECONDITION_FAILED - message size \d+ .*max size (\d+)`)

// bodyLimit returns the size of the largest body that the broker accepts, if the reply says so.
func (e *ChannelError) bodyLimit() (int, bool) {
	found := bodyLimitText.FindStringSubmatch(e.Reply.Text)
	if e.Reply.Code != amqp.PreconditionFailed || found == nil {
		return 0, false
	}
	limit, err := strconv.Atoi(found[1])
	return limit, err == nil
}
