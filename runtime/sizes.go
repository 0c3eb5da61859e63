package runtime

import (
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

const (
	// maxShort is the length of the longest AMQP short string, in bytes.
	maxShort = 255

	// maxHeaders is the size of the largest header table that is sent, in bytes. It
	// travels in one frame, of 128 KiB, together with the other properties.
	maxHeaders = 120 << 10
)

// checkSizes refuses what would cost the whole channel, or the whole connection,
// were it written: text too long for its field, values that AMQP does not have,
// bodies that the broker does not take. Such a message is unsendable.
func checkSizes(m *Message, maxBody int) error {
	if fits(m, maxBody) {
		return nil
	}
	if err := findOversize(m, maxBody); err != nil {
		return unsendable{err}
	}
	return nil
}

// fits says whether m is certainly not too large. It is quick.
func fits(m *Message, maxBody int) bool {
	longest := max(len(m.Exchange), len(m.RoutingKey), len(m.MessageID), len(m.CorrelationID), len(m.ReplyTo),
		len(m.Type), len(m.ContentType), len(m.ContentEncoding), len(m.AppID), len(m.UserID))
	return longest <= maxShort && len(m.Body) <= maxBody && len(m.Headers) == 0
}

// findOversize says what is too large.
func findOversize(m *Message, maxBody int) error {
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
	if len(m.Body) > maxBody {
		return fmt.Errorf("body: %d bytes are more than Broker.MaxMessageSize, %d", len(m.Body), maxBody)
	}
	if len(m.Headers) == 0 {
		return nil
	}
	size, err := tableSize(m.Headers)
	if err != nil {
		return fmt.Errorf("header %w", err)
	}
	if size > maxHeaders {
		return fmt.Errorf("headers: %d bytes are more than the %d that fit into a frame", size, maxHeaders)
	}
	return nil
}

// tableSize returns how many bytes a table takes on the wire.
func tableSize(table map[string]any) (int, error) {
	total := 4
	for name, value := range table {
		if len(name) > maxShort {
			return 0, fmt.Errorf("%.20q...: the name's %d bytes are longer than the %d that AMQP allows", name, len(name), maxShort)
		}
		size, err := fieldSize(value)
		if err != nil {
			return 0, fmt.Errorf("%q: %w", name, err)
		}
		total += 1 + len(name) + size
	}
	return total, nil
}

// fieldSize returns how many bytes a value takes on the wire, at most.
func fieldSize(value any) (int, error) {
	switch value := value.(type) {
	case nil, bool, int8, uint8, int16, uint16, int32, uint32, int64, int, float32, float64, time.Time, amqp.Decimal:
		return 9, nil
	case string:
		return 5 + len(value), nil
	case []byte:
		return 5 + len(value), nil
	case Headers:
		return tableSize(value)
	case map[string]any:
		return tableSize(value)
	case []any:
		return arraySize(value)
	case []string:
		total := 5
		for _, element := range value {
			total += 5 + len(element)
		}
		return total, nil
	}
	return 0, fmt.Errorf("AMQP has no type for a %T", value)
}

func arraySize(values []any) (int, error) {
	total := 5
	for i, value := range values {
		size, err := fieldSize(value)
		if err != nil {
			return 0, fmt.Errorf("[%d]: %w", i, err)
		}
		total += size
	}
	return total, nil
}
