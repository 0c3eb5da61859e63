package runtime

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// A Connection is a connection to a broker that reconnects by itself. Its producers share one
// network connection and its consumers another, each opened when it is first needed: a broker that
// blocks publishers stops reading from their connection, and acknowledgements must not wait for
// that. A third one is opened when the broker has closed a channel because of a publish: messages
// that may have caused it are published there, so that they harm no others.
//
// A Connection may be used by many goroutines at once.
type Connection struct {
	broker      Broker
	supervisors [3]*connSupervisor // by role
	isolation   *isolation
	clearText   sync.Once
	clients     clients
	turn        turn

	mu         sync.Mutex
	closed     bool
	background sync.WaitGroup // the goroutines that keep channels open
}

// role is what a network connection is for.
type role uint8

const (
	producing role = iota
	consuming
	isolating // publishes that may end the channel of others
)

// DedicatedConnection returns a Connection to b. It does not connect yet: that begins when the
// first producer or consumer asks for a channel. A mistake in b is returned then.
func DedicatedConnection(b Broker) *Connection {
	b = b.withDefaults()
	return newConnection(b, "", newHosts(&b))
}

// newConnection returns a Connection whose name ends in suffix. b has its defaults.
func newConnection(b Broker, suffix string, h *hosts) *Connection {
	c := &Connection{broker: b, turn: newTurn()}
	c.supervisors[producing] = newConnSupervisor(&c.broker, c.broker.Name+" producer"+suffix, h)
	c.supervisors[consuming] = newConnSupervisor(&c.broker, c.broker.Name+" consumer"+suffix, h)
	c.supervisors[isolating] = newConnSupervisor(&c.broker, c.broker.Name+" isolation"+suffix, h)
	for _, supervisor := range c.supervisors {
		supervisor.clearText = &c.clearText
	}
	c.isolation = newIsolation(c)
	return c
}

// Close closes the producers and callers on c as their Close does, so that everything that is being
// published ends first, and then the network connections, gracefully: the broker has then read
// everything that was written. Stop consumers before, by ending the context of their Run, if their
// handlers publish.
//
// It waits no longer than ctx allows, and publishes and calls that wait end by themselves when their
// time is over. If the broker does not answer within DialTimeout, for example because it blocks
// publishers, the sockets are closed anyway, and an error says that it may not have read
// everything. When ctx ends earlier, publishes settle at once, the sockets are closed without
// waiting for the broker, and ctx's error is returned. A connection that is down, or lost meanwhile,
// is closed without an error. Closing twice is harmless.
func (c *Connection) Close(ctx context.Context) error {
	drained := c.clients.drain(ctx)
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	errs := make([]error, len(c.supervisors))
	var closing sync.WaitGroup
	for i, supervisor := range c.supervisors {
		closing.Go(func() { errs[i] = supervisor.close(ctx) })
	}
	closing.Wait()
	c.background.Wait()
	return errors.Join(drained, errors.Join(errs...))
}

// goBackground runs a goroutine that ends when the supervisors do, unless they have been closed
// already. It returns whether it does.
func (c *Connection) goBackground(run func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.background.Go(run)
	return true
}

// Connections is a pool of connections to one broker. Make it with ConnectionPool.
type Connections struct {
	connections []*Connection
}

// ConnectionPool returns a pool of n connections to b, at least one. Like DedicatedConnection it
// does not connect yet. Connections cost the broker more than channels do: use a pool when one
// socket limits a producer, or to go on producing while one connection reconnects.
func ConnectionPool(b Broker, n int) *Connections {
	pool := &Connections{}
	b = b.withDefaults()
	h := newHosts(&b)
	for i := range max(n, 1) {
		pool.connections = append(pool.connections, newConnection(b, fmt.Sprintf(" %d", i+1), h))
	}
	return pool
}

// Close closes all connections as Connection.Close does.
func (p *Connections) Close(ctx context.Context) error {
	errs := make([]error, len(p.connections))
	var closing sync.WaitGroup
	for i, connection := range p.connections {
		closing.Go(func() { errs[i] = connection.Close(ctx) })
	}
	closing.Wait()
	return errors.Join(errs...)
}

// ServerInfo is what a broker said about itself when a connection was opened, and what was agreed
// for the connection.
type ServerInfo struct {
	Address    string  // host and port
	Product    string  // such as "RabbitMQ"; empty if it does not say
	Version    string  // such as "4.1.0"; empty if it does not say
	Properties Headers // all of what the server says, with product and version

	ChannelMax int           // the largest number of channels of a connection
	FrameMax   int           // the size of the largest frame, in bytes
	Heartbeat  time.Duration // the interval between heartbeats; 0 means none

	// MaxMessageSize is the size in bytes of the largest body that is sent: what Broker says, or the
	// default of the server's version, or less if the server has named its limit.
	MaxMessageSize int
}

// Server returns what the broker says about itself, from the producers' network connection, or the
// consumers' if that is not open. In a cluster the two may lead to different nodes. connected is
// false while neither is open: nothing has used the Connection yet, it is reconnecting, or it has
// been closed.
func (c *Connection) Server() (server ServerInfo, connected bool) {
	for _, supervisor := range c.supervisors {
		if conn, _, _ := supervisor.current(); conn != nil {
			return conn.server(), true
		}
	}
	return ServerInfo{}, false
}

// server describes the server.
func (c *conn) server() ServerInfo {
	properties, _ := ownValue(c.library.Properties).(Headers)
	agreed := &c.library.Config
	s := ServerInfo{
		Address: c.address, Properties: properties,
		ChannelMax: int(agreed.ChannelMax), FrameMax: c.bodyFrame + frame.Overhead, Heartbeat: agreed.Heartbeat,
		MaxMessageSize: c.maxBody(),
	}
	s.Product, _ = properties["product"].(string)
	s.Version, _ = properties["version"].(string)
	return s
}

// ownValue returns a copy of a value of the client library in the types that headers have. It is
// the counterpart of fieldValue.
func ownValue(value any) any {
	switch value := value.(type) {
	case amqp.Table:
		headers := make(Headers, len(value))
		for name, field := range value {
			headers[name] = ownValue(field)
		}
		return headers
	case []any:
		values := make([]any, len(value))
		for i, element := range value {
			values[i] = ownValue(element)
		}
		return values
	case amqp.Decimal:
		return Decimal(value)
	}
	return value
}
