package runtime

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"
)

// A correlation id is the AMQP property of that name. A contract can say that it is in a header or in
// the payload too: Publication.CorrelationID. Then the property and that place are kept equal where
// that is possible, and a consumer finds the id in the property whoever published the message.

const (
	headerLocation  = "$message.header#/"
	payloadLocation = "$message.payload#/"
)

// correlate sets the correlation id of m and the header that has it: each from the other one, the
// header from the property where both are there, because an option has set that. It returns whether it
// changed a header.
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

// setHeaderAt sets the header that a JSON pointer without its first slash leads to, unless its text is
// that already. It returns whether it did.
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

// textInJSON returns the string or number that a JSON pointer without its first slash leads to, "" where
// there is none.
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
