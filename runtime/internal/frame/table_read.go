package frame

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// As Go values, headers may take headersMemory bytes plus headersFactor times their length on the
// wire. Most take twice their length; with a table for each eight bytes they would take fifty
// times.
const (
	headersMemory = 64 << 10
	headersFactor = 8
)

// The memory of Go values in addition to their text, in bytes.
const (
	tableMemory = 336 // a map with up to eight entries
	entryMemory = 64  // an entry of a map
	itemMemory  = 40  // an item of a slice, including growth
	valueMemory = 8   // a number
	textMemory  = 16  // a string
)

// ErrLarge is the error of a table that would take too much memory.
var ErrLarge = fmt.Errorf("the headers take more memory than the limit: %d times their length, and %d bytes", headersFactor, headersMemory)

// cutTable cuts a table off p.
func cutTable[T Table](p []byte) (T, []byte, error) {
	fields, _, err := cutLong(p)
	if err != nil {
		return nil, nil, err
	}
	c := tableCutter[T]{left: headersMemory + headersFactor*len(fields)}
	return c.table(p, maxDepth)
}

// A tableCutter reads tables as long as memory is left for them.
type tableCutter[T Table] struct{ left int }

// take subtracts memory from what is left.
func (c *tableCutter[T]) take(bytes int) error {
	if c.left -= bytes; c.left < 0 {
		return ErrLarge
	}
	return nil
}

// table cuts a field table off p.
func (c *tableCutter[T]) table(p []byte, depth int) (T, []byte, error) {
	fields, rest, err := cutLong(p)
	switch {
	case err != nil:
		return nil, nil, err
	case depth == 0:
		return nil, nil, ErrDeep
	case len(fields) == 0:
		return nil, rest, nil
	}
	if err := c.take(tableMemory); err != nil {
		return nil, nil, err
	}
	table := make(T)
	for len(fields) > 0 {
		var name string
		if name, fields, err = cutShort(fields); err != nil {
			return nil, nil, err
		}
		if err = c.take(entryMemory + len(name)); err != nil {
			return nil, nil, err
		}
		if table[name], fields, err = c.field(fields, depth); err != nil {
			if depth == maxDepth { // the outermost name is enough: all names together would be long
				err = fmt.Errorf("header %q: %w", name, err)
			}
			return nil, nil, err
		}
	}
	return table, rest, nil
}

// array cuts a field array off p.
func (c *tableCutter[T]) array(p []byte, depth int) ([]any, []byte, error) {
	fields, rest, err := cutLong(p)
	if err != nil {
		return nil, nil, err
	}
	if depth == 0 {
		return nil, nil, ErrDeep
	}
	values := []any{}
	for len(fields) > 0 {
		var value any
		if err = c.take(itemMemory); err != nil {
			return nil, nil, err
		}
		if value, fields, err = c.field(fields, depth); err != nil {
			return nil, nil, err
		}
		values = append(values, value)
	}
	return values, rest, nil
}

// field cuts a value, preceded by the octet that names its type, off p. It is the counterpart of
// appendField.
func (c *tableCutter[T]) field(p []byte, depth int) (value any, rest []byte, err error) {
	kind, p, err := cutOctet(p)
	if err != nil {
		return nil, nil, err
	}
	switch kind {
	case 'S', 'x':
		return c.text(kind, p)
	case 'F':
		table, rest, err := c.table(p, depth-1)
		if table == nil && err == nil {
			table, err = T{}, c.take(entryMemory)
		}
		return table, rest, err
	case 'A':
		values, rest, err := c.array(p, depth-1)
		return values, rest, err
	}
	size, known := scalarSize(kind)
	switch {
	case !known:
		return nil, nil, fmt.Errorf("AMQP has no type %q", kind)
	case len(p) < size:
		return nil, nil, errShort
	}
	if size > 1 { // Go needs no new memory for smaller ones
		err = c.take(valueMemory)
	}
	return scalar(kind, p), p[size:], err
}

// text cuts a string or octets off p.
func (c *tableCutter[T]) text(kind byte, p []byte) (value any, rest []byte, err error) {
	text, rest, err := cutLong(p)
	if err == nil {
		err = c.take(textMemory + len(text))
	}
	switch {
	case err != nil:
		return nil, nil, err
	case kind == 'S':
		return string(text), rest, nil
	}
	return append([]byte{}, text...), rest, nil
}

// scalarSize returns the size of a type whose values all have the same size.
func scalarSize(kind byte) (size int, known bool) {
	switch kind {
	case 'V':
		return 0, true
	case 't', 'b', 'B':
		return 1, true
	case 's', 'u':
		return 2, true
	case 'I', 'i', 'f':
		return 4, true
	case 'D':
		return 5, true
	case 'l', 'd', 'T':
		return 8, true
	}
	return 0, false
}

// scalar reads a value. Its size has been checked.
func scalar(kind byte, p []byte) any {
	switch kind {
	case 't':
		return p[0] != 0
	case 'b':
		return int8(p[0])
	case 'B':
		return p[0]
	case 's':
		return int16(binary.BigEndian.Uint16(p))
	case 'u':
		return binary.BigEndian.Uint16(p)
	case 'I':
		return int32(binary.BigEndian.Uint32(p))
	case 'i':
		return binary.BigEndian.Uint32(p)
	case 'l':
		return int64(binary.BigEndian.Uint64(p))
	case 'f':
		return math.Float32frombits(binary.BigEndian.Uint32(p))
	case 'd':
		return math.Float64frombits(binary.BigEndian.Uint64(p))
	case 'D':
		return Decimal{Scale: p[0], Value: int32(binary.BigEndian.Uint32(p[1:]))}
	case 'T':
		return time.Unix(int64(binary.BigEndian.Uint64(p)), 0)
	}
	return nil // 'V'
}
