package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
)

// TypedHeaders are the headers that a contract describes, as a type: pointers to generated ones are.
// Values of a table have the types that package payload says, and may have those of Headers too; a
// json.Number stands for a decimal of AMQP.
type TypedHeaders interface {
	// Validate returns what is wrong with the headers.
	Validate() error
	// MarshalHeaders returns the headers as a table, without checking them.
	MarshalHeaders() (map[string]any, error)
	// UnmarshalHeaders reads the headers from the table of a message, and checks them.
	UnmarshalHeaders(table map[string]any) error
}

// MessageWithHeaders returns a payload for Publish that is message with the headers that its
// contract describes. They are checked like message, together with what options set: an option
// replaces a header of the same name. If the pointer is nil, the message has none of them, which is
// an error where one is required.
func MessageWithHeaders(message any, headers TypedHeaders) any {
	return &messageWithHeaders{message, headers}
}

// A messageWithHeaders is what MessageWithHeaders returns.
type messageWithHeaders struct {
	message any
	headers TypedHeaders
}

// separate returns a payload without its headers. These are nil if it has none.
func separate(payload any) (message any, headers *messageHeaders) {
	both, ok := payload.(*messageWithHeaders)
	if !ok {
		return payload, nil
	}
	if both.headers == nil {
		return both.message, nil
	}
	at := reflect.ValueOf(both.headers)
	return both.message, &messageHeaders{both.headers, at.Kind() == reflect.Pointer && at.IsNil()}
}

// messageHeaders are the typed headers of a message on its way into the message.
type messageHeaders struct {
	typed TypedHeaders
	isNil bool
}

// set adds the headers to m. A nil h has none.
func (h *messageHeaders) set(m *Message) error {
	if h == nil || h.isNil {
		return nil
	}
	table, err := h.typed.MarshalHeaders()
	if err != nil {
		return fmt.Errorf("encode the headers: %w", err)
	}
	if m.Headers == nil {
		m.Headers = make(Headers, len(table))
	}
	for name, value := range table {
		m.Headers[name] = onAMQP(value)
	}
	return nil
}

// check checks the headers of m, which options may have changed. A nil h has nothing to check.
func (h *messageHeaders) check(m *Message, changed bool) error {
	if h == nil {
		return nil
	}
	var err error
	if typ := reflect.TypeOf(h.typed); typ.Kind() == reflect.Pointer && (changed || h.isNil) {
		sent := reflect.New(typ.Elem()).Interface().(TypedHeaders) //nolint:forcetypeassert // of the same type
		err = sent.UnmarshalHeaders(offAMQP(m.Headers))
	} else {
		err = h.typed.Validate()
	}
	if err != nil {
		return fmt.Errorf("validate the headers: %w", err)
	}
	return nil
}

// A scaled is a decimal, as package payload has them.
type scaled interface {
	Scaled() (unscaled int64, scale int, ok bool)
}

// onAMQP returns a value that typed headers are written as, with the types of Headers.
func onAMQP(value any) any {
	switch value := value.(type) {
	case map[string]any:
		table := make(Headers, len(value))
		for name, member := range value {
			table[name] = onAMQP(member)
		}
		return table
	case []any:
		for i, item := range value {
			value[i] = onAMQP(item)
		}
	case scaled:
		unscaled, scale, _ := value.Scaled() // that fit an AMQP decimal
		return Decimal{Scale: uint8(scale), Value: int32(unscaled)}
	}
	return value
}

// copied returns a copy of h that may be changed: it is never nil.
func (h Headers) copied() Headers {
	if h == nil {
		return make(Headers)
	}
	return maps.Clone(h)
}

// offAMQP returns a table for typed headers to read.
func offAMQP(table Headers) map[string]any {
	plain := maps.Clone(map[string]any(table))
	for name, value := range plain {
		plain[name] = offAMQPValue(value)
	}
	return plain
}

func offAMQPValue(value any) any {
	switch value := value.(type) {
	case Headers:
		return offAMQP(value)
	case map[string]any:
		return offAMQP(value)
	case []any:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = offAMQPValue(item)
		}
		return items
	case []string:
		items := make([]any, len(value))
		for i, item := range value {
			items[i] = item
		}
		return items
	case Decimal:
		return json.Number(decimalText(value))
	}
	return value
}

// decimalText returns a decimal of AMQP with all of its digits. AMQP says that the value is signed.
func decimalText(d Decimal) string {
	sign, digits := "", strconv.FormatInt(int64(d.Value), 10)
	if d.Scale == 0 {
		return digits
	}
	if d.Value < 0 {
		sign, digits = "-", digits[1:]
	}
	if missing := int(d.Scale) + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - int(d.Scale)
	return sign + digits[:point] + "." + digits[point:]
}

// ReadHeaders reads the headers of the delivery that a handler was called for into headers. If they
// are not as the contract says, the error wraps an *InvalidError. It is for generated code.
func (p *Publication) ReadHeaders(ctx context.Context, headers TypedHeaders) error {
	delivery := DeliveryFrom(ctx)
	if delivery == nil {
		return errors.New("read the headers: the context has no delivery: see ContextWithDelivery")
	}
	if err := headers.UnmarshalHeaders(offAMQP(delivery.Headers)); err != nil {
		return headersError{&InvalidError{Reason: "read the headers of " + p.Name, Err: err}}
	}
	return nil
}

// A headersError is the error of headers that are not as the contract says, which comes from a call
// of the handler as the router sees it.
type headersError struct{ invalid *InvalidError }

func (e headersError) Error() string { return e.invalid.Error() }
func (e headersError) Unwrap() error { return e.invalid }
