package runtime

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/scampgen/scampgen/runtime/internal/frame"
)

// appender is a payload that encodes itself, as generated messages do. It must not keep dst.
type appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

// validator is a payload that knows its schema, as generated messages do.
type validator interface {
	Validate() error
}

// encode sets the message's body, calls the middleware, and makes the message what AMQP carries. The
// channel checks the broker's own limits.
func (o *outgoing) encode(payload any) error {
	config := &o.producer.config
	if err := o.message.setBody(payload, !config.notValidated, o.appendJSON); err != nil {
		return err
	}
	if config.encryption == nil { // what is encrypted stays so
		o.publication.correlateBody(&o.message)
	}
	if err := o.publication.address(&o.message); err != nil {
		return err
	}
	if len(config.middleware) > 0 {
		if err := o.intercepted.pass(&o.ctx, &o.message, config.middleware); err != nil {
			return err
		}
	}
	return o.message.seal(config.encodings, config.encryption, o.keepRoom)
}

// setBody validates a payload and makes it m's body. If m has no content type, it gets the usual
// one. appendJSON encodes a payload that encodes itself.
func (m *Message) setBody(payload any, validate bool, appendJSON func(appender) ([]byte, error)) error {
	if at := reflect.ValueOf(payload); at.Kind() == reflect.Pointer && at.IsNil() {
		return errors.New("the message is a nil pointer")
	}
	if v, ok := payload.(validator); ok && validate {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("validate: %w", err)
		}
	}
	var err error
	usual := "application/json"
	switch payload := payload.(type) {
	case appender:
		m.Body, err = appendJSON(payload)
	case string:
		m.Body, usual = []byte(payload), "text/plain"
	case []byte:
		m.Body, usual = payload, "application/octet-stream"
	default:
		m.Body, err = json.Marshal(payload)
	}
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	m.ContentType = cmp.Or(m.ContentType, usual)
	return nil
}

// seal compresses m, encrypts it unless profile is nil, and checks that AMQP can carry it. When its
// body has been replaced, it calls replaced.
func (m *Message) seal(encodings contentEncodings, profile *EncryptionProfile, replaced func()) error {
	compressed, err := encodings.compress(m)
	if err != nil {
		return err
	}
	if compressed {
		replaced()
	}
	if profile != nil {
		profile.encrypt(m)
		replaced()
	}
	return checkMessage(m, limits{body: math.MaxInt, payload: frame.Max - frame.Overhead})
}

// appendJSON returns the body of a payload that encodes itself, in room that has been used before
// if there is some.
func (o *outgoing) appendJSON(payload appender) ([]byte, error) {
	rooms := &o.producer.rooms
	room := rooms.take()
	body, err := payload.AppendJSON(*room)
	if err != nil {
		return nil, err
	}
	rooms.last.Store(int64(len(body)))
	if unsafe.SliceData(body) == unsafe.SliceData(*room) { //nolint:gosec // else it did not fit, or is memory of the payload's own
		o.room = room
	}
	return body, nil
}

// keepRoom keeps the room of the body for another message. Nobody may look at the body any more.
func (o *outgoing) keepRoom() {
	if o.room != nil {
		o.producer.rooms.keep(o.room, len(o.message.Body))
		o.room = nil
	}
}

// rooms is memory for the bodies of messages. What is made anew has room for a body like the last
// one.
type rooms struct {
	free spares       // of *[]byte, empty
	last atomic.Int64 // the length of the last body
}

// spares is a *sync.Pool. Each generated package names Producer, and would compile the generic parts
// of a sync.Pool in it again.
type spares interface {
	Get() any
	Put(spare any)
}

func newRooms() rooms { return rooms{free: &sync.Pool{}} }

func (r *rooms) take() *[]byte {
	if room, ok := r.free.Get().(*[]byte); ok {
		return room
	}
	size := int(r.last.Load())
	room := make([]byte, 0, size+size/8+64)
	return &room
}

// keep keeps room that a body of the given length stood in, unless it is large and the body was
// not.
func (r *rooms) keep(room *[]byte, length int) {
	const large = 64 << 10
	if cap(*room) <= large || cap(*room) <= 4*length {
		r.free.Put(room)
	}
}
