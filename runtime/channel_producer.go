package runtime

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The reasons for which a channel does not take a publish that another may take.
var (
	errBlocked     = errors.New("the broker blocks publishers")
	errChannelGone = errors.New("the channel is closed")
)

// producerChannel is one channel that many goroutines publish on. Publishing
// happens on their goroutines, one at a time; one goroutine of the channel's own
// settles what the broker answers. See confirms.go for that half.
type producerChannel struct {
	channel *amqp.Channel
	link    *link
	config  channelConfig
	freed   func() // called when a seat has become free

	seats   chan struct{} // one for each publish in flight; full when the window is
	returns chan amqp.Return
	closes  chan *amqp.Error
	work    chan struct{} // wakes the settling goroutine when the window was empty
	closing chan struct{} // closed as soon as the channel takes no more
	done    chan struct{} // closed when everything has been settled

	writing sync.Mutex // one publish at a time: the order of tags is that of the window
	mu      sync.Mutex // guards waiting
	waiting window

	// For the settling goroutine alone, until done is closed.
	cause   error // why the channel has died
	stalled bool  // it was closed because a confirm did not come
}

// openProducerChannel opens a channel on link and puts it into confirm mode. freed
// is called whenever the channel has room for one more publish.
func openProducerChannel(ctx context.Context, link *link, config channelConfig, freed func()) (*producerChannel, error) {
	channel, err := link.channel(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a channel: %w", err)
	}
	p := &producerChannel{
		channel: channel, link: link, config: config, freed: freed,
		seats:   make(chan struct{}, config.window),
		closes:  channel.NotifyClose(make(chan *amqp.Error, 1)),
		returns: channel.NotifyReturn(make(chan amqp.Return, config.window+1)),
		work:    make(chan struct{}, 1),
		closing: make(chan struct{}),
		done:    make(chan struct{}),
	}
	if config.unconfirmed {
		go p.reportReturns()
		return p, nil
	}
	_, err = request(ctx, func() (struct{}, error) { return struct{}{}, channel.Confirm(false) }, nil)
	if err != nil {
		go channel.Close() // it ends at the latest with the link
		return nil, fmt.Errorf("switch confirms on: %w", err)
	}
	go p.settleAll()
	return p, nil
}

// Publish sends m as ProducerChannel says. It does not use m after it has returned.
func (p *producerChannel) Publish(ctx context.Context, m *Message, settle func(Settlement)) {
	if err := checkSizes(m, p.link.broker.MaxMessageSize); err != nil {
		settle(Settlement{Outcome: NotSent, Err: err})
		return
	}
	if err := p.enter(ctx); err != nil {
		settle(Settlement{Outcome: NotSent, Err: err})
		return
	}
	p.write(m, settle)
}

// Done is closed when the channel is dead and everything on it has settled.
func (p *producerChannel) Done() <-chan struct{} { return p.done }

// isDone says whether Done is closed.
func (p *producerChannel) isDone() bool { return isClosed(p.done) }

// isClosing says whether the channel takes no more publishes.
func (p *producerChannel) isClosing() bool { return isClosed(p.closing) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// enter takes a seat in the window and waits until the connection has room.
func (p *producerChannel) enter(ctx context.Context) error {
	if p.link.blocked.Load() {
		return errBlocked
	}
	select {
	case p.seats <- struct{}{}:
	default:
		if err := p.waitForSeat(ctx); err != nil {
			return err
		}
	}
	for p.link.wire.full() {
		if err := p.waitForRoom(ctx); err != nil {
			p.leave()
			return err
		}
	}
	return nil
}

// waitForSeat waits for a seat, as long as the broker is willing.
func (p *producerChannel) waitForSeat(ctx context.Context) error {
	for {
		changed := p.link.changed.next()
		if p.link.blocked.Load() {
			return errBlocked
		}
		select {
		case p.seats <- struct{}{}:
			return nil
		case <-changed:
		case <-p.closing:
			return errChannelGone
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// waitForRoom waits until the connection may have room.
func (p *producerChannel) waitForRoom(ctx context.Context) error {
	room, changed := p.link.wire.room.next(), p.link.changed.next()
	if p.link.blocked.Load() {
		return errBlocked
	}
	if !p.link.wire.full() {
		return nil
	}
	select {
	case <-room:
		return nil
	case <-changed:
		return nil
	case <-p.closing:
		return errChannelGone
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives a seat back.
func (p *producerChannel) leave() {
	<-p.seats
	p.freed()
}

// write hands m to the client library and enters it into the window.
func (p *producerChannel) write(m *Message, settle func(Settlement)) {
	publishing := publishing(m)
	p.writing.Lock()
	confirm, err := p.channel.PublishWithDeferredConfirm(m.Exchange, m.RoutingKey, m.Mandatory, false, publishing)
	if err == nil && !p.config.unconfirmed {
		p.enlist(inFlight{
			confirm: confirm, settle: settle,
			messageID: m.MessageID, exchange: m.Exchange, mandatory: m.Mandatory,
		})
	}
	p.writing.Unlock()
	switch {
	case err != nil:
		p.leave()
		settle(p.unwritten(err))
	case p.config.unconfirmed:
		p.leave()
		settle(Settlement{Outcome: Written})
	}
}

// unwritten says what an error of the library's publish means. ErrClosed comes
// before the message is complete on the wire, and so do errors of encoding; after
// an error of the wire nothing is known.
func (p *producerChannel) unwritten(err error) Settlement {
	if p.link.wire.failure() != nil {
		return Settlement{Outcome: Unknown, Err: fmt.Errorf("write: %w", err)}
	}
	if errors.Is(err, amqp.ErrClosed) {
		err = errChannelGone
	}
	return Settlement{Outcome: NotSent, Err: err}
}

// publishing turns m into what the client library writes.
func publishing(m *Message) amqp.Publishing {
	mode := amqp.Transient
	if m.Persistent {
		mode = amqp.Persistent
	}
	var expiration string
	if m.Expiration > 0 {
		expiration = strconv.FormatInt(int64(max(m.Expiration/time.Millisecond, 1)), 10)
	}
	return amqp.Publishing{
		Headers:         m.Headers.table(),
		ContentType:     m.ContentType,
		ContentEncoding: m.ContentEncoding,
		DeliveryMode:    mode,
		Priority:        m.Priority,
		CorrelationId:   m.CorrelationID,
		ReplyTo:         m.ReplyTo,
		Expiration:      expiration,
		MessageId:       m.MessageID,
		Timestamp:       m.Timestamp,
		Type:            m.Type,
		UserId:          m.UserID,
		AppId:           m.AppID,
		Body:            m.Body,
	}
}
