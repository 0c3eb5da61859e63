package payload

import (
	"strconv"
	"unsafe"
)

// What can have one value alone, such as a member with a const, has it also where the Go value is zero: a program need not repeat
// what the contract says.

// fix says what the zero value of a scalar stands for, if a rule or schema leaves one value alone.
func (p *program) fix(only string) {
	if only != "" && p.scalar != NoScalar {
		p.only, p.write, p.check = only, writeOnly, checkOnly
	}
}

// onlyValue returns the JSON of the only value that a rule allows, "" when there are others.
func onlyValue(rule Rule) string {
	switch rule := rule.(type) {
	case *StringRule:
		if len(rule.Enum) == 1 {
			return string(appendString(nil, rule.Enum[0]))
		}
	case *IntegerRule:
		if len(rule.Enum) == 1 {
			return strconv.FormatInt(rule.Enum[0], 10)
		}
	case *NumberLimits:
		if len(rule.Enum) == 1 {
			return rule.Enum[0]
		}
	}
	return ""
}

// onlyValue returns the JSON of the only value that the schema called name allows, "" when there may be others.
func (all Schemas) onlyValue(name string) string {
	const most = 10 // references
	s := all[name]
	for range most {
		if s.Ref == "" {
			break
		}
		s = all[s.Ref]
	}
	switch {
	case s.Ref != "" || s.Const != "":
		return s.Const
	case len(s.Enum) == 1:
		return s.Enum[0]
	}
	return ""
}

func writeOnly(p *program, dst []byte, at unsafe.Pointer) ([]byte, error) {
	if p.isZero(at) {
		return append(dst, p.only...), nil
	}
	return scalars[p.scalar].write(p, dst, at)
}

func checkOnly(p *program, r *report, at unsafe.Pointer) {
	if check := scalars[p.scalar].check; check != nil && !p.isZero(at) {
		check(p, r, at)
	}
}

// isZero says whether a scalar is the zero value of its Go type. Those that never have an only value are not looked at.
func (p *program) isZero(at unsafe.Pointer) bool {
	switch p.scalar {
	case ScalarRaw:
		return isNil(at)
	case ScalarBool:
		return !*(*bool)(at)
	case ScalarString:
		return *(*string)(at) == ""
	case ScalarInt32:
		return *(*int32)(at) == 0
	case ScalarInt64:
		return *(*int64)(at) == 0
	case ScalarUint32:
		return *(*uint32)(at) == 0
	case ScalarUint64:
		return *(*uint64)(at) == 0
	case ScalarFloat32:
		return *(*float32)(at) == 0
	case ScalarFloat64:
		return *(*float64)(at) == 0
	}
	return false
}
