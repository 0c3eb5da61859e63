package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// maxDepth limits how deeply tables are nested, in what is written and in what is read.
const maxDepth = 64

// ErrDeep is the error of a table with too many levels of tables and arrays in it.
var ErrDeep = errors.New("the tables of a header are nested too deeply")

// A Decimal is a field of type D: Value divided by ten to the power of Scale.
type Decimal struct {
	Scale uint8
	Value int32
}

// TableSize returns the maximum size of a table on the wire, in bytes. It returns an error if AMQP
// has no type for a value or RabbitMQ cannot read it, if a name is longer than [MaxShort], and
// [ErrDeep] if the table has more levels than are read.
func TableSize[T Table](table T) (int, error) { return tableSize(table, maxDepth) }

// tableSize returns the maximum size of a table that may have depth levels.
func tableSize[T Table](table T, depth int) (int, error) {
	if depth == 0 {
		return 0, ErrDeep
	}
	total := 4
	for name, value := range table {
		if len(name) > MaxShort {
			return 0, fmt.Errorf("%.20q...: the name's %d bytes are longer than the %d that AMQP allows", name, len(name), MaxShort)
		}
		size, err := fieldSize[T](value, depth)
		if err != nil {
			return 0, fmt.Errorf("%q: %w", name, err)
		}
		total += 1 + len(name) + size
	}
	return total, nil
}

// fieldSize returns the maximum size of a value with its type on the wire, in bytes.
func fieldSize[T Table](value any, depth int) (int, error) {
	switch value := value.(type) {
	case nil, bool, int8, uint8, int16, uint16, int32, uint32, int64, int, time.Time, Decimal:
		return 9, nil
	case float32:
		return fieldSize[T](float64(value), depth)
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return 0, fmt.Errorf("%v is a number that RabbitMQ cannot read", value)
		}
		return 9, nil
	case string:
		return 5 + len(value), nil
	case []byte:
		return 5 + len(value), nil
	case map[string]any:
		size, err := tableSize(T(value), depth-1)
		return 1 + size, err
	case T:
		size, err := tableSize(value, depth-1)
		return 1 + size, err
	case []any:
		return arraySize[T](value, depth-1)
	case []string:
		return arraySize[T](value, depth-1)
	}
	return 0, fmt.Errorf("AMQP has no type for a %T", value)
}

func arraySize[T Table, V any](values []V, depth int) (int, error) {
	if depth == 0 {
		return 0, ErrDeep
	}
	total := 5
	for i, value := range values {
		size, err := fieldSize[T](any(value), depth)
		if err != nil {
			return 0, fmt.Errorf("[%d]: %w", i, err)
		}
		total += size
	}
	return total, nil
}

// appendTable appends a field table. Names are sorted, so that equal messages have equal bytes.
func appendTable[T Table](dst []byte, table T) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, name := range sortedNames(table) {
		dst = appendField[T](appendShort(dst, name), table[name])
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}

func sortedNames[T Table](table T) []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// appendField appends a value of a field table, preceded by the octet that names its type, as
// RabbitMQ does (AMQP 0-9-1 section 4.2.1 and RabbitMQ's errata). fieldSize knows the same types.
func appendField[T Table](dst []byte, value any) []byte {
	switch value := value.(type) {
	case nil:
		return append(dst, 'V')
	case bool:
		return append(dst, 't', bit(value))
	case int8:
		return append(dst, 'b', byte(value))
	case uint8:
		return append(dst, 'B', value)
	case int16:
		return binary.BigEndian.AppendUint16(append(dst, 's'), uint16(value))
	case uint16:
		return binary.BigEndian.AppendUint16(append(dst, 'u'), value)
	case int32:
		return binary.BigEndian.AppendUint32(append(dst, 'I'), uint32(value))
	case uint32:
		return binary.BigEndian.AppendUint32(append(dst, 'i'), value)
	case int64:
		return binary.BigEndian.AppendUint64(append(dst, 'l'), uint64(value))
	case int:
		return binary.BigEndian.AppendUint64(append(dst, 'l'), uint64(value))
	case float32:
		return binary.BigEndian.AppendUint32(append(dst, 'f'), math.Float32bits(value))
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 'd'), math.Float64bits(value))
	case time.Time:
		return binary.BigEndian.AppendUint64(append(dst, 'T'), uint64(value.Unix()))
	case Decimal:
		return binary.BigEndian.AppendUint32(append(dst, 'D', value.Scale), uint32(value.Value))
	case string:
		return append(binary.BigEndian.AppendUint32(append(dst, 'S'), uint32(len(value))), value...)
	case []byte:
		return append(binary.BigEndian.AppendUint32(append(dst, 'x'), uint32(len(value))), value...)
	case map[string]any:
		return appendTable(append(dst, 'F'), T(value))
	case T:
		return appendTable(append(dst, 'F'), value)
	case []any:
		return appendArray[T](dst, value)
	case []string:
		return appendArray[T](dst, value)
	}
	panic("frame: a value that TableSize does not know") // it would have refused it
}

func appendArray[T Table, V any](dst []byte, values []V) []byte {
	dst = append(dst, 'A')
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, value := range values {
		dst = appendField[T](dst, any(value))
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	return dst
}
