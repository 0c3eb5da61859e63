package runtime

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"
)

var errNotRead = errors.New("the broker closed the channel before it had read the message")

// judge says what becomes of the publishes that were in flight when the channel died, in
// their order. Most channels die for no fault of theirs. But when the broker closes a channel, or
// its whole connection, for a mistake, one of them may have made it:
//
//   - If the broker's words fit only one, that one has. The broker does not have it, nor
//     any that was written after it; what came before may be in a queue.
//   - Otherwise each that may have is suspected, and will be published again by itself (see
//     isolation). What the broker closes the channel for then has no third attempt.
func (p *producerChannel) settlementsAfterClose(rest []inFlight) []Settlement {
	settlements := make([]Settlement, len(rest))
	for i, e := range rest {
		settlements[i] = Settlement{Outcome: Unknown, Err: p.cause}
		if e.reply != nil {
			settlements[i] = settlementOf(e, true)
		}
	}
	if exception := exceptionOf(p.cause); exception != nil {
		p.applyException(exception, rest, settlements)
	}
	return settlements
}

// apply changes the settlements of those that the refusal is about, or may be.
func (p *producerChannel) applyException(exception *ChannelError, rest []inFlight, settlements []Settlement) {
	match, matched := exception.matchReply(rest)
	if n := len(matched); n > 0 && !match.permanent && rest[matched[n-1]].written < p.abandonedBefore {
		matched = nil // it may be one that is no longer waited for
	}
	if limit, ok := exception.bodyLimit(); ok {
		p.conn.setStatedBody(limit)
	}
	missing := match.found && exception.Reply.Code == amqp.NotFound && p.conn.declareAgain(match.rule.to.exchange)
	if !missing {
		p.isolation.addRule(match.rule)
	}
	bad := Settlement{Outcome: NotSent, Err: exception}
	if missing { // it goes again when the exchange has been declared
		bad.Err = errNotRead
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
		settleUnread(settlements[matched[0]:])
		return
	case !missing: // else all go again on any channel, when the exchange has been declared
		for _, i := range matched {
			markRetryIsolated(settlements[i : i+1])
		}
	}
	settleUnread(settlements[matched[len(matched)-1]+1:])
}

// blameOne returns the indices of the publishes that the broker's words fit, in their order. None are
// returned when the words fit messages that have nothing in common: then they name nobody.
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

// suspected is the error of a publish that the broker may have closed the channel for. The next
// attempt is made in isolation.
type retryIsolated struct{ error }

func (e retryIsolated) Unwrap() error { return e.error }

func markRetryIsolated(settlements []Settlement) {
	for i, s := range settlements {
		if s.Outcome == Unknown {
			settlements[i].Err = retryIsolated{s.Err}
		}
	}
}

// convicted is the error of a publish that the broker has closed the channel for although nothing
// else was on it. It is not tried again.
type notRetryable struct{ error }

func (e notRetryable) Unwrap() error { return e.error }

// convict convicts the youngest. Older ones are overdue: the broker has read them long ago.
func markNotRetryable(settlements []Settlement) {
	if last := len(settlements) - 1; last >= 0 && settlements[last].Outcome == Unknown {
		settlements[last].Err = notRetryable{settlements[last].Err}
	}
}

// settleUnread settles what was written after the bad message.
func settleUnread(settlements []Settlement) {
	for i, s := range settlements {
		if s.Outcome == Unknown {
			settlements[i] = Settlement{Outcome: NotSent, Err: errNotRead}
		}
	}
}

// refusalOf returns the broker's words if cause is its refusal of something that was sent
// on a channel, or on the connection.
func exceptionOf(cause error) *ChannelError {
	if exception, ok := errors.AsType[*ChannelError](cause); ok {
		return exception
	}
	if reply, ok := errors.AsType[*amqp.Error](cause); ok && reply.Server && isConnectionException(reply.Code) {
		return &ChannelError{Reply: Reply{Code: uint16(reply.Code), Text: reply.Reason}}
	}
	return nil
}

// isConnectionException says whether the broker closes a connection with this code because of
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

// blame is what the broker's words say of a message.
type replyMatch struct {
	found     bool          // it is refused
	permanent bool          // and always will be
	rule      isolationRule // what others that will be refused as well have in common with it
}

// blame says whether the broker refuses m, as far as its words tell. Its words are composed here
// from what m has, as RabbitMQ does, and not parsed: names may hold anything. Whatever the
// broker refuses is found; something else may be as well.
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

// directReplyTo stands for a consumer of the channel that publishes. Ours have none.
const directReplyTo = "amq.rabbitmq.reply-to"

// says says whether the broker's words begin so, behind the name of the code.
func (e *ChannelError) startsWith(prefix string) bool {
	_, text, _ := strings.Cut(e.Reply.Text, " - ")
	return strings.HasPrefix(text, prefix)
}

// names says whether the first name that the broker quotes is the first in words, and all goes on
// as they do. The broker cuts what it says to maxReplyText.
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

// maxReplyText is how long a reply text may be, in bytes.
const maxReplyText = 255

var bodyLimitText = regexp.MustCompile(`^PRECONDITION_FAILED - message size \d+ .*max size (\d+)`)

// bodyLimit returns the size of the largest body that the broker takes, if it says so.
func (e *ChannelError) bodyLimit() (int, bool) {
	found := bodyLimitText.FindStringSubmatch(e.Reply.Text)
	if e.Reply.Code != amqp.PreconditionFailed || found == nil {
		return 0, false
	}
	limit, err := strconv.Atoi(found[1])
	return limit, err == nil
}
