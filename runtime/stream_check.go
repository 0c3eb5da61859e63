package runtime

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// errNoStreamOffset refuses a consumer that would skip what was published while it did not run.
var errNoStreamOffset = errors.New("the queue is a stream, and nothing says where its consumer begins: give it WithStreamOffset or WithOffsetStore, or offset in the contract's x-consumer")

// errStreamAnswer is returned for a reject of a stream's delivery.
var errStreamAnswer = errors.New("a stream cannot reject or requeue: return an error, so that the consumer's recovery decides, or acknowledge")

// errStreamPair ends a session on the passive side of a pair: each side counts its own offsets.
var errStreamPair = errors.New("a stream is not consumed from two virtual hosts, as the same offset is another message in each: pass the topology of one of them, or a pair with ConsumeTakeOver, which consumes the stream of the active side")

// errNoOffset ends a session whose deliveries have no offset.
var errNoOffset = errors.New("the queue is consumed as a stream, but its deliveries have no offset: it is no stream")

// streamArguments are the arguments of basic.consume that only streams have.
var streamArguments = []string{offsetArgument, filterArgument, unfilteredArgument}

// isStream reports whether a subscription is one of a stream: its declaration says so, or the
// consumer wants what only a stream has.
func isStream(subscription Subscription, config *consumerConfig) (is bool, err error) {
	kind := argument(subscription, "x-queue-type")
	if kind == "stream" {
		return true, nil
	}
	wants := ""
	switch {
	case config.offsets != nil:
		wants = "WithOffsetStore"
	case config.singleActive:
		wants = "WithSingleActiveConsumer"
	}
	for _, name := range streamArguments {
		if subscription.Arguments[name] != nil {
			wants = "the argument " + name
		}
	}
	if wants != "" && kind != nil {
		return false, fmt.Errorf("%s is for streams, and the queue is declared as %v", wants, kind)
	}
	return wants != "", nil
}

// checkStream returns an error for what a consumer of a stream cannot have. In a stream an answer
// removes nothing and gives nothing back: it only lets the broker send more.
func checkStream(subscription Subscription, config *consumerConfig, hosts int) error {
	refused := func(what, instead string) error { return fmt.Errorf("a stream has no %s: %s", what, instead) }
	switch {
	case hosts > 1:
		return errStreamPair
	case subscription.NoAck:
		return refused("consumers without acknowledgements", "RabbitMQ refuses them; leave NoAck, or the contract's ack: false, out")
	case subscription.Exclusive:
		return refused("exclusive consumers", "RabbitMQ ignores the flag; leave it out")
	case subscription.Arguments["x-priority"] != nil:
		return refused("priorities of consumers", "each consumer gets every message; leave the priority out")
	case argument(subscription, singleActive) == true || subscription.Arguments[singleActive] != nil:
		return refused("single active consumer in AMQP 0-9-1", "RabbitMQ refuses or ignores the argument; use WithSingleActiveConsumer")
	case config.countRedeliveries:
		return refused("count of deliveries", "leave WithRedeliveryLimit out")
	case config.deadLetterPolicy:
		return refused("dead-letter exchange", "a reject would skip the message; leave WithDeadLetterPolicy out, and dead letters are published to <queue>.dead")
	case hasArgument(subscription, "x-dead-letter-exchange"):
		return refused("dead-letter exchange", "RabbitMQ refuses the argument; dead letters are published to <queue>.dead, or where WithDeadLetterQueue says")
	case config.singleActive && config.offsets == nil:
		return errors.New("WithSingleActiveConsumer needs WithOffsetStore: who takes over has to know where")
	case config.offsets != nil && config.offsetName == "":
		return errors.New("WithOffsetStore has no name")
	}
	for _, steps := range [][]Recovery{config.recovery, config.onInvalid, subscription.Recovery} {
		for _, step := range steps {
			if len(step.waits()) > 0 {
				return refused("retry queues", "Republish, or the contract's x-retry, would append the message again for every consumer of the stream; use WithMiddleware(RetryHandler(...))")
			}
		}
	}
	return checkOffset(subscription.Arguments[offsetArgument], config)
}

const singleActive = "x-single-active-consumer"

// checkOffset checks where a consumer begins. RabbitMQ 3.10 closes the connection for a value that
// it does not know.
func checkOffset(offset any, config *consumerConfig) error {
	switch offset := offset.(type) {
	case nil:
		if config.offsets == nil {
			return errNoStreamOffset
		}
		return nil
	case string:
		if _, isInterval := intervalOf(offset); isInterval || offset == "first" || offset == "last" || offset == "next" {
			return nil
		}
		return fmt.Errorf("stream offset %q: wanted first, last, next or an interval such as 7D, 12h, 30m or 10s", offset)
	case time.Time:
		if offset.Unix() < 0 {
			return fmt.Errorf("stream offset %v: AMQP has no times before 1970", offset)
		}
		return nil
	}
	if n, ok := integer(offset); !ok || n < 0 {
		return fmt.Errorf("stream offset %v: wanted a number from 0, a time, first, last, next or an interval", offset)
	}
	return nil
}

// intervalOf reads an interval as RabbitMQ writes it: a number and a unit.
func intervalOf(text string) (d time.Duration, ok bool) {
	const day = 24 * time.Hour
	units := map[byte]time.Duration{'Y': 365 * day, 'M': 30 * day, 'D': day, 'h': time.Hour, 'm': time.Minute, 's': time.Second}
	last := max(len(text)-1, 0)
	n, err := strconv.ParseUint(text[:last], 10, 64)
	if err != nil || units[text[last]] == 0 {
		return 0, false
	}
	unit := units[text[last]]
	return time.Duration(min(n, uint64(maxInterval/unit))) * unit, true
}

// maxInterval limits an interval. No stream is older.
const maxInterval = 100 * 365 * 24 * time.Hour
