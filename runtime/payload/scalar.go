package payload

import (
	"reflect"
	"slices"
	"time"
	"unsafe"
)

// A Scalar is the JSON form of a Go type that is not a struct, a list or a map.
type Scalar uint8

// The scalars. NoScalar is the zero value: the Go type determines the scalar.
const (
	NoScalar Scalar = iota
	ScalarRaw
	ScalarBool
	ScalarString
	ScalarInt32
	ScalarInt64
	ScalarUint32
	ScalarUint64
	ScalarFloat32
	ScalarFloat64
	ScalarBytes
	ScalarTime
	ScalarDate
	ScalarUUID
	ScalarDuration
	ScalarDecimal
	ScalarDecimalString // a Decimal that is a string in JSON
	ScalarCustom        // a type that encodes itself with encoding/json
)

// A scalarType is how values of a Go type are read, written and checked.
type scalarType struct {
	kind  Kind // in JSON
	read  func(p *program, d *decoder, at unsafe.Pointer)
	write func(p *program, dst []byte, at unsafe.Pointer) ([]byte, error)
	// check is nil when every value is right; with onlyRuled every one is that has no rule.
	check     func(p *program, r *report, at unsafe.Pointer)
	onlyRuled bool
	goType
}

// scalars has a row for each Scalar.
var scalars = [...]scalarType{
	ScalarRaw: {
		kind:  None,
		read:  func(_ *program, d *decoder, at unsafe.Pointer) { *(*Raw)(at) = d.Raw() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) { return (*Raw)(at).AppendJSON(dst) },
		check: func(_ *program, r *report, at unsafe.Pointer) { checkRaw(r, *(*Raw)(at)) }, goType: goTypeOf[Raw](),
	},
	ScalarBool: {
		kind: BoolKind,
		read: func(_ *program, d *decoder, at unsafe.Pointer) { *(*bool)(at) = d.Bool() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendBool(dst, *(*bool)(at)), nil
		},
		goType: goTypeOf[bool](),
	},
	ScalarString: {
		kind: StringKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*string)(at) = d.String(p.string) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendString(dst, *(*string)(at)), nil
		},
		check:  func(p *program, r *report, at unsafe.Pointer) { checkString(r, *(*string)(at), p.string) },
		goType: goTypeOf[string](),
	},
	ScalarInt32: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*int32)(at) = d.Int32(p.integer) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendInt64(dst, int64(*(*int32)(at))), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkInt64(r, int64(*(*int32)(at)), p.integer) },
		onlyRuled: true, goType: goTypeOf[int32](),
	},
	ScalarInt64: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*int64)(at) = d.Int64(p.integer) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendInt64(dst, *(*int64)(at)), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkInt64(r, *(*int64)(at), p.integer) },
		onlyRuled: true, goType: goTypeOf[int64](),
	},
	ScalarUint32: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*uint32)(at) = d.Uint32(p.integer) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendInt64(dst, int64(*(*uint32)(at))), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkInt64(r, int64(*(*uint32)(at)), p.integer) },
		onlyRuled: true, goType: goTypeOf[uint32](),
	},
	ScalarUint64: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*uint64)(at) = d.Uint64(p.number) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendUint64(dst, *(*uint64)(at)), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkUint64(r, *(*uint64)(at), p.number) },
		onlyRuled: true, goType: goTypeOf[uint64](),
	},
	ScalarFloat32: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*float32)(at) = d.Float32(p.number) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendFloat32(dst, *(*float32)(at))
		},
		check:  func(p *program, r *report, at unsafe.Pointer) { checkFloat32(r, *(*float32)(at), p.number) },
		goType: goTypeOf[float32](),
	},
	ScalarFloat64: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*float64)(at) = d.Float64(p.number) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendFloat64(dst, *(*float64)(at))
		},
		check:  func(p *program, r *report, at unsafe.Pointer) { checkFloat64(r, *(*float64)(at), p.number) },
		goType: goTypeOf[float64](),
	},
	ScalarBytes: {
		kind: StringKind,
		read: func(_ *program, d *decoder, at unsafe.Pointer) { *(*[]byte)(at) = d.Bytes() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendBytes(dst, *(*[]byte)(at)), nil
		},
		goType: goTypeOf[[]byte](),
	},
	ScalarTime: {
		kind: StringKind,
		read: func(_ *program, d *decoder, at unsafe.Pointer) { *(*time.Time)(at) = d.Time() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendTime(dst, *(*time.Time)(at))
		},
		check:  func(_ *program, r *report, at unsafe.Pointer) { checkTime(r, *(*time.Time)(at)) },
		goType: goTypeOf[time.Time](),
	},
	ScalarDate: {
		kind:   StringKind,
		read:   func(_ *program, d *decoder, at unsafe.Pointer) { *(*Date)(at) = d.Date() },
		write:  func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) { return appendDate(dst, *(*Date)(at)) },
		check:  func(_ *program, r *report, at unsafe.Pointer) { checkDate(r, *(*Date)(at)) },
		goType: goTypeOf[Date](),
	},
	ScalarUUID: {
		kind: StringKind,
		read: func(_ *program, d *decoder, at unsafe.Pointer) { *(*UUID)(at) = d.UUID() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendUUID(dst, *(*UUID)(at)), nil
		},
		goType: goTypeOf[UUID](),
	},
	ScalarDuration: {
		kind: StringKind,
		read: func(_ *program, d *decoder, at unsafe.Pointer) { *(*Duration)(at) = d.Duration() },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendDuration(dst, *(*Duration)(at)), nil
		},
		check:  func(_ *program, r *report, at unsafe.Pointer) { checkDuration(r, *(*Duration)(at)) },
		goType: goTypeOf[Duration](),
	},
	ScalarDecimal: {
		kind: NumberKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*Decimal)(at) = d.Decimal(p.number) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendDecimal(dst, *(*Decimal)(at)), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkDecimal(r, *(*Decimal)(at), p.number) },
		onlyRuled: true, goType: goTypeOf[Decimal](),
	},
	ScalarDecimalString: {
		kind: StringKind,
		read: func(p *program, d *decoder, at unsafe.Pointer) { *(*Decimal)(at) = d.DecimalString(p.number) },
		write: func(_ *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
			return appendDecimalString(dst, *(*Decimal)(at)), nil
		},
		check:     func(p *program, r *report, at unsafe.Pointer) { checkDecimal(r, *(*Decimal)(at), p.number) },
		onlyRuled: true, goType: goTypeOf[Decimal](),
	},
	ScalarCustom: { // any type
		read:  func(p *program, d *decoder, at unsafe.Pointer) { d.Custom(p.any(at)) },
		write: func(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) { return appendCustom(dst, p.any(at)) },
		check: func(p *program, r *report, at unsafe.Pointer) { checkCustom(r, p.any(at)) },
	},
}

// any returns a pointer to the value at an address.
func (p *program) any(at unsafe.Pointer) any { return reflect.NewAt(p.typ, at).Interface() }

// A goType is what is done with values of a Go type without knowing what they mean.
type goType struct {
	typ    reflect.Type
	alloc  func(*program) unsafe.Pointer
	list   *listType
	mapped *mapType
}

func goTypeOf[T any]() goType {
	return goType{
		typ:   reflect.TypeFor[T](),
		alloc: func(*program) unsafe.Pointer { return unsafe.Pointer(new(T)) }, //nolint:gosec // a T is read there
		list: &listType{
			size: unsafe.Sizeof(*new(T)),
			make: func(_ *listType, at unsafe.Pointer, n int) { *(*[]T)(at) = make([]T, 0, n) },
			grow: func(_ *listType, at unsafe.Pointer, n int) { *(*[]T)(at) = slices.Grow(*(*[]T)(at), n) },
		},
		mapped: &mapType{
			names: func(_ *mapType, at unsafe.Pointer, names []string) []string {
				for name := range *(*map[string]T)(at) {
					names = append(names, name)
				}
				return names
			},
			get: func(_ *mapType, at unsafe.Pointer, name string, value unsafe.Pointer) (there bool) {
				*(*T)(value), there = (*(*map[string]T)(at))[name]
				return there
			},
			set: func(_ *mapType, at unsafe.Pointer, name string, value unsafe.Pointer) {
				(*(*map[string]T)(at))[name] = *(*T)(value)
			},
			make: func(_ *mapType, at unsafe.Pointer) { *(*map[string]T)(at) = map[string]T{} },
		},
	}
}

// byType are the scalars of the Go types that stand for one alone.
var byType = func() map[reflect.Type]Scalar {
	all := map[reflect.Type]Scalar{}
	for i := range scalars {
		if _, taken := all[scalars[i].typ]; !taken {
			all[scalars[i].typ] = Scalar(i)
		}
	}
	return all
}()

// scalarOf returns the scalar that a Go type is, NoScalar when it is none.
func scalarOf(typ reflect.Type) Scalar {
	if s := byType[typ]; s != NoScalar {
		return s
	}
	switch typ.Kind() { // of a type that somebody has defined
	case reflect.String:
		return ScalarString
	case reflect.Bool:
		return ScalarBool
	case reflect.Int32:
		return ScalarInt32
	case reflect.Int64:
		return ScalarInt64
	case reflect.Uint32:
		return ScalarUint32
	case reflect.Uint64:
		return ScalarUint64
	case reflect.Float32:
		return ScalarFloat32
	case reflect.Float64:
		return ScalarFloat64
	}
	return NoScalar
}

// bindScalar makes p the program of a scalar.
func (p *program) bindScalar(s Scalar) {
	row := &scalars[s]
	p.scalar = s
	p.read, p.write, p.check, p.onlyRuled = row.read, row.write, row.check, row.onlyRuled
	if s == ScalarCustom {
		return
	}
	if p.typ == row.typ {
		p.alloc = row.alloc
	}
}

// is says whether a Go type is in memory as the scalar is.
func (s Scalar) is(typ reflect.Type) bool {
	of := scalars[s].typ
	return s == ScalarCustom || typ.ConvertibleTo(of) && typ.Kind() == of.Kind() && typ.Size() == of.Size()
}
