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

	"github.com/scampgen/scampgen/runtime/internal/frame"
	"github.com/scampgen/scampgen/runtime/internal/wire"
)

// conn is one network connection from its handshake to its end. Its supervisor makes the next one;
// a conn that has ended never comes back.
type conn struct {
	name             string
	address          string
	host             *host  // that it leads to
	clearText        bool   // what is sent to another machine can be read on the way
	generation       uint64 // numbers the supervisor's conns, from 1
	broker           *Broker
	library          *amqp.Connection
	frames           *frame.Conn
	wire             *wire.Conn
	bodyFrame        int           // the largest payload of a frame: of a content header, or of a part of a body
	established      time.Time     // when the handshake was complete
	dialTime         time.Duration // from the start of the dial until then
	notifySupervisor func()        // tells the supervisor that blocked has changed

	// done is closed when the connection is dead; cause then says why.
	done  chan struct{}
	cause error
	ended atomic.Bool

	serverBody int          // the largest body that the server accepts, according to its version
	statedBody atomic.Int64 // the largest body that the server itself named when it refused one; 0 before

	blocked         atomic.Bool
	unblocked       atomic.Int64 // when the broker last stopped blocking publishers, as a time.Duration after established
	changed         signal       // blocked or dead
	room            signal       // the wire is no longer full
	overdueRequests atomic.Int64 // requests that are overdue

	declared     declared
	lastReturned atomic.Int64 // when a returned message last led to new declarations, in nanoseconds since 1970
	refused      *refusedDeclarations

	opening sync.Mutex // one channel is opened at a time, so that its number is known

	closes chan *amqp.Error   // from the client library: why the connection ended
	blocks chan amqp.Blocking // from the client library: whether the broker blocks
}

// dead reports whether the connection has died.
func (c *conn) dead() bool { return c.ended.Load() }

// watch returns when the connection has died, or has been closed because stop or replaced was
// closed. Until then it tells publishers whether the broker blocks them. After stop it returns the
// error of closeGracefully.
func (c *conn) watch(stop, replaced <-chan struct{}, grace time.Duration) error {
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
		case <-replaced:
			_ = c.closeGracefully(grace) // what the broker has not read is published again
			c.end(errReplaced)
			return nil
		}
	}
}

// block notes that the broker blocks publishers, or no longer does. It returns since when it has.
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
		c.broker.Observer.Observe(context.Background(), ConnectionBlockedEvent{Connection: c.name, Reason: blocking.Reason})
		return time.Now()
	}
	c.broker.Observer.Observe(context.Background(), ConnectionUnblockedEvent{Connection: c.name, Blocked: time.Since(since)})
	return time.Time{}
}

// end closes the socket before anything else: the client library may wait for the socket while it
// holds locks that its own Close needs.
func (c *conn) end(cause error) {
	if err := c.wire.Err(); err != nil {
		cause = err
	}
	_ = c.wire.Close()
	c.cause = cause
	c.ended.Store(true)
	close(c.done)
	c.changed.notify()
}

// closeGracefully closes the AMQP connection and waits for the broker's answer, for grace at most.
// It returns an error if none comes in that time: the broker has not read everything that was
// written. If the connection dies meanwhile, that is no error.
func (c *conn) closeGracefully(grace time.Duration) error {
	start := time.Now()
	var err error
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		err = c.library.CloseDeadline(start.Add(grace))
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-answered:
	case <-timer.C:
	case <-c.wire.Closed():
	}
	_ = c.wire.Close()
	<-answered
	switch {
	case err == nil, time.Since(start) < grace:
		return nil
	case c.blocked.Load():
		return fmt.Errorf("gave up after %v: the broker blocks publishers and has not read all that was written", grace)
	default:
		return fmt.Errorf("gave up after %v: the broker does not answer and may not have read all that was written", grace)
	}
}

// opened is an open channel and its number. The client library does not tell the number.
type opened struct {
	channel *amqp.Channel
	number  uint16
}

// openChannel opens a channel. If h is not nil, it takes some of the channel's frames. openChannel
// gives up when ctx ends; the request then ends by itself, with the connection at the latest. If
// the broker sends heartbeats but does not open a channel, the connection is given up: every later
// channel would have to wait behind this one.
func (c *conn) openChannel(ctx context.Context, h frame.Handler) (opened, error) {
	return await(ctx, func() (opened, error) {
		c.opening.Lock()
		defer c.opening.Unlock()
		answered := c.watchRequest(func() { c.wire.Abort(errNotOpened) })
		defer answered()
		c.frames.Expect(h)
		channel, err := c.library.Channel()
		if err != nil {
			if errors.Is(err, amqp.ErrCommandInvalid) { // and now the state of the number is unknown
				c.wire.Abort(errMixedUp)
			}
			return opened{}, err
		}
		number, ok := c.frames.Opened()
		if !ok {
			c.wire.Abort(errMixedUp)
			return opened{}, errMixedUp
		}
		return opened{channel: channel, number: number}, nil
	}, c.closeChannel)
}

var (
	errNotOpened = errors.New("the broker does not open a channel")
	errMixedUp   = errors.New("a channel was opened by the answer to another request")
)

// confirm puts a channel into confirm mode. If that fails, the channel is closed as soon as the
// broker has answered: the client library mixes up the answers to two requests.
func (c *conn) confirm(ctx context.Context, o opened) error {
	_, err := request(ctx, c, func() (opened, error) { return o, o.channel.Confirm(false) }, c.closeChannel)
	return err
}

// closeChannel closes a channel that nobody uses, and waits until that is answered or overdue.
func (c *conn) closeChannel(o opened) { _ = c.do(context.Background(), o.channel.Close) }

// closeReason turns what NotifyClose sends into an error. It sends nil when the connection ended
// before anybody listened. It reports the end of the socket with a code that looks like the
// broker's.
func closeReason(reason *amqp.Error) error {
	switch {
	case reason == nil:
		return errLost
	case !reason.Server:
		return fmt.Errorf("%w: %s", errLost, reason.Reason)
	}
	return reason
}

// errReplaced is why a connection has ended that was not on its home.
var errReplaced = errors.New("it moves back to its home among the hosts")

var errLost = errors.New("the connection was lost")

// channelReason turns a channel exception of the broker into a *ChannelError.
func channelReason(err error) error {
	if exception, ok := errors.AsType[*amqp.Error](err); ok && exception.Server && exception.Recover {
		return &ChannelError{Reply: Reply{Code: uint16(exception.Code), Text: exception.Reason}}
	}
	return err
}

// The largest bodies that RabbitMQ accepts by default.
const (
	maxBodyBefore4 = 128 << 20
	maxBodyFrom4   = 16 << 20
)

// maxBody returns the size of the largest body that is sent on the connection.
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

// setStatedBody notes the size of the largest body that the server says it accepts.
func (c *conn) setStatedBody(size int) { c.statedBody.Store(int64(size)) }

// maxBodyOf returns the size of the largest body that a server accepts by default, according to the
// properties that it sent. Other servers than RabbitMQ are assumed to accept as much as any
// RabbitMQ.
func maxBodyOf(server amqp.Table) int {
	version, _ := server["version"].(string)
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err == nil && n >= 4 && server["product"] == "RabbitMQ" {
		return maxBodyFrom4
	}
	return maxBodyBefore4
}
