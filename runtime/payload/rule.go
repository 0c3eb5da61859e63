package payload

import (
	"reflect"
	"strings"
)

// A Rule is what is demanded of a value: a *StringRule, *IntegerRule, *NumberLimits, *ArrayRule or *MapRule.
type Rule interface {
	isRule()
}

func (*StringRule) isRule()   {}
func (*IntegerRule) isRule()  {}
func (*NumberLimits) isRule() {}
func (*ArrayRule) isRule()    {}
func (*MapRule) isRule()      {}

// bind gives p its rule, and takes the check from one that has nothing to check.
func (c *compiler) bind(p *program, rule Rule) {
	switch {
	case rule == nil:
		if p.onlyRuled {
			p.check = nil
		}
	case !p.take(rule):
		c.refuse("a " + strings.TrimPrefix(reflect.TypeOf(rule).String(), "*") + " is the rule of a " + p.typ.String())
	default:
		p.fix(onlyValue(rule))
	}
}

// take gives p its rule, and reports whether there is something in p that it is for.
func (p *program) take(rule Rule) bool {
	switch rule := rule.(type) {
	case *StringRule:
		p.string = rule
		return p.scalar == ScalarString
	case *IntegerRule:
		p.integer = rule
		return p.scalar == ScalarInt32 || p.scalar == ScalarInt64 || p.scalar == ScalarUint32
	case *NumberLimits:
		p.number = NewNumberRule(*rule)
		return p.scalar == ScalarUint64 || p.scalar == ScalarFloat32 || p.scalar == ScalarFloat64 || p.scalar == ScalarDecimal || p.scalar == ScalarDecimalString
	case *ArrayRule:
		p.array = rule
		return p.list != nil || p.fields != nil
	case *MapRule:
		p.object = rule
		return p.mapped != nil || p.fields != nil
	}
	return false
}
