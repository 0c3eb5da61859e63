package runtime

import (
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

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
