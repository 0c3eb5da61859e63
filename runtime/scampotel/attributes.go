package scampotel

import (
	"errors"
	"net"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// Attributes of our own, for what the conventions have no name for.
const (
	attemptsKey    = attribute.Key("scamp.publish.attempts")
	outcomeKey     = attribute.Key("scamp.outcome")
	queueKey       = attribute.Key("scamp.queue")
	eventKey       = attribute.Key("scamp.event")
	linkKey        = attribute.Key("scamp.link")
	redeliveredKey = attribute.Key("scamp.redelivered")
	connectionKey  = attribute.Key("scamp.connection.name")
	stateKey       = attribute.Key("scamp.state")
	refusedKey     = attribute.Key("scamp.refused")
	passiveKey     = attribute.Key("scamp.passive")
	sourceKey      = attribute.Key("scamp.source")
)

// An operation is one that the conventions know, with our name for it.
type operation struct {
	name string
	kind attribute.KeyValue // messaging.operation.type
}

var (
	sending    = operation{"send", semconv.MessagingOperationTypeSend}
	processing = operation{"process", semconv.MessagingOperationTypeProcess}
)

// A destination is where a message is sent to or comes from.
type destination struct {
	name       string // as the conventions for RabbitMQ have it
	template   string // the name without what may have many values; empty if that is the name
	routingKey string
	anonymous  bool // a queue for the replies of one Caller, or one that the broker has named
}

// label returns the destination with few different values: for names of spans and for metrics.
func (d *destination) label() string {
	if d.template != "" {
		return d.template
	}
	return d.name
}

// sentTo returns where a publish goes.
func (t *Telemetry) sentTo(exchange, routingKey string) destination {
	d := destination{name: joined(exchange, routingKey), routingKey: routingKey}
	switch {
	case d.name == "":
		d.name = "amq.default"
	case exchange == "" && isAnonymous(routingKey):
		d.template, d.anonymous = anonymous, true
	case exchange != "" && routingKey != "" && !t.config.routingKeys:
		d.template = joined(exchange, keyTemplate)
	}
	return d
}

// receivedFrom returns where a delivery comes from.
func (t *Telemetry) receivedFrom(delivery *runtime.Delivery) destination {
	exchange, key, queue := delivery.Exchange, delivery.RoutingKey, delivery.Queue
	d := destination{name: joined(exchange, key, queue), routingKey: key, anonymous: isAnonymous(queue)}
	if key == queue {
		d.name = joined(exchange, queue)
	}
	switch {
	case d.anonymous:
		d.template = joined(exchange, anonymous)
	case exchange != "" && key != "" && key != queue && !t.config.routingKeys:
		d.template = joined(exchange, keyTemplate, queue)
	}
	return d
}

const (
	keyTemplate = "{routing_key}"
	anonymous   = "(anonymous)"
)

// joined joins those parts that are not empty.
func joined(parts ...string) string {
	var text string
	for _, part := range parts {
		switch {
		case part == "":
		case text == "":
			text = part
		default:
			text += ":" + part
		}
	}
	return text
}

// isAnonymous reports whether a queue has a name that was made for it: by the broker, or by a
// runtime.Caller, which adds 26 characters of base32 (crypto/rand.Text).
func isAnonymous(queue string) bool {
	if strings.HasPrefix(queue, "amq.gen-") {
		return true
	}
	random, ok := strings.CutPrefix(queue, "replies.")
	return ok && len(random) == 26 && strings.Trim(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// common returns what spans and metrics of an operation have in common, with room for more.
func common(op operation, d *destination, address string) []attribute.KeyValue {
	attributes := append(make([]attribute.KeyValue, 0, 16),
		semconv.MessagingSystemRabbitMQ, semconv.MessagingOperationName(op.name), op.kind)
	if d.template != "" {
		attributes = append(attributes, semconv.MessagingDestinationTemplate(d.template))
	}
	return append(attributes, server(address)...)
}

// ofSpan returns the attributes of a span at its beginning.
func (t *Telemetry) ofSpan(op operation, d *destination, address string, m *runtime.Message) []attribute.KeyValue {
	attributes := append(common(op, d, address), semconv.MessagingDestinationName(d.name))
	if d.anonymous {
		attributes = append(attributes, semconv.MessagingDestinationAnonymous(true), semconv.MessagingDestinationTemporary(true))
	}
	if d.routingKey != "" {
		attributes = append(attributes, semconv.MessagingRabbitMQDestinationRoutingKey(d.routingKey))
	}
	if m.MessageID != "" {
		attributes = append(attributes, semconv.MessagingMessageID(m.MessageID))
	}
	if m.CorrelationID != "" {
		attributes = append(attributes, semconv.MessagingMessageConversationID(m.CorrelationID))
	}
	if t.config.sizes {
		attributes = append(attributes, semconv.MessagingMessageBodySize(len(m.Body)))
	}
	return attributes
}

// ofDelivery returns the attributes of the span of an operation on a delivery.
func (t *Telemetry) ofDelivery(op operation, d *destination, delivery *runtime.Delivery) []attribute.KeyValue {
	attributes := append(t.ofSpan(op, d, delivery.Address(), &delivery.Message),
		semconv.MessagingRabbitMQMessageDeliveryTag(int(delivery.Tag)))
	if delivery.Redelivered {
		attributes = append(attributes, redeliveredKey.Bool(true))
	}
	return attributes
}

// ofMetric returns the attributes of a measurement. failed is nil if the operation has succeeded.
func ofMetric(op operation, d *destination, address string, failed error) attribute.Set {
	attributes := common(op, d, address)
	if d.template == "" {
		attributes = append(attributes, semconv.MessagingDestinationName(d.name))
	}
	if failed != nil {
		attributes = append(attributes, errorType(failed))
	}
	return attribute.NewSet(attributes...)
}

// server returns the attributes of a node's host and port, if they are known.
func server(address string) []attribute.KeyValue {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return []attribute.KeyValue{semconv.ServerAddress(host)}
	}
	return []attribute.KeyValue{semconv.ServerAddress(host), semconv.ServerPort(number)}
}

// errorType returns error.type: how a publish ended, what a consumer's recovery writes into the
// headers of a dead letter, or else the type of the error.
func errorType(err error) attribute.KeyValue {
	if kind := publishError(err); kind != "" {
		return semconv.ErrorTypeKey.String(kind)
	}
	if coded, ok := errors.AsType[interface {
		error
		Code() string
	}](err); ok {
		return semconv.ErrorTypeKey.String(coded.Code())
	}
	if _, ok := errors.AsType[*runtime.InvalidError](err); ok {
		return semconv.ErrorTypeKey.String("invalid_content")
	}
	if _, ok := errors.AsType[*runtime.PanicError](err); ok {
		return semconv.ErrorTypeKey.String("panic")
	}
	return semconv.ErrorType(err)
}

// publishError returns the outcome of a publish that has failed, or "" if err is not the error of a
// publish.
func publishError(err error) string {
	if _, ok := errors.AsType[*runtime.UnknownError](err); ok {
		return "unknown"
	}
	if _, ok := errors.AsType[*runtime.ReturnedError](err); ok {
		return "returned"
	}
	switch {
	case errors.Is(err, runtime.ErrNacked):
		return "nacked"
	case errors.Is(err, runtime.ErrNotSent):
		return "not_sent"
	}
	return ""
}
