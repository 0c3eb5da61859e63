package payload

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// The headers of an AMQP message are a table whose values have types of their own. A generated type of headers is written as such a
// table, and read from one as other clients write it.

// MarshalHeaders returns the value that v points to, an object, as the headers of an AMQP message. It does not check the value. The
// types in the table are these:
//
//	boolean                          bool
//	integer                          int64, or the type that its format names: int8, int16, int32, uint8, uint16, uint32
//	number                           float64; float32 with the format float
//	number with the format decimal   Decimal where [Decimal.Scaled] fits an AMQP decimal, an int32 and a scale up to 255, else string
//	string                           string
//	string with the format date-time time.Time in whole seconds, as AMQP has them, and in UTC; a fraction of a second is cut off
//	string with the format byte      []byte, the bytes themselves
//	object, array, null              map[string]any, []any, nil
//
// A schema that allows anything gives what its JSON is: whole numbers that fit are int64, others float64.
func (c *Codec) MarshalHeaders(v any) (map[string]any, error) {
	value, err := programOf(c, v).header(reflect.ValueOf(v).UnsafePointer())
	table, _ := value.(map[string]any)
	return table, err
}

// UnmarshalHeaders reads the headers of an AMQP message into the value that v points to, an object, and checks them like [Codec.Unmarshal].
// Headers that the contract does not describe are ignored. A value may have another type than [Codec.MarshalHeaders] gives it if it
// stands for the same value: any number type that has it, a string with the digits of a number, with true or false, or with a date-time,
// a string in base64 for bytes, bytes for a string. A json.Number is a decimal.
func (c *Codec) UnmarshalHeaders(table map[string]any, v any) error {
	return c.Unmarshal(appendHeader(nil, programOf(c, v), table), v)
}

// header returns the value at an address as a header.
func (p *program) header(at unsafe.Pointer) (any, error) {
	switch {
	case p.scalar != NoScalar:
		return p.scalarHeader(at)
	case p.list != nil:
		return p.itemHeaders(at, nil)
	case p.mapped != nil:
		table := map[string]any{}
		return table, p.entryHeaders(at, table)
	case p.codec != nil && p.codec.Scalars != nil && p.fields != nil:
		if m := p.held(at); m != nil {
			return m.header(unsafe.Add(at, m.offset))
		}
		return nil, ErrNoValue
	case p.union != nil:
		return p.unionHeader(at)
	case p.fields != nil && p.codec.Tuple != nil:
		return p.tupleHeaders(at)
	case p.fields != nil:
		return p.memberHeaders(at)
	}
	return p.wrappedHeader(at)
}

// wrappedHeader returns what is behind a pointer, in an Optional, or may be null.
func (p *program) wrappedHeader(at unsafe.Pointer) (any, error) {
	switch {
	case p.codec != nil: // its item is the same value
	case isOptional(p.typ):
		if *(*state)(unsafe.Add(at, p.state)) != present {
			return nil, nil //nolint:nilnil // nil is null
		}
	case isNil(at):
		if isPointer(p.typ) && !p.nullable {
			return nil, ErrNoValue
		}
		return nil, nil //nolint:nilnil // nil is null
	case isPointer(p.typ):
		at = *(*unsafe.Pointer)(at)
	}
	return p.item.header(at)
}

// memberHeaders returns a struct as a table.
func (p *program) memberHeaders(at unsafe.Pointer) (any, error) {
	f := p.fields
	table := make(map[string]any, len(f.members))
	for i := range f.members {
		m := &f.members[i]
		value := m.value(at)
		if value == nil {
			continue
		}
		var err error
		if table[m.name], err = m.header(value); err != nil {
			return nil, errorUnder(m.name, err)
		}
	}
	for i := range f.patterns {
		if err := f.patterns[i].entryHeaders(unsafe.Add(at, f.patterns[i].offset), table); err != nil {
			return nil, err
		}
	}
	if f.rest != nil {
		if err := f.rest.entryHeaders(unsafe.Add(at, f.restAt), table); err != nil {
			return nil, err
		}
	}
	return table, nil
}

// entryHeaders adds the entries of a map to a table.
func (p *program) entryHeaders(at unsafe.Pointer, table map[string]any) error {
	if mapLen(at) == 0 {
		return nil
	}
	value := p.item.alloc(p.item)
	for _, name := range p.mapped.names(p.mapped, at, nil) {
		p.mapped.get(p.mapped, at, name, value)
		var err error
		if table[name], err = p.item.header(value); err != nil {
			return errorUnder(name, err)
		}
	}
	return nil
}

// itemHeaders returns the items of a list behind those of an array that precede them.
func (p *program) itemHeaders(at unsafe.Pointer, before []any) ([]any, error) {
	list := (*sliceHeader)(at)
	array := slices.Grow(append([]any{}, before...), list.len)
	for i := range list.len {
		value, err := p.item.header(list.item(i, p.list.size))
		if err != nil {
			return nil, errorUnder(strconv.Itoa(len(array)), err)
		}
		array = append(array, value)
	}
	return array, nil
}

// tupleHeaders returns a tuple as an array.
func (p *program) tupleHeaders(at unsafe.Pointer) (any, error) {
	f := p.fields
	var array []any
	for i := range min(f.items(at), len(f.members)) {
		var value any
		if item := f.members[i].value(at); item != nil {
			var err error
			if value, err = f.members[i].header(item); err != nil {
				return nil, errorUnder(strconv.Itoa(i), err)
			}
		}
		array = append(array, value)
	}
	if f.rest != nil {
		return f.rest.itemHeaders(unsafe.Add(at, f.restAt), array)
	}
	return array, nil
}

func (p *program) unionHeader(at unsafe.Pointer) (any, error) {
	v, value := p.union.heldBy(at)
	if value == nil {
		return nil, ErrNoValue
	}
	if by := p.codec.By; by != "" {
		var err error
		if value, err = v.told(by, value); err != nil {
			return nil, err
		}
	}
	return v.program.header(value)
}

// scalarHeader returns a scalar as a header.
func (p *program) scalarHeader(at unsafe.Pointer) (any, error) {
	if p.only != "" && p.isZero(at) {
		only := p.alloc(p)
		d := newDecoder([]byte(p.only))
		if scalars[p.scalar].read(p, d, only); d.finish() != nil {
			return nil, ErrNoValue // never: a rule that leaves one value alone allows it
		}
		at = only
	}
	switch p.scalar {
	case ScalarBool:
		return *(*bool)(at), nil
	case ScalarString:
		return *(*string)(at), nil
	case ScalarInt32:
		return p.integer.header(int64(*(*int32)(at)), Int32)
	case ScalarInt64:
		return p.integer.header(*(*int64)(at), NoIntegerFormat)
	case ScalarUint32:
		return p.integer.header(int64(*(*uint32)(at)), Uint32)
	case ScalarUint64:
		n := *(*uint64)(at)
		if n > math.MaxInt64 {
			return nil, fmt.Errorf("%d does not fit an int64, the largest integer of AMQP headers", n)
		}
		return int64(n), nil
	case ScalarFloat32:
		return *(*float32)(at), nil
	case ScalarFloat64:
		return *(*float64)(at), nil
	case ScalarBytes:
		return bytes.Clone(*(*[]byte)(at)), nil
	case ScalarTime:
		return time.Unix((*time.Time)(at).Unix(), 0).UTC(), nil
	case ScalarDecimal:
		return (*Decimal)(at).header(), nil
	}
	text, err := scalars[p.scalar].write(p, nil, at)
	if err != nil {
		return nil, err
	}
	return jsonHeader(text)
}

// header returns d where an AMQP decimal can hold it, and else its digits.
func (d Decimal) header() any {
	const maxScale = math.MaxUint8
	unscaled, scale, ok := d.Scaled()
	if ok && scale <= maxScale && int64(int32(unscaled)) == unscaled {
		return d
	}
	return d.String()
}

// jsonHeader returns any JSON value as a header.
func jsonHeader(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return withoutNumbers(value), nil
}

// withoutNumbers replaces the numbers in a JSON value by those that AMQP has types for.
func withoutNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		if n, err := value.Int64(); err == nil {
			return n
		}
		f, _ := value.Float64() // what is too large is infinite, and refused
		return f
	case []any:
		for i := range value {
			value[i] = withoutNumbers(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = withoutNumbers(value[name])
		}
	}
	return value
}

// appendHeader appends a header as the JSON that p reads. Without p, or where p has no place for the value, it is the JSON that is
// nearest to the value: p says what is wrong with it.
func appendHeader(dst []byte, p *program, value any) []byte {
	p = p.unwrapped()
	switch value := value.(type) {
	case nil:
		return append(dst, "null"...)
	case map[string]any:
		return appendTable(dst, p, value)
	case []any:
		start := len(dst)
		for i, item := range value {
			dst = appendHeader(append(dst, ','), p.itemAt(i), item)
		}
		return endArray(dst, start)
	}
	return appendScalarHeader(dst, p, value)
}

// unwrapped returns the program of the value itself: of what is behind a pointer, in an Optional, or may be null.
func (p *program) unwrapped() *program {
	for p != nil && p.item != nil && p.list == nil && p.mapped == nil && p.fields == nil && p.union == nil {
		p = p.item
	}
	return p
}

// appendTable appends a table as an object, without what p has no member for: a broker adds headers of its own.
func appendTable(dst []byte, p *program, table map[string]any) []byte {
	start := len(dst)
	for _, name := range slices.Sorted(maps.Keys(table)) {
		member, known := p.memberNamed(name)
		if !known {
			continue
		}
		dst = append(appendString(append(dst, ','), name), ':')
		dst = appendHeader(dst, member, table[name])
	}
	return endObject(dst, start)
}

// memberNamed returns the program of the member called name. It returns false if p ignores or refuses the member.
func (p *program) memberNamed(name string) (*program, bool) {
	switch {
	case p == nil || p.union != nil || p.scalar != NoScalar:
		return nil, true
	case p.mapped != nil:
		return p.item, true
	case p.fields == nil:
		return nil, true
	}
	f := p.fields
	if i := f.names.find([]byte(name)); i >= 0 {
		return f.members[i].program, true
	}
	for i := range f.patterns {
		if f.patterns[i].pattern.Match(name) {
			return f.patterns[i].item, true
		}
	}
	if f.rest != nil {
		return f.rest.item, true
	}
	return nil, f.closed
}

// itemAt returns the program of the item with an index, nil when there is none.
func (p *program) itemAt(i int) *program {
	switch {
	case p == nil:
	case p.list != nil:
		return p.item
	case p.fields != nil && p.union == nil && i < len(p.fields.members):
		return p.fields.members[i].program
	case p.fields != nil && p.fields.rest != nil:
		return p.fields.rest.item
	}
	return nil
}

// appendScalarHeader appends a header that is neither a table nor an array.
func appendScalarHeader(dst []byte, p *program, value any) []byte {
	scalar := NoScalar
	if p != nil {
		scalar = p.scalar
	}
	wanted := scalars[scalar].kind
	switch value := value.(type) {
	case bool:
		return appendBool(dst, value)
	case string:
		isBool := wanted == BoolKind && (value == "true" || value == "false")
		if isBool || wanted == NumberKind && isNumber([]byte(value)) {
			return append(dst, value...)
		}
		return appendString(dst, value)
	case []byte:
		if scalar == ScalarBytes || wanted != StringKind && !utf8.Valid(value) {
			return appendBytes(dst, value)
		}
		return appendString(dst, string(value))
	case time.Time:
		if dst, err := appendTime(dst, value.UTC()); err == nil {
			return dst
		}
		return append(dst, "null"...)
	}
	if scalar != ScalarDecimalString {
		return appendNumberHeader(dst, value)
	}
	return append(appendNumberHeader(append(dst, '"'), value), '"')
}

// appendNumberHeader appends a number of any of Go's types, and null for what JSON does not have.
func appendNumberHeader(dst []byte, value any) []byte {
	if text, ok := value.(json.Number); ok && isNumber([]byte(text)) {
		return append(dst, text...)
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt():
		return appendInt64(dst, v.Int())
	case v.CanUint():
		return strconv.AppendUint(dst, v.Uint(), 10)
	case v.CanFloat():
		if dst, err := appendFloat64(dst, v.Float()); err == nil {
			return dst
		}
	}
	return append(dst, "null"...)
}
