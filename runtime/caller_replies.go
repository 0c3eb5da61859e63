package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"
)

// errRepliesLost ends the calls that wait for a reply when the queue for replies is gone, or may
// have lost some.
var errRepliesLost = errors.New("replies cannot arrive any more")

// replyQueueExpires is how long a queue for replies lives that nobody has consumed from.
const replyQueueExpires = time.Minute

// replyQueue returns a queue for the replies of one Caller.
//
// It is not the pseudo-queue amq.rabbitmq.reply-to, whose replies come on the channel that a request
// was published on: a queue works on all topologies, a request can be published again on another
// channel, and replies arrive while the broker blocks publishers.
func replyQueue() Queue {
	return Queue{
		Name:       "replies." + rand.Text(),
		Exclusive:  true,
		AutoDelete: true,
		Arguments:  Headers{"x-expires": replyQueueExpires.Milliseconds()},
	}
}

// receiveReplies starts to consume from the queue, and returns when replies can arrive.
func (c *Caller) receiveReplies(ctx context.Context, source ConsumerSource, queue Queue, options []ProducerOption) error {
	if queue.Name == "" {
		queue = replyQueue()
	}
	subscription := Subscription{
		Queue:        queue,
		Declarations: &Declarations{Queues: []Queue{queue}},
		NoAck:        true, // a reply that cannot reach its call is of use to nobody
		Routes:       []Route{RouteBytes(&Publication{Name: "the reply"}, c.receive)},
	}
	var err error
	if c.replies, err = NewConsumer(ctx, source, subscription, c.replyOptions(options)...); err != nil {
		return err
	}
	running, stop := context.WithCancel(context.Background())
	c.stop = stop
	go func() {
		defer close(c.stopped)
		if err := c.replies.Run(running); err != nil {
			c.end(err)
			c.fail(err)
		}
	}()
	if source.Info().Lazy {
		return nil
	}
	if err := c.awaitReady(ctx); err != nil {
		c.stop()
		<-c.stopped
		return err
	}
	return nil
}

// replyOptions returns the options of the consumer of replies: those of the Caller that consumers
// have as well, and what replies need.
func (c *Caller) replyOptions(options []ProducerOption) []ConsumerOption {
	var shared []ConsumerOption
	for _, option := range options {
		if option, ok := option.(ConsumerOption); ok {
			shared = append(shared, option)
		}
	}
	if profile := c.requests.config.encryption; profile != nil {
		shared = append(shared, WithDecryption(profile))
	}
	return append(shared,
		WithRecovery(Discard()), WithInvalidRecovery(Discard()), // nobody but the call could use a reply
		consumerOption(func(config *consumerConfig) { config.onEvent = c.noteSession }))
}

// awaitReady waits until replies can arrive.
func (c *Caller) awaitReady(ctx context.Context) error {
	select {
	case <-c.replies.Ready():
		return nil
	case <-c.stopped:
		return c.ended
	case <-ctx.Done():
		return fmt.Errorf("wait until replies can arrive: %w", cause(ctx))
	}
}

// noteSession counts the sessions of the consumer. When one ends, calls end whose replies it may
// have lost. On a pair nobody knows whose those are, so all end.
func (c *Caller) noteSession(kind ConsumerEventKind, err error) {
	switch {
	case kind == EventConsuming:
		c.mu.Lock()
		c.sessions++
		c.mu.Unlock()
		c.changed.notify()
	case (kind == EventCancelled || kind == EventInterrupted) && hasConsumed(err):
		c.mu.Lock()
		c.sessions--
		c.mu.Unlock()
		c.fail(fmt.Errorf("%w: %w", errRepliesLost, err))
	}
}

// receive gives a reply to the call that waits for it.
func (c *Caller) receive(ctx context.Context, body []byte) error {
	delivery := DeliveryFrom(ctx)
	c.mu.Lock()
	call := c.waiting[delivery.CorrelationID]
	c.mu.Unlock()
	if call == nil || !call.send(callEnd{delivery: delivery, body: body}) {
		c.dropped.Add(1)
	}
	return nil
}

// decode decodes a reply into what a caller wants, or returns the error that it carries.
func (a callEnd) decode(reply any) error {
	if code, ok := a.delivery.Headers[replyErrorHeader].(string); ok {
		text, _ := a.delivery.Headers[replyErrorTextHeader].(string)
		return &ReplyError{Code: code, Text: text}
	}
	switch reply := reply.(type) {
	case ReplyChoice:
		return reply.decode(a)
	case *string:
		*reply = string(a.body)
	case *[]byte:
		*reply = a.body
	default:
		if err := decodeJSON(a.body, reply); err != nil {
			return &InvalidError{Reason: "decode the reply", Err: err}
		}
	}
	return nil
}

// A ReplyChoice is where Caller.Call decodes a reply into that can be one of several messages. The
// AMQP type of a reply tells which: one that is none of them is an *InvalidError.
type ReplyChoice []ReplyCase

// A ReplyCase is one of the messages that a reply can be.
type ReplyCase struct {
	Publication *Publication
	Into        any // as the reply of Caller.Call
}

func (c ReplyChoice) decode(a callEnd) error {
	for _, possible := range c {
		if possible.Publication.Type == a.delivery.Type {
			return a.decode(possible.Into)
		}
	}
	return &InvalidError{Reason: fmt.Sprintf("no reply has the type %.100q", a.delivery.Type)}
}
