package runtime

import (
	"encoding/json"
	"fmt"
	"math"
)

// appender is a payload that encodes itself, as generated messages do.
type appender interface {
	AppendJSON(dst []byte) ([]byte, error)
}

// validator is a payload that knows its schema, as generated messages do.
type validator interface {
	Validate() error
}

// encode validates the payload, sets the body and the content type, encrypts, and checks that AMQP
// can carry the message. The channel checks the broker's own limits.
func (o *outgoing) encode(payload any) error {
	m := &o.message
	if v, ok := payload.(validator); ok && !o.producer.config.notValidated {
		if err := v.Validate(); err != nil {
			return fmt.Errorf("validate: %w", err)
		}
	}
	body, detected, err := encodePayload(payload)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	m.Body = body
	if m.ContentType == "" {
		m.ContentType = detected
	}
	if profile := o.producer.config.encryption; profile != nil {
		profile.encrypt(m)
	}
	return checkMessage(m, limits{body: math.MaxInt, payload: frameMax - frameOverhead})
}

// encodePayload returns the body and the default content type of a payload.
func encodePayload(payload any) (body []byte, contentType string, err error) {
	switch payload := payload.(type) {
	case appender:
		body, err = payload.AppendJSON(nil)
		return body, "application/json", err
	case string:
		return []byte(payload), "text/plain", nil
	case []byte:
		return payload, "application/octet-stream", nil
	}
	body, err = json.Marshal(payload)
	return body, "application/json", err
}
