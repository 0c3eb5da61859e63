package asyncapi

// The hints for fields that public contracts have in amqp bindings, and that no version has there.
var (
	channelHints = map[string]string{
		"routingKey": ofRoutingKey,
		"name":       "write it into \"queue\" or \"exchange\"",
		"type":       "write it into \"exchange\"",
		"durable":    "write it into \"queue\" or \"exchange\"",
		"autoDelete": "write it into \"queue\" or \"exchange\"",
		"exclusive":  "write it into \"queue\"",
		"vhost":      "write it into \"queue\" or \"exchange\"",
		"arguments":  "write it into \"queue\" or \"exchange\"",
		"prefetch":   ofPrefetch,
	}

	// operationHints has hints for what the tables of one version read, too: they count for the other.
	operationHints = map[string]string{
		"replyTo":       "version 0.3.0 has removed it: use the operation's \"reply\"",
		"exchange":      "it belongs to the channel's binding",
		"queue":         "it belongs to the channel's binding; where there is an exchange, call it \"x-queue\"",
		"routingKey":    "write \"x-routing-key\"",
		"prefetch":      ofPrefetch,
		"prefetchCount": ofPrefetch,
		"consumerTag":   "write \"x-consumer: {tag: ...}\" into the queue of the channel's binding",
		"exclusive":     "write \"x-consumer: {exclusive: true}\" into the queue of the channel's binding",
		"noAck":         "write \"ack: false\"",
		"autoAck":       "write \"ack: false\"",
		"type":          ofMessageType,
		"contentType":   ofContentType,
		"appId":         "a program sets it with runtime.WithAppID",
		"messageId":     "each message gets an id, and a program may set its own with runtime.WithMessageID",
		"correlationId": "it belongs to the message",
		"headers":       "they belong to the message",
		"block":         "take it out: a consumer always runs until its context ends",
		"durable":       "it belongs to the queue or the exchange of the channel's binding",
		"autoDelete":    "it belongs to the queue or the exchange of the channel's binding",
		"arguments":     "it belongs to the queue or the exchange of the channel's binding",
		"persistent":    "write \"deliveryMode: 2\"",
		"confirm":       "take it out: producers wait for confirms",
	}

	messageHints = map[string]string{
		"is":             ofChannel,
		"exchange":       ofChannel,
		"queue":          ofChannel,
		"routingKey":     ofRoutingKey,
		"retry_queue":    "write \"x-retry\" into the queue of the channel's binding",
		"dead_queue":     "write \"x-dead-letter\" into the queue of the channel's binding",
		"type":           ofMessageType,
		"contentType":    ofContentType,
		"priority":       "it belongs to the operation's binding",
		"deliveryMode":   "it belongs to the operation's binding",
		"expiration":     "it belongs to the operation's binding",
		"retryPolicy":    "write \"x-retry\" into the queue of the channel's binding",
		"maxRetryPolicy": "write \"x-retry\" into the queue of the channel's binding",
	}

	exchangeHints = map[string]string{
		"routingKey":  "write \"x-routing-key\" beside the exchange",
		"contentType": ofContentType,
		"internal":    "an exchange to which clients cannot publish is declared by who feeds it: leave its type out, and it is not declared",
	}

	queueHints = map[string]string{
		"routingKey":    "write \"x-routing-key\" beside the queue, or \"x-bindings\" into it",
		"bindings":      "write \"x-bindings\"",
		"deadLetter":    "write \"x-dead-letter\"",
		"prefetch":      "write \"x-prefetch\"",
		"prefetchCount": "write \"x-prefetch\"",
		"type":          "write \"x-queue-type\"",
		"retry":         "write \"x-retry\"",
	}
)

const (
	ofChannel     = "it belongs to the channel's binding"
	ofRoutingKey  = "write \"x-routing-key\" into the binding of the channel"
	ofPrefetch    = "write \"x-prefetch\" into the queue of the channel's binding"
	ofMessageType = "write \"messageType\" into the amqp binding of the message"
	ofContentType = "write \"contentType\" into the message"
)
