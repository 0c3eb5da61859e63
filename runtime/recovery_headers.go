package runtime

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// Recovery keeps its data in a header named rascal. It is a table with the layout of the Node
// library Rascal, so that both can read each other's messages:
//
//	rascal.originalQueue, .originalExchange, .originalRoutingKey
//	rascal.originalOffset                 of a message from a stream (ours)
//	rascal.restoreRoutingHeaders          true: consumers see the original exchange and key
//	rascal.recovery.<queue>.republished   how often it was published again to that queue
//	rascal.recovery.<queue>.forwarded     how often it was forwarded from it
//	rascal.recovery.<queue>.deadLettered  how often it failed again as a dead letter (ours)
//	rascal.error.message, .code           of the last failure
//	rascal.error.droppedHeaders           names of headers that left no room for these (ours)
const rascalHeader = "rascal"

// maxErrorText limits the error in a header, in bytes.
const maxErrorText = 1024

// message returns what is published for an action.
func (f *failure) message(a action) *Message {
	message := f.delivery.Message
	message.Exchange, message.RoutingKey = "", a.queue
	message.Mandatory, message.Persistent = true, true
	message.Expiration = 0 // a dead letter must not expire, and a retry queue has its own time-to-live
	message.UserID = ""    // the broker refuses a user id that is not the connection's
	message.Headers = f.headers(a)
	return &message
}

// headers returns the delivery's headers with the data of recovery.
func (f *failure) headers(a action) Headers {
	headers := f.baseHeaders()
	delete(headers, ccHeader)           // the broker would route copies by it
	delete(headers, "x-delivery-count") // it counts for the queue that the message leaves
	delete(headers, "x-acquired-count") // so does this, since RabbitMQ 4.3
	offset, fromStream := headers[offsetHeader]
	delete(headers, offsetHeader) // it is of the stream
	uncounted := errors.Is(f.err, errUncounted)
	if a.kind == EventRetried && !uncounted {
		delete(headers, "x-death") // the broker drops a message if it sees a dead-letter cycle
	}
	rascal := headers.branch(rascalHeader)
	if fromStream {
		rascal["originalOffset"] = offset
	}
	rascal["originalQueue"] = f.delivery.Queue
	rascal["originalExchange"] = f.delivery.Exchange
	rascal["originalRoutingKey"] = f.delivery.RoutingKey
	rascal["restoreRoutingHeaders"] = true
	if uncounted && !f.headersDropped { // it has not failed
		return headers
	}
	failed := rascal.branch("error")
	failed["message"], failed["code"] = truncate(f.err.Error(), maxErrorText), errorCode(f.err)
	if f.headersDropped {
		failed["droppedHeaders"] = f.droppedHeaders()
	}
	if count := f.counted(a); count != "" {
		own := rascal.branch("recovery").branch(f.delivery.Queue)
		own[count] = int64(f.delivery.recoveryCount(count) + 1)
	}
	return headers
}

// baseHeaders returns a copy of the delivery's headers. If headersDropped, it returns only those
// that recovery and decryption need.
func (f *failure) baseHeaders() Headers {
	if !f.headersDropped {
		return f.delivery.Headers.copied()
	}
	rascal := make(Headers)
	came, _ := f.delivery.Headers[rascalHeader].(Headers)
	if encryption, ok := came["encryption"].(Headers); ok {
		if size, err := frame.TableSize(encryption); err == nil && size <= maxErrorText {
			rascal["encryption"] = encryption
		}
	}
	for _, count := range [...]string{"republished", "forwarded", "deadLettered"} {
		if n := f.delivery.recoveryCount(count); n > 0 {
			rascal.branch("recovery").branch(f.delivery.Queue)[count] = int64(n)
		}
	}
	return Headers{rascalHeader: rascal}
}

// droppedHeaders returns the names of the headers that were dropped.
func (f *failure) droppedHeaders() string {
	names := slices.Sorted(maps.Keys(f.delivery.Headers))
	names = slices.DeleteFunc(names, func(name string) bool { return name == rascalHeader })
	return truncate(strings.Join(names, ", "), maxErrorText)
}

// counted returns the name of the count that an action increases.
func (f *failure) counted(a action) string {
	switch {
	case a.kind == EventRetried:
		return "republished"
	case a.kind == EventForwarded:
		return "forwarded"
	case a.queue == f.delivery.Queue: // a dead letter that stays where it is
		return "deadLettered"
	}
	return ""
}

// errorCode returns the code of an error: its own if it has one.
func errorCode(err error) string {
	var coded interface{ Code() string }
	switch {
	case errors.As(err, &coded):
		return coded.Code()
	case isType[*InvalidError](err):
		return "invalid_content"
	case isType[*PanicError](err):
		return "panic"
	case isType[*RedeliveryError](err):
		return "redelivery_limit"
	}
	return "handler_error"
}

// recoveryCount returns one of the counts of recovery for the delivery's queue.
func (d *Delivery) recoveryCount(name string) int {
	rascal, _ := d.Headers[rascalHeader].(Headers)
	recovery, _ := rascal["recovery"].(Headers)
	own, _ := recovery[d.Queue].(Headers)
	count, _ := integer(own[name])
	return int(min(max(count, 0), 1<<30))
}

// restoreAddress sets the exchange and routing key of a delivery that recovery has published again
// to the original ones.
func restoreAddress(d *Delivery) {
	rascal, _ := d.Headers[rascalHeader].(Headers)
	if restore, _ := rascal["restoreRoutingHeaders"].(bool); !restore {
		return
	}
	if exchange, ok := rascal["originalExchange"].(string); ok {
		d.Exchange = exchange
	}
	if key, ok := rascal["originalRoutingKey"].(string); ok {
		d.RoutingKey = key
	}
}

// branch returns a copy of the table under name, which replaces it and may be changed.
func (h Headers) branch(name string) Headers {
	table, _ := h[name].(Headers)
	table = table.copied()
	h[name] = table
	return table
}

// integer returns the value of any of the integers in AMQP tables, or of a float without a
// fraction, which is how JavaScript writes some integers.
func integer(value any) (int64, bool) {
	switch value := value.(type) {
	case int:
		return int64(value), true
	case int8:
		return int64(value), true
	case int16:
		return int64(value), true
	case int32:
		return int64(value), true
	case int64:
		return value, true
	case uint8:
		return int64(value), true
	case uint16:
		return int64(value), true
	case uint32:
		return int64(value), true
	case float64:
		return int64(value), value == float64(int64(value))
	}
	return 0, false
}

// truncate shortens text to at most limit bytes, between two characters.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
