package runtime

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// A Message is one AMQP message with the address it is published to or was delivered from.
type Message struct {
	Exchange   string // empty: the default exchange, which routes to the queue that RoutingKey names
	RoutingKey string
	Mandatory  bool // ask the broker to return the message if no queue takes it

	MessageID       string
	CorrelationID   string
	ReplyTo         string
	Type            string // the AMQP type property; generated clients set it to the contract's name of the message
	ContentType     string
	ContentEncoding string
	AppID           string
	UserID          string
	Persistent      bool          // a durable queue keeps the message when the broker restarts
	Priority        uint8         // matters in queues that have x-max-priority
	Expiration      time.Duration // how long it may wait in a queue, in whole milliseconds; 0 means no limit
	Timestamp       time.Time     // in whole seconds; the zero time means none
	Headers         Headers
	Body            []byte
}

// Headers is an AMQP field table. Values are those that AMQP 0-9-1 section 4.2.5.5 and RabbitMQ's
// errata allow: nil, bool, integers, floats, string, []byte, time.Time, []any and Headers.
type Headers map[string]any

// onWire returns m as package frame knows it.
func (m *Message) onWire() *frame.Message[Headers] { return (*frame.Message[Headers])(m) }

// An Outcome says what became of a publish.
type Outcome uint8

// The outcomes of a publish. Unknown is the zero value: nothing is promised unless the broker has
// said so.
const (
	// OutcomeUnknown: the broker may or may not have the message.
	OutcomeUnknown Outcome = iota
	// OutcomeAcked: the broker took responsibility for the message and, if it was mandatory, routed
	// it to at least one queue.
	OutcomeAcked
	// OutcomeNacked: a queue refused the message, for example because it is full and its overflow is
	// reject-publish. Other queues that the exchange routes to may have it.
	OutcomeNacked
	// OutcomeReturned: no queue is bound for the message; the broker does not have it.
	OutcomeReturned
	// OutcomeNotSent: the broker does not have the message and never will.
	OutcomeNotSent
	// OutcomeWritten: the connection has accepted the message, on a channel without confirms;
	// nothing more will be known.
	OutcomeWritten
)

// outcomes is the number of outcomes.
const outcomes = OutcomeWritten + 1

// String returns the outcome in lower case, for logs and metrics.
func (o Outcome) String() string {
	names := [outcomes]string{OutcomeUnknown: "unknown", OutcomeAcked: "acked", OutcomeNacked: "nacked", OutcomeReturned: "returned", OutcomeNotSent: "not sent", OutcomeWritten: "written"}
	if o < outcomes {
		return names[o]
	}
	return fmt.Sprintf("Outcome(%d)", uint8(o))
}

// A Settlement is the end of one publish.
type Settlement struct {
	Outcome Outcome
	Reply   Reply // the broker's reply when Outcome is OutcomeReturned
	Err     error // the reason when Outcome is OutcomeUnknown or OutcomeNotSent; with OutcomeNotSent, a *ChannelError means that the broker refuses the message for good
}

// A Reply is a code and a text of the broker, as in basic.return and channel.close (AMQP 0-9-1,
// section 1.2).
type Reply struct {
	Code uint16
	Text string
}

// String returns the code and the text as the broker writes them: 312 NO_ROUTE.
func (r Reply) String() string { return fmt.Sprintf("%d %s", r.Code, r.Text) }

// newUUID returns a UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970, then random
// bits. It sorts by time.
func newUUID(now time.Time) string {
	var id [16]byte
	_, _ = rand.Read(id[6:]) // never fails
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(now.UnixMilli()))
	copy(id[:6], millis[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80

	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// A Decimal is an AMQP decimal in a header: its int32 Value divided by ten to the power of its uint8
// Scale.
type Decimal = frame.Decimal

// A Delivery is one message that arrived, and the way to answer it. It must be answered once: a
// second answer is an error and sends nothing. Handlers usually answer with what they return.
type Delivery struct {
	Message
	Queue         string    // that it came from
	Redelivered   bool      // it was delivered before, to this consumer or another
	DeliveryCount int       // number of earlier deliveries: x-delivery-count of a quorum queue; 0 if the broker does not count
	Arrived       time.Time // in this process; the zero time if its source does not say
	Tag           uint64    // its number on the channel, which identifies it in answers

	// Acknowledger is the channel that the delivery arrived on. Sources set it.
	Acknowledger Acknowledger

	invalid   error              // why its properties could not be read
	profile   *EncryptionProfile // that it was encrypted with; nil if it was not
	encodings contentEncodings   // of its consumer, for the reply
	reply     *reply             // to publish before it is acknowledged; nil if there is none
}

// An Acknowledger sends the answers to deliveries. An answer to a delivery whose channel is dead
// returns ErrStale and sends no frame.
type Acknowledger interface {
	Ack(tag uint64, multiple bool) error
	Reject(tag uint64, requeue bool) error
}

// Ack acknowledges the delivery before the handler returns. If the handler returns an error
// afterwards, the error is only reported. Ack returns ErrStale when the channel has died and
// ErrAnswered when the delivery has an answer.
func (d *Delivery) Ack() error { return d.Acknowledger.Ack(d.Tag, false) }

// Reject rejects the delivery before the handler returns: the broker puts it back into its queue,
// or dead-letters it (or drops it, if the queue has no dead-letter exchange). Its errors are those
// of Ack.
func (d *Delivery) Reject(requeue bool) error { return d.Acknowledger.Reject(d.Tag, requeue) }

// Address returns host and port of the node that the delivery came from, or "" if its source does
// not say.
func (d *Delivery) Address() string { return nodeOf(d.Acknowledger) }

// DeliveryFrom returns the delivery that a handler was called for: its message id, headers, routing
// key and redelivery count. The delivery and its contents must not be changed. It returns nil if
// ctx is not a handler's (see ContextWithDelivery).
func DeliveryFrom(ctx context.Context) *Delivery {
	delivery, _ := ctx.Value(deliveryKey{}).(*Delivery)
	return delivery
}

// ContextWithDelivery returns a context from which DeliveryFrom returns delivery. Consumers call
// handlers with one; tests of a handler make their own.
func ContextWithDelivery(ctx context.Context, delivery *Delivery) context.Context {
	return context.WithValue(ctx, deliveryKey{}, delivery)
}

type deliveryKey struct{}

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
