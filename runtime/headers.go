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
	"time"
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

// A correlation id is the AMQP property of that name. A contract can say that it is in a header or
// in the payload too: Publication.CorrelationID. Then the property and that place are kept equal
// where that is possible, and a consumer finds the id in the property whoever published the
// message.

const (
	headerLocation  = "$message.header#/"
	payloadLocation = "$message.payload#/"
)

// correlate sets the correlation id of m and the header that has it: each from the other one, the
// header from the property where both are there, because an option has set that. It returns whether
// it changed a header.
func (p *Publication) correlate(m *Message) (changed bool) {
	pointer, isHeader := strings.CutPrefix(p.CorrelationID, headerLocation)
	switch {
	case !isHeader:
		return false
	case m.CorrelationID == "":
		m.CorrelationID = m.Headers.textAt(pointer)
		return false
	}
	return m.setHeaderAt(pointer, m.CorrelationID)
}

// correlateBody sets the correlation id of m, if it has none, from the body of m. That must be plain
// JSON.
func (p *Publication) correlateBody(m *Message) {
	if pointer, isPayload := strings.CutPrefix(p.CorrelationID, payloadLocation); isPayload && m.CorrelationID == "" {
		m.CorrelationID = textInJSON(m.Body, pointer)
	}
}

// correlateDelivery sets the correlation id of a delivery that has none. body is its body,
// decompressed.
func (p *Publication) correlateDelivery(d *Delivery, body []byte) {
	if d == nil || d.CorrelationID != "" || d.profile != nil { // what was encrypted stays so
		return
	}
	if pointer, isHeader := strings.CutPrefix(p.CorrelationID, headerLocation); isHeader {
		d.CorrelationID = d.Headers.textAt(pointer)
	} else if pointer, isPayload := strings.CutPrefix(p.CorrelationID, payloadLocation); isPayload {
		d.CorrelationID = textInJSON(body, pointer)
	}
}

// textAt returns the value that a JSON pointer without its first slash leads to as text, "" where
// there is none.
func (h Headers) textAt(pointer string) string {
	var value any = h
	for token := range strings.SplitSeq(pointer, "/") {
		switch within := value.(type) {
		case Headers:
			value = within[unescaped(token)]
		case map[string]any:
			value = within[unescaped(token)]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(within) {
				return ""
			}
			value = within[i]
		default:
			return ""
		}
	}
	switch value := value.(type) {
	case string:
		return value
	case []byte:
		return string(value)
	case time.Time, bool:
		return ""
	}
	if n, ok := integer(value); ok {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

// setHeaderAt sets the header that a JSON pointer without its first slash leads to, unless its text
// is that already. It returns whether it did.
func (m *Message) setHeaderAt(pointer, text string) bool {
	if m.Headers.textAt(pointer) == text {
		return false
	}
	if m.Headers == nil {
		m.Headers = make(Headers)
	}
	table := m.Headers
	tokens := strings.Split(pointer, "/")
	last := len(tokens) - 1
	for _, token := range tokens[:last] {
		name := unescaped(token)
		within := make(Headers) // a copy: the caller's may be there
		switch there := table[name].(type) {
		case Headers:
			maps.Copy(within, there)
		case map[string]any:
			maps.Copy(within, there)
		}
		table[name] = within
		table = within
	}
	table[unescaped(tokens[last])] = text
	return true
}

// textInJSON returns the string or number that a JSON pointer without its first slash leads to, ""
// where there is none.
func textInJSON(text []byte, pointer string) string {
	value := json.RawMessage(text)
	for token := range strings.SplitSeq(pointer, "/") {
		var members map[string]json.RawMessage
		var items []json.RawMessage
		if json.Unmarshal(value, &members) == nil {
			value = members[unescaped(token)]
			continue
		}
		i, err := strconv.Atoi(token)
		if err != nil || json.Unmarshal(value, &items) != nil || i < 0 || i >= len(items) {
			return ""
		}
		value = items[i]
	}
	var found string
	var number json.Number
	if json.Unmarshal(value, &found) == nil {
		return found
	}
	if json.Unmarshal(value, &number) == nil {
		return number.String()
	}
	return ""
}

// unescaped returns the name that a token of a JSON pointer stands for (RFC 6901, section 4).
func unescaped(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
