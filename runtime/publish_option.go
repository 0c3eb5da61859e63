package runtime

import (
	"maps"
	"time"
)

// A PublishOption changes one publish.
type PublishOption interface {
	applyToPublish(*Message)
}

type publishOption func(*Message)

func (o publishOption) applyToPublish(m *Message) { o(m) }

// WithMessageID sets the message id, for callers that have their own: for example the key of a
// request, by which a consumer recognises a duplicate.
func WithMessageID(id string) PublishOption {
	return publishOption(func(m *Message) { m.MessageID = id })
}

// WithRoutingKey replaces the routing key of the contract.
func WithRoutingKey(key string) PublishOption {
	return publishOption(func(m *Message) { m.RoutingKey = key })
}

// WithHeaders adds headers. They replace those with the same name.
func WithHeaders(headers Headers) PublishOption {
	return publishOption(func(m *Message) {
		if m.Headers == nil {
			m.Headers = make(Headers, len(headers))
		}
		maps.Copy(m.Headers, headers)
	})
}

// WithCorrelationID sets the correlation id, which links a reply to its request: the AMQP property and,
// where the contract has it in a header, that header too. An id in the payload stays as it is.
func WithCorrelationID(id string) PublishOption {
	return publishOption(func(m *Message) { m.CorrelationID = id })
}

// WithReplyTo sets the queue for replies.
func WithReplyTo(queue string) PublishOption {
	return publishOption(func(m *Message) { m.ReplyTo = queue })
}

// WithPriority sets the priority, which matters in queues that have x-max-priority.
func WithPriority(priority uint8) PublishOption {
	return publishOption(func(m *Message) { m.Priority = priority })
}

// WithExpiration sets how long the message may wait in a queue, in whole milliseconds and 10 years
// at most. 0 means no limit; a message with a negative value has expired and is not sent.
func WithExpiration(limit time.Duration) PublishOption {
	return publishOption(func(m *Message) { m.Expiration = limit })
}

// WithTimestamp sets the timestamp property, which has whole seconds.
func WithTimestamp(at time.Time) PublishOption {
	return publishOption(func(m *Message) { m.Timestamp = at })
}

// WithAppID sets the id of the publishing application.
func WithAppID(id string) PublishOption {
	return publishOption(func(m *Message) { m.AppID = id })
}
