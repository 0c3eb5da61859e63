package types

import (
	"strconv"

	"github.com/scampgen/scampgen/runtime/payload"
)

// stringRule returns the rule that checks of a string make, nil when there are none.
func stringRule(checks []Check) *payload.StringRule {
	if len(checks) == 0 {
		return nil
	}
	rule := &payload.StringRule{MaxLength: payload.NoLimit}
	for _, c := range checks {
		switch c.Keyword {
		case MinLength:
			rule.MinLength = count(c)
		case MaxLength:
			rule.MaxLength = count(c)
		case Pattern:
			rule.Patterns = append(rule.Patterns, pattern(c))
		case Format:
			rule.Format = formats[c.Value].check
		default:
			panic("types: a check that no string has: " + c.Keyword)
		}
	}
	return rule
}

// numberRule returns the rule that checks of a number make, nil when there are none.
func numberRule(checks []Check) *payload.NumberRule {
	if len(checks) == 0 {
		return nil
	}
	var limits payload.NumberLimits
	for _, c := range checks {
		switch c.Keyword {
		case Minimum:
			limits.Minimum = c.Value
		case ExclusiveMinimum:
			limits.ExclusiveMinimum = c.Value
		case Maximum:
			limits.Maximum = c.Value
		case ExclusiveMaximum:
			limits.ExclusiveMaximum = c.Value
		case MultipleOf:
			limits.MultipleOf = c.Value
		default:
			panic("types: a check that no number has: " + c.Keyword)
		}
	}
	return payload.NewNumberRule(limits)
}

// arrayRule returns the rule that checks of a list make, nil when there are none.
func arrayRule(checks []Check) *payload.ArrayRule {
	if len(checks) == 0 {
		return nil
	}
	rule := &payload.ArrayRule{MaxItems: payload.NoLimit}
	for _, c := range checks {
		switch c.Keyword {
		case MinItems:
			rule.MinItems = count(c)
		case MaxItems:
			rule.MaxItems = count(c)
		case UniqueItems:
			rule.UniqueItems = true
		default:
			panic("types: a check that no list has: " + c.Keyword)
		}
	}
	return rule
}

// mapRule returns the rule that checks of an object make, nil when there are none.
func mapRule(checks []Check) *payload.MapRule {
	if len(checks) == 0 {
		return nil
	}
	rule := &payload.MapRule{MaxProperties: payload.NoLimit}
	for _, c := range checks {
		switch c.Keyword {
		case MinProperties:
			rule.MinProperties = count(c)
		case MaxProperties:
			rule.MaxProperties = count(c)
		default:
			panic("types: a check that no object has: " + c.Keyword)
		}
	}
	return rule
}

func pattern(c Check) *payload.Pattern { return payload.NewPattern(c.Value, c.Go) }

func count(c Check) int {
	n, err := strconv.Atoi(c.Value)
	if err != nil {
		panic("types: a count that is no number: " + c.Value)
	}
	return n
}
