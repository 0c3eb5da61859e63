package runtime

import (
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	// maxShort is the length of the longest AMQP short string, in bytes.
	maxShort = 255

	// maxExpiration is the longest expiration that RabbitMQ accepts.
	maxExpiration = 10 * 365 * 24 * time.Hour
)

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
	return longest <= maxShort && len(m.Body) <= limit.body && len(m.Headers) == 0 && m.ReplyTo != directReplyTo &&
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
		if len(field.text) > maxShort {
			return fmt.Errorf("%s: %d bytes are longer than the %d that AMQP allows", field.name, len(field.text), maxShort)
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
	table, err := tableSize(m.Headers, maxDepth)
	if err != nil {
		return fmt.Errorf("header %w", err)
	}
	if size := propertiesSize(m) + table; size > limit.payload {
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

// propertiesSize returns the maximum size of a content header's payload without the table of
// headers, in bytes.
func propertiesSize(m *Message) int {
	const fixed = 2 + 2 + 8 + 2 + 1 + 1 + 20 + 8 // class, weight, body size, flags; delivery mode, priority, expiration, timestamp
	return fixed + 9 + len(m.ContentType) + len(m.ContentEncoding) + len(m.CorrelationID) + len(m.ReplyTo) +
		len(m.MessageID) + len(m.Type) + len(m.UserID) + len(m.AppID)
}

// tableSize returns the maximum size of a table on the wire, in bytes. depth limits how deeply
// tables are nested: consumers read as many levels.
func tableSize(table map[string]any, depth int) (int, error) {
	if depth == 0 {
		return 0, errDeep
	}
	total := 4
	for name, value := range table {
		if len(name) > maxShort {
			return 0, fmt.Errorf("%.20q...: the name's %d bytes are longer than the %d that AMQP allows", name, len(name), maxShort)
		}
		size, err := fieldSize(value, depth)
		if err != nil {
			return 0, fmt.Errorf("%q: %w", name, err)
		}
		total += 1 + len(name) + size
	}
	return total, nil
}

// fieldSize returns the maximum size of a value with its type on the wire, in bytes.
func fieldSize(value any, depth int) (int, error) {
	switch value := value.(type) {
	case nil, bool, int8, uint8, int16, uint16, int32, uint32, int64, int, time.Time, Decimal:
		return 9, nil
	case float32:
		return fieldSize(float64(value), depth)
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return 0, fmt.Errorf("%v is a number that RabbitMQ cannot read", value)
		}
		return 9, nil
	case string:
		return 5 + len(value), nil
	case []byte:
		return 5 + len(value), nil
	case Headers:
		size, err := tableSize(value, depth-1)
		return 1 + size, err
	case map[string]any:
		size, err := tableSize(value, depth-1)
		return 1 + size, err
	case []any:
		return arraySize(value, depth-1)
	case []string:
		return arraySize(value, depth-1)
	}
	return 0, fmt.Errorf("AMQP has no type for a %T", value)
}

func arraySize[T any](values []T, depth int) (int, error) {
	if depth == 0 {
		return 0, errDeep
	}
	total := 5
	for i, value := range values {
		size, err := fieldSize(any(value), depth)
		if err != nil {
			return 0, fmt.Errorf("[%d]: %w", i, err)
		}
		total += size
	}
	return total, nil
}
