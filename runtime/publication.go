package runtime

import "time"

// A Publication describes how the messages of one contract message are published. Generated
// producers hold one for each message; it must not be changed.
type Publication struct {
	Name            string // the contract's name of the message, for errors and observers
	Exchange        string
	RoutingKey      string      // with Parameters it has their names in braces
	Parameters      []Parameter // of the routing key
	Type            string      // the AMQP type property
	ContentType     string      // empty: detected from the payload
	ContentEncoding string
	UserID          string
	ReplyTo         string
	Priority        uint8
	Expiration      time.Duration
	Transient       bool   // not persistent (delivery mode 1)
	Optional        bool   // not mandatory: the broker drops the message if no queue takes it
	Timestamp       bool   // set the timestamp property to the time of the publish
	CorrelationID   string // where else a correlation id is: $message.header#/correlation_id or $message.payload#/order/id; empty: only in the AMQP property
	CC              []string
	BCC             []string
}

// fill sets everything in m except the message id and the body.
func (p *Publication) fill(m *Message, now time.Time) {
	*m = Message{
		Exchange:        p.Exchange,
		RoutingKey:      p.RoutingKey,
		Mandatory:       !p.Optional,
		ReplyTo:         p.ReplyTo,
		Type:            p.Type,
		ContentType:     p.ContentType,
		ContentEncoding: p.ContentEncoding,
		UserID:          p.UserID,
		Persistent:      !p.Transient,
		Priority:        p.Priority,
		Expiration:      p.Expiration,
	}
	if p.Timestamp {
		m.Timestamp = now
	}
	m.copyTo(ccHeader, p.CC)
	m.copyTo(bccHeader, p.BCC)
}

// copyTo sets a header that RabbitMQ takes additional routing keys from.
func (m *Message) copyTo(header string, keys []string) {
	if len(keys) == 0 {
		return
	}
	if m.Headers == nil {
		m.Headers = make(Headers)
	}
	m.Headers[header] = keys
}
