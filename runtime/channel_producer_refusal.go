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
func (p *producerChannel) judge(rest []inFlight) []Settlement {
	settlements := make([]Settlement, len(rest))
	for i, e := range rest {
		settlements[i] = Settlement{Outcome: Unknown, Err: p.cause}
		if e.reply != nil {
			settlements[i] = settlementOf(e, true)
		}
	}
	if refusal := refusalOf(p.cause); refusal != nil {
		p.apply(refusal, rest, settlements)
	}
	return settlements
}

// apply changes the settlements of those that the refusal is about, or may be.
func (p *producerChannel) apply(refusal *ChannelError, rest []inFlight, settlements []Settlement) {
	words, blamed := refusal.blameOne(rest)
	if n := len(blamed); n > 0 && !words.final && rest[blamed[n-1]].written < p.gaveUp {
		blamed = nil // it may be one that is no longer waited for
	}
	if limit, ok := refusal.bodyLimit(); ok {
		p.link.limitBody(limit)
	}
	missing := words.found && refusal.Reply.Code == amqp.NotFound && p.link.declareAgain(words.trait.to.exchange)
	if !missing {
		p.isolation.suspect(words.trait)
	}
	bad := Settlement{Outcome: NotSent, Err: refusal}
	if missing { // it goes again when the exchange has been declared
		bad.Err = errNotRead
	}
	switch {
	case len(blamed) == 0 && p.config.alone:
		convict(settlements)
		return
	case len(blamed) == 0:
		suspect(settlements)
		return
	case words.final, len(blamed) == 1:
		for _, i := range blamed {
			settlements[i] = bad
		}
		settleUnread(settlements[blamed[0]:])
		return
	case !missing: // else all go again on any channel, when the exchange has been declared
		for _, i := range blamed {
			suspect(settlements[i : i+1])
		}
	}
	settleUnread(settlements[blamed[len(blamed)-1]+1:])
}

// blameOne returns the indices of the publishes that the broker's words fit, in their order. None are
// returned when the words fit messages that have nothing in common: then they name nobody.
func (e *ChannelError) blameOne(rest []inFlight) (words blame, blamed []int) {
	for i, other := range rest {
		found := e.blame(other.message)
		switch {
		case !found.found:
			continue
		case words.found && words != found:
			return blame{}, nil
		}
		words, blamed = found, append(blamed, i)
	}
	return words, blamed
}

// suspected is the error of a publish that the broker may have closed the channel for. The next
// attempt is made in isolation.
type suspected struct{ error }

func (e suspected) Unwrap() error { return e.error }

func suspect(settlements []Settlement) {
	for i, s := range settlements {
		if s.Outcome == Unknown {
			settlements[i].Err = suspected{s.Err}
		}
	}
}

// convicted is the error of a publish that the broker has closed the channel for although nothing
// else was on it. It is not tried again.
type convicted struct{ error }

func (e convicted) Unwrap() error { return e.error }

// convict convicts the youngest. Older ones are overdue: the broker has read them long ago.
func convict(settlements []Settlement) {
	if last := len(settlements) - 1; last >= 0 && settlements[last].Outcome == Unknown {
		settlements[last].Err = convicted{settlements[last].Err}
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
func refusalOf(cause error) *ChannelError {
	if refusal, ok := errors.AsType[*ChannelError](cause); ok {
		return refusal
	}
	if reply, ok := errors.AsType[*amqp.Error](cause); ok && reply.Server && hardErrors[reply.Code] {
		return &ChannelError{Reply: Reply{Code: uint16(reply.Code), Text: reply.Reason}}
	}
	return nil
}

// hardErrors are the codes with which the broker closes a connection because of what was
// sent on it (AMQP 0-9-1, section 1.2). The others that it uses are an operator's.
var hardErrors = map[int]bool{
	amqp.FrameError: true, amqp.SyntaxError: true, amqp.CommandInvalid: true, amqp.UnexpectedFrame: true,
	amqp.ResourceError: true, amqp.NotImplemented: true, amqp.InternalError: true,
}

// blame is what the broker's words say of a message.
type blame struct {
	found bool  // it is refused
	final bool  // and always will be
	trait trait // what others that will be refused as well have in common with it
}

// blame says whether the broker refuses m, as far as its words tell. Its words are composed here
// from what m has, as RabbitMQ does, and not parsed: names may hold anything. Whatever the
// broker refuses is found; something else may be as well.
func (e *ChannelError) blame(m *Message) blame {
	name := m.Exchange
	if name == "" {
		name = "amq.default"
	}
	exchange := "exchange '" + name + "' in vhost"
	switch e.Reply.Code {
	case amqp.NotFound, amqp.AccessRefused:
		switch {
		case e.names("topic '" + m.RoutingKey + "' in " + exchange):
			return blame{found: true, trait: trait{kind: sameAddress, to: addressOf(m)}}
		case e.names(exchange):
			return blame{found: true, trait: trait{kind: sameExchange, to: address{exchange: m.Exchange}}}
		}
	case amqp.PreconditionFailed:
		switch {
		case m.UserID != "" && e.names("user_id property set to '"+m.UserID+"' but"):
			return blame{found: true, final: true, trait: trait{kind: sameUserID, userID: m.UserID}}
		case m.ReplyTo == directReplyTo && e.says("fast reply consumer"),
			e.says("message size " + strconv.Itoa(len(m.Body)) + " "):
			return blame{found: true, final: true}
		}
	}
	return blame{}
}

// directReplyTo stands for a consumer of the channel that publishes. Ours have none.
const directReplyTo = "amq.rabbitmq.reply-to"

// says says whether the broker's words begin so, behind the name of the code.
func (e *ChannelError) says(begin string) bool {
	_, words, _ := strings.Cut(e.Reply.Text, " - ")
	return strings.HasPrefix(words, begin)
}

// names says whether the first name that the broker quotes is the first in words, and all goes on
// as they do. The broker cuts what it says to maxReplyText.
func (e *ChannelError) names(words string) bool {
	said, cut := e.Reply.Text, false
	if len(said) == maxReplyText {
		said, cut = strings.CutSuffix(said, "...")
	}
	begin := strings.IndexByte(said, '\'') - strings.IndexByte(words, '\'')
	if begin < 0 {
		return false
	}
	said = said[begin:]
	return strings.HasPrefix(said, words) || cut && strings.HasPrefix(words, said)
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
