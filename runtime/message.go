package runtime

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
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
func newUUID() string {
	var id [16]byte
	_, _ = rand.Read(id[6:]) // never fails
	var now [8]byte
	binary.BigEndian.PutUint64(now[:], uint64(time.Now().UnixMilli()))
	copy(id[:6], now[2:])
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
