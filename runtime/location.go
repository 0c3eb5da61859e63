package runtime

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
)

// A location is where in a message a contract says that something is: a runtime expression of
// AsyncAPI, which names the headers or the payload, and a JSON pointer into them. Correlation ids
// and parameters have one.
const (
	headerLocation  = "$message.header#/"
	payloadLocation = "$message.payload#/"
)

// A correlation id is the AMQP property of that name. A contract can say that it is in a header or
// in the payload too: Publication.CorrelationID. Then the property and that place are kept equal
// where that is possible, and a consumer finds the id in the property whoever published the
// message.

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

// correlateBody sets the correlation id of m, if it has none, from the body of m. That must be
// plain JSON.
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

// parameterAt returns the text, number or boolean that m has at a location, as text.
func (m *Message) parameterAt(location string) (string, error) {
	if pointer, isHeader := strings.CutPrefix(location, headerLocation); isHeader {
		value, ok := m.Headers.valueAt(pointer)
		if !ok || value == nil {
			return "", fmt.Errorf("the message has no header %s", location)
		}
		return fmt.Sprint(value), nil
	}
	text, ok := partOfJSON(m.Body, strings.TrimPrefix(location, payloadLocation))
	if !ok {
		return "", fmt.Errorf("the message has no %s", location)
	}
	var value any
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return "", err
	}
	switch value := value.(type) {
	case string:
		return value, nil
	case json.Number, bool:
		return fmt.Sprint(value), nil
	}
	return "", fmt.Errorf("%s is no text, number or boolean", location)
}

// textAt returns the value that a JSON pointer without its first slash leads to as text, "" where
// there is none.
func (h Headers) textAt(pointer string) string {
	value, _ := h.valueAt(pointer)
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

// valueAt returns the value that a JSON pointer without its first slash leads to.
func (h Headers) valueAt(pointer string) (value any, ok bool) {
	value = h
	for token := range strings.SplitSeq(pointer, "/") {
		switch within := value.(type) {
		case Headers:
			value, ok = within[unescaped(token)]
		case map[string]any:
			value, ok = within[unescaped(token)]
		case []any:
			var i int
			if i, ok = indexOf(token, len(within)); ok {
				value = within[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return value, true
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
	part, _ := partOfJSON(text, pointer)
	var found string
	var number json.Number
	if json.Unmarshal(part, &found) == nil {
		return found
	}
	if json.Unmarshal(part, &number) == nil {
		return number.String()
	}
	return ""
}

// partOfJSON returns the part of a JSON text that a JSON pointer without its first slash leads to.
func partOfJSON(text []byte, pointer string) (part json.RawMessage, ok bool) {
	part = text
	for token := range strings.SplitSeq(pointer, "/") {
		var members map[string]json.RawMessage
		var items []json.RawMessage
		switch {
		case json.Unmarshal(part, &members) == nil:
			part, ok = members[unescaped(token)]
		case json.Unmarshal(part, &items) == nil:
			var i int
			if i, ok = indexOf(token, len(items)); ok {
				part = items[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return part, true
}

// indexOf returns the index of an item that a token of a JSON pointer stands for, in a list of
// length items.
func indexOf(token string, length int) (i int, ok bool) {
	i, err := strconv.Atoi(token)
	return i, err == nil && i >= 0 && i < length
}

// unescaped returns the name that a token of a JSON pointer stands for (RFC 6901, section 4).
func unescaped(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
