package scamptest

import (
	"bytes"
	"math"
	"reflect"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// received returns m as it is after it was sent over the wire: a copy that shares nothing with m,
// whose times and numbers have the precision of AMQP.
func received(m *runtime.Message) *runtime.Message {
	c := *m
	c.Body = bytes.Clone(m.Body)
	c.Headers = receivedTable(m.Headers)
	c.Expiration = m.Expiration.Truncate(time.Millisecond)
	c.Timestamp = receivedTime(m.Timestamp)
	return &c
}

// delivered returns a copy of m for a consumer or a caller, who may change its headers. The body is
// shared; nobody may write to it.
func delivered(m *runtime.Message) runtime.Message {
	c := *m
	c.Headers = receivedTable(m.Headers)
	c.Mandatory = false
	return c
}

func receivedTime(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.Unix(t.Unix(), 0)
}

func receivedTable(table runtime.Headers) runtime.Headers {
	if len(table) == 0 {
		return nil
	}
	c := make(runtime.Headers, len(table))
	for name, value := range table {
		c[name] = receivedValue(value)
	}
	return c
}

func receivedValue(value any) any {
	switch value := value.(type) {
	case int:
		return int64(value)
	case time.Time:
		return receivedTime(value)
	case []byte:
		return bytes.Clone(value)
	case []string:
		c := make([]any, len(value))
		for i, element := range value {
			c[i] = element
		}
		return c
	case []any:
		c := make([]any, len(value))
		for i, element := range value {
			c[i] = receivedValue(element)
		}
		return c
	case runtime.Headers:
		if c := receivedTable(value); c != nil {
			return c
		}
		return runtime.Headers{}
	case map[string]any:
		return receivedValue(runtime.Headers(value))
	}
	return value
}

// equalTables and equalValues compare as RabbitMQ does: numbers by value, of any width.
func equalTables(a, b runtime.Headers) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		other, ok := b[name]
		if !ok || !equalValues(value, other) {
			return false
		}
	}
	return true
}

func equalValues(a, b any) bool {
	if x, ok := integer(a); ok {
		y, ok := integer(b)
		return ok && x == y
	}
	return reflect.DeepEqual(receivedValue(a), receivedValue(b))
}

// integer returns the value of an AMQP integer of any width.
func integer(value any) (int64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return v.Int(), true
	case v.CanUint() && v.Uint() <= math.MaxInt64:
		return int64(v.Uint()), true
	}
	return 0, false
}
