package runtime

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// link is one network connection from its handshake to its end. The line that
// supervises it makes the next one; nothing on a link ever comes back to life.
type conn struct {
	name             string
	address          string
	clearText        bool   // what is sent to another machine can be read on the way
	generation       uint64 // counts the line's links from 1
	broker           *Broker
	library          *amqp.Connection
	frames           *frames
	wire             *wire
	bodyFrame        int           // the largest payload of a frame: of a content header, or a piece of a body
	established      time.Time     // when the handshake was complete
	dialTime         time.Duration // from the beginning of the dial until then
	notifySupervisor func()        // tells the line that blocked has changed

	// done is closed when the link is dead; lost then says why.
	done  chan struct{}
	cause error
	ended atomic.Bool

	serverBody int          // the largest body that the server takes, as far as its version tells
	statedBody atomic.Int64 // the largest body that it has said it takes, when it refused one; 0 before

	blocked         atomic.Bool
	unblocked       atomic.Int64 // when the broker last ceased to block publishers, a time.Duration after born
	changed         signal       // blocked or dead
	overdueRequests atomic.Int64 // requests that are overdue

	declared     declared
	lastReturned atomic.Int64 // when a message that came back last led to declarations, in nanoseconds
	refused      *refusedDeclarations

	opening sync.Mutex // one channel is opened at a time, so that its number is known

	closes chan *amqp.Error   // what the client library tells of the connection's end
	blocks chan amqp.Blocking // and of the broker's blocking
}

// dead says whether the link has died.
func (c *conn) dead() bool { return c.ended.Load() }

// watch returns when the link has died, of itself or because stop was closed, and
// tells publishers meanwhile whether the broker blocks them. After stop it returns what
// hangUp does.
func (c *conn) watch(stop <-chan struct{}, grace time.Duration) error {
	blocks := c.blocks
	var since time.Time
	for {
		select {
		case reason := <-c.closes:
			c.end(closeReason(reason))
			return nil
		case blocking, ok := <-blocks:
			if !ok {
				blocks = nil
				continue
			}
			since = c.block(blocking, since)
		case <-stop:
			err := c.closeGracefully(grace)
			c.end(ErrClosed)
			return err
		}
	}
}

// block notes that the broker blocks publishers, or no longer does. It returns the
// time from which on it has.
func (c *conn) block(blocking amqp.Blocking, since time.Time) time.Time {
	if !blocking.Active {
		c.unblocked.Store(int64(time.Since(c.established)))
	}
	if blocking.Active == c.blocked.Swap(blocking.Active) {
		return since
	}
	c.changed.notify()
	c.notifySupervisor()
	if blocking.Active {
		c.broker.Observer.Observe(ConnectionBlocked{Connection: c.name, Reason: blocking.Reason})
		return time.Now()
	}
	c.broker.Observer.Observe(ConnectionUnblocked{Connection: c.name, Blocked: time.Since(since)})
	return time.Time{}
}

// end closes the socket before anything else: the client library may be waiting
// for it while it holds locks that its own Close needs.
func (c *conn) end(cause error) {
	if err := c.wire.failure(); err != nil {
		cause = err
	}
	_ = c.wire.Close()
	c.cause = cause
	c.ended.Store(true)
	close(c.done)
	c.changed.notify()
}

// hangUp tells the broker goodbye and waits for its answer, at most for grace. It is an error
// when none comes in that time: the broker has not read all that was written. A link that
// dies meanwhile is as one that has died before.
func (c *conn) closeGracefully(grace time.Duration) error {
	begun := time.Now()
	var err error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		err = c.library.CloseDeadline(begun.Add(grace))
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-answered:
	case <-timer.C:
	case <-c.wire.closed:
	}
	_ = c.wire.Close()
	<-answered
	switch {
	case err == nil, time.Since(begun) < grace:
		return nil
	case c.blocked.Load():
		return fmt.Errorf("gave up after %v: the broker blocks publishers and has not read all that was written", grace)
	default:
		return fmt.Errorf("gave up after %v: the broker does not answer and may not have read all that was written", grace)
	}
}

// opened is a channel that has been opened, and its number, which the client library
// does not tell.
type opened struct {
	channel *amqp.Channel
	number  uint16
}

// openChannel opens a channel, some of whose frames h takes if it is not nil. It gives up when
// ctx ends; the request is then left to end by itself, at the latest with the link. A broker
// that sends heartbeats and does not open a channel costs the link: every later channel would
// wait behind this one.
func (c *conn) openChannel(ctx context.Context, h frameHandler) (opened, error) {
	return await(ctx, func() (opened, error) {
		c.opening.Lock()
		defer c.opening.Unlock()
		answered := c.watchRequest(func() { c.wire.abort(errNotOpened) })
		defer answered()
		c.frames.channels.expect(h)
		channel, err := c.library.Channel()
		if err != nil {
			if errors.Is(err, amqp.ErrCommandInvalid) { // and now nobody knows whether the number is free
				c.wire.abort(errMixedUp)
			}
			return opened{}, err
		}
		number, ok := c.frames.channels.opened()
		if !ok {
			c.wire.abort(errMixedUp)
			return opened{}, errMixedUp
		}
		return opened{channel: channel, number: number}, nil
	}, c.closeChannel)
}

var (
	errNotOpened = errors.New("the broker does not open a channel")
	errMixedUp   = errors.New("a channel was opened by an answer that is not its own")
)

// confirm puts a channel into confirm mode. One that does not get there is closed, as soon as
// the broker has answered: the client library mixes up the answers to two requests.
func (c *conn) confirm(ctx context.Context, o opened) error {
	_, err := request(ctx, c, func() (opened, error) { return o, o.channel.Confirm(false) }, c.closeChannel)
	return err
}

// closeChannel closes a channel that nobody uses, and waits until that is answered or overdue.
func (c *conn) closeChannel(o opened) { _ = c.do(context.Background(), o.channel.Close) }

// closeReason turns what NotifyClose sends into an error. It sends nil when the end
// came before anybody listened for its reason, and the end of the socket under a code that
// looks like the broker's.
func closeReason(reason *amqp.Error) error {
	switch {
	case reason == nil:
		return errLost
	case !reason.Server:
		return fmt.Errorf("%w: %s", errLost, reason.Reason)
	}
	return reason
}

var errLost = errors.New("the connection was lost")

// channelReason turns a broker's refusal on a channel into a *ChannelError.
func channelReason(err error) error {
	if exception, ok := errors.AsType[*amqp.Error](err); ok && exception.Server && exception.Recover {
		return &ChannelError{Reply: Reply{Code: uint16(exception.Code), Text: exception.Reason}}
	}
	return err
}

// The largest bodies that RabbitMQ takes unless it is configured otherwise.
const (
	maxBodyBefore4 = 128 << 20
	maxBodyFrom4   = 16 << 20
)

// maxBody returns the size of the largest body that is sent on the link.
func (c *conn) maxBody() int {
	most := c.broker.MaxMessageSize
	if most <= 0 {
		most = c.serverBody
	}
	if stated := c.statedBody.Load(); stated > 0 {
		most = min(most, int(stated))
	}
	return most
}

// limitBody notes the size of the largest body that the server says it takes.
func (c *conn) setStatedBody(size int) { c.statedBody.Store(int64(size)) }

// maxBodyOf returns the size of the largest body that a server takes by default, by the
// properties that it has introduced itself with. A server that is not RabbitMQ is taken to take
// as much as any RabbitMQ.
func maxBodyOf(server amqp.Table) int {
	version, _ := server["version"].(string)
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 4 && server["product"] == "RabbitMQ" {
		return maxBodyFrom4
	}
	return maxBodyBefore4
}
