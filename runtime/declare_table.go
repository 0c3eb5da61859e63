package runtime

import amqp "github.com/rabbitmq/amqp091-go"

// table turns headers into what the client library writes.
func (h Headers) table() amqp.Table {
	if len(h) == 0 {
		return nil
	}
	table := make(amqp.Table, len(h))
	for name, value := range h {
		table[name] = fieldValue(value)
	}
	return table
}

// fieldValue turns nested headers into nested tables, and an int into 64 bits: the
// client library would cut it down to 32 without a word.
func fieldValue(value any) any {
	switch value := value.(type) {
	case Headers:
		table := value.table()
		if table == nil {
			table = amqp.Table{}
		}
		return table
	case map[string]any:
		return fieldValue(Headers(value))
	case []any:
		values := make([]any, len(value))
		for i, element := range value {
			values[i] = fieldValue(element)
		}
		return values
	case int:
		return int64(value)
	case []string:
		values := make([]any, len(value))
		for i, element := range value {
			values[i] = element
		}
		return values
	}
	return value
}
