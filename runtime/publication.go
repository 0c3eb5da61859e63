package runtime

import "time"

// A Publication says how the messages of one contract message go on the wire.
// Generated producers hold one for each message; it must not be changed.
type Publication struct {
	Name            string // the contract's name of the message, for errors and observers
	Exchange        string
	RoutingKey      string
	Type            string // the AMQP type property
	ContentType     string // empty: detected from the payload
	ContentEncoding string
	UserID          string
	ReplyTo         string
	Priority        uint8
	Expiration      time.Duration
	Transient       bool // not persistent (delivery mode 1)
	Optional        bool // not mandatory: the broker drops the message when no queue takes it
	Timestamp       bool // set the timestamp property to the time of the publish
	CC              []string
	BCC             []string
}
