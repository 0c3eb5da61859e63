package payload

import (
	"reflect"
	"strings"
)

// A Rule is what is demanded of a value: a *StringRule, *IntegerRule, *NumberLimits, *ArrayRule or *MapRule.
type Rule interface {
	bind(p *program) bool
}

// bind gives p its rule, and takes the check from one that has nothing to check.
func (c *compiler) bind(p *program, rule Rule) {
	switch {
	case rule == nil:
		if p.onlyRuled {
			p.check = nil
		}
	case !rule.bind(p):
		c.refuse("a " + strings.TrimPrefix(reflect.TypeOf(rule).String(), "*") + " is the rule of a " + p.typ.String())
	}
}

// The rules say whether there is something in a program that they are for.

func (rule *StringRule) bind(p *program) bool {
	p.string = rule
	return p.scalar == ScalarString
}

func (rule *IntegerRule) bind(p *program) bool {
	p.integer = rule
	return p.scalar == ScalarInt32 || p.scalar == ScalarInt64
}

func (limits *NumberLimits) bind(p *program) bool {
	p.number = NewNumberRule(*limits)
	return p.scalar == ScalarFloat32 || p.scalar == ScalarFloat64 || p.scalar == ScalarDecimal || p.scalar == ScalarDecimalString
}

func (rule *ArrayRule) bind(p *program) bool {
	p.array = rule
	return p.list != nil || p.fields != nil
}

func (rule *MapRule) bind(p *program) bool {
	p.object = rule
	return p.mapped != nil || p.fields != nil
}
