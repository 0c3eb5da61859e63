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

// WithMessageID sets the message id, for those who have one of their own: the key of
// a request, for example, by which a consumer recognises a second copy.
func WithMessageID(id string) PublishOption {
	return publishOption(func(m *Message) { m.MessageID = id })
}

// WithRoutingKey replaces the routing key of the contract.
func WithRoutingKey(key string) PublishOption {
	return publishOption(func(m *Message) { m.RoutingKey = key })
}

// WithHeaders adds headers. They replace those of the same name.
func WithHeaders(headers Headers) PublishOption {
	return publishOption(func(m *Message) {
		if m.Headers == nil {
			m.Headers = make(Headers, len(headers))
		}
		maps.Copy(m.Headers, headers)
	})
}

// WithCorrelationID sets the correlation id, which ties an answer to its question.
func WithCorrelationID(id string) PublishOption {
	return publishOption(func(m *Message) { m.CorrelationID = id })
}

// WithReplyTo sets the queue that answers are to be published to.
func WithReplyTo(queue string) PublishOption {
	return publishOption(func(m *Message) { m.ReplyTo = queue })
}

// WithPriority sets the priority, which counts in queues that have x-max-priority.
func WithPriority(priority uint8) PublishOption {
	return publishOption(func(m *Message) { m.Priority = priority })
}

// WithExpiration sets how long the message may wait in a queue, in whole milliseconds and
// 10 years at most. 0 means for ever; with less than 0 the message has expired, and is not
// sent.
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
