package runtime

import (
	"fmt"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// maxExpiration is the longest expiration that RabbitMQ accepts.
const maxExpiration = 10 * 365 * 24 * time.Hour

// limits are what a connection accepts.
type limits struct {
	body    int // the largest body, in bytes
	payload int // the largest payload of a frame, in bytes; it also limits a content header
}

// checkMessage refuses what would end the channel, or the whole connection, if it were written:
// what exceeds the limits, text that is too long for its field, values that AMQP does not have or
// RabbitMQ cannot read, and times and reply-to values that it does not accept. Such a message is
// unsendable.
func checkMessage(m *Message, limit limits) error {
	if fits(m, limit) {
		return nil
	}
	if err := findUnsendable(m, limit); err != nil {
		return unsendable{err}
	}
	return nil
}

// unsendable is the error of a message that no channel will ever accept.
type unsendable struct{ error }

func (e unsendable) Unwrap() error { return e.error }

// fits reports whether m can certainly be sent. It is fast and does not look at headers: a message
// with headers never fits. Without headers, no content header is larger than AMQP's smallest frame.
func fits(m *Message, limit limits) bool {
	longest := max(len(m.Exchange), len(m.RoutingKey), len(m.MessageID), len(m.CorrelationID), len(m.ReplyTo),
		len(m.Type), len(m.ContentType), len(m.ContentEncoding), len(m.AppID), len(m.UserID))
	return longest <= frame.MaxShort && len(m.Body) <= limit.body && len(m.Headers) == 0 && m.ReplyTo != directReplyTo &&
		m.Expiration >= 0 && m.Expiration <= maxExpiration
}

// findUnsendable returns why m cannot be sent.
func findUnsendable(m *Message, limit limits) error {
	for _, field := range [...]struct{ name, text string }{
		{"exchange", m.Exchange},
		{"routing key", m.RoutingKey},
		{"message id", m.MessageID},
		{"correlation id", m.CorrelationID},
		{"reply-to", m.ReplyTo},
		{"type", m.Type},
		{"content type", m.ContentType},
		{"content encoding", m.ContentEncoding},
		{"app id", m.AppID},
		{"user id", m.UserID},
	} {
		if len(field.text) > frame.MaxShort {
			return fmt.Errorf("%s: %d bytes are longer than the %d that AMQP allows", field.name, len(field.text), frame.MaxShort)
		}
	}
	switch {
	case len(m.Body) > limit.body:
		return fmt.Errorf("body: %d bytes are more than the broker accepts, %d (see Broker.MaxMessageSize)", len(m.Body), limit.body)
	case m.Expiration < 0:
		return fmt.Errorf("expiration: %v is negative: the message has expired", m.Expiration)
	case m.Expiration > maxExpiration:
		return fmt.Errorf("expiration: %v is longer than the 10 years that RabbitMQ allows; 0 means no limit", m.Expiration)
	}
	if m.ReplyTo == directReplyTo {
		return fmt.Errorf("reply-to: %s stands for a consumer of the channel that publishes, and producers have none", directReplyTo)
	}
	for _, name := range [...]string{ccHeader, bccHeader} {
		if value, ok := m.Headers[name]; ok && !isList(value) {
			return fmt.Errorf("header %q: RabbitMQ takes additional routing keys from it, so it must be a list of strings", name)
		}
	}
	size, err := frame.HeaderSize(m.onWire())
	if err != nil {
		return fmt.Errorf("header %w", err)
	}
	if size > limit.payload {
		return fmt.Errorf("headers: with the other properties they take %d bytes, more than the %d that fit into a frame", size, limit.payload)
	}
	return nil
}

// The headers that RabbitMQ takes additional routing keys from. It removes BCC from the message.
const (
	ccHeader  = "CC"
	bccHeader = "BCC"
)

// isList reports whether value is a list of strings.
func isList(value any) bool {
	switch value := value.(type) {
	case []string:
		return true
	case []any:
		return !slices.ContainsFunc(value, func(v any) bool {
			_, text := v.(string)
			return !text
		})
	}
	return false
}
