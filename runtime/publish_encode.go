package runtime

import (
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

// encode validates the payload, sets the body and the content type, calls the middleware, compresses,
// encrypts, and checks that AMQP can carry the message. The channel checks the broker's own limits.
func (o *outgoing) encode(payload any) error {
	m := &o.message
	if at := reflect.ValueOf(payload); at.Kind() == reflect.Pointer && at.IsNil() {
		return errors.New("the message is a nil pointer")
	}
	if v, ok := payload.(validator); ok && !o.producer.config.notValidated {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("validate: %w", err)
		}
	}
	body, detected, err := o.encodePayload(payload)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	m.Body = body
	if m.ContentType == "" {
		m.ContentType = detected
	}
	if len(o.producer.config.middleware) > 0 {
		if err := o.intercepted.pass(&o.ctx, m, o.producer.config.middleware); err != nil {
			return err
		}
	}
	compressed, err := o.producer.config.encodings.compress(m)
	if err != nil {
		return err
	}
	if compressed {
		o.keepRoom()
	}
	if profile := o.producer.config.encryption; profile != nil {
		profile.encrypt(m)
		o.keepRoom()
	}
	return checkMessage(m, limits{body: math.MaxInt, payload: frame.Max - frame.Overhead})
}

// encodePayload returns the body and the default content type of a payload.
func (o *outgoing) encodePayload(payload any) (body []byte, contentType string, err error) {
	switch payload := payload.(type) {
	case appender:
		body, err = o.appendJSON(payload)
		return body, "application/json", err
	case string:
		return []byte(payload), "text/plain", nil
	case []byte:
		return payload, "application/octet-stream", nil
	}
	body, err = json.Marshal(payload)
	return body, "application/json", err
}

// encode validates a payload and makes it m's body, for messages that are not a producer's.
func (m *Message) encode(payload any) error {
	if v, ok := payload.(validator); ok {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("validate: %w", err)
		}
	}
	out := outgoing{producer: &Producer{rooms: newRooms()}}
	body, detected, err := out.encodePayload(payload)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	m.Body = body
	if m.ContentType == "" {
		m.ContentType = detected
	}
	return nil
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
