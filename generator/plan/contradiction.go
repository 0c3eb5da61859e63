package plan

import (
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
)

// contradiction reports schemas of an allOf that no value satisfies; s is where that shows.
func (t *typeBuilder) contradiction(s *asyncapi.Schema, why string) {
	t.mistake(s.Position, s.Path, "allOf contradicts itself: "+why, "")
}

// reportContradictions reports limits that nothing is within. s is what an allOf has become.
func (t *typeBuilder) reportContradictions(s *asyncapi.Schema) {
	for _, c := range []struct {
		low, high Keyword
		min, max  *int
	}{
		{MinLength, MaxLength, s.MinLength, s.MaxLength},
		{MinItems, MaxItems, s.MinItems, s.MaxItems},
		{MinProperties, MaxProperties, s.MinProperties, s.MaxProperties},
	} {
		if c.min != nil && c.max != nil && *c.min > *c.max {
			t.contradiction(s, fmt.Sprintf("%s is %d and %s is %d", c.low, *c.min, c.high, *c.max))
		}
	}
	if low, high := rational(s.Minimum), rational(s.Maximum); low != nil && high != nil && low.Cmp(high) > 0 {
		t.contradiction(s, fmt.Sprintf("minimum is %s and maximum is %s", s.Minimum, s.Maximum))
	}
}

// addValues keeps the values that both have.
func (m *merger) addValues(s *asyncapi.Schema) {
	into := &m.into
	given, more := values(into), values(s)
	switch {
	case more == nil:
		return
	case given == nil:
		into.Enum, into.Const = s.Enum, s.Const
		return
	case hasTwo(into), hasTwo(s), into.Extensions[extEnumNames] != nil, slices.ContainsFunc(slices.Concat(given, more), hasParts):
		m.loose = true
		return
	}
	both := slices.DeleteFunc(slices.Clone(given), func(x *asyncapi.Value) bool {
		return !slices.ContainsFunc(more, func(y *asyncapi.Value) bool { return isSameScalar(x, y) })
	})
	if len(both) == 0 {
		m.types.contradiction(s, "no value is one of those that all of its schemas want")
	}
	into.Enum, into.Const = both, nil
}

// hasTwo says whether s has an enum and a const.
func hasTwo(s *asyncapi.Schema) bool { return s.Enum != nil && s.Const != nil }

func hasParts(v *asyncapi.Value) bool { return v.Kind == asyncapi.Array || v.Kind == asyncapi.Object }

// isSameScalar says whether two scalars are the same JSON value.
func isSameScalar(x, y *asyncapi.Value) bool {
	if x.Kind == asyncapi.Number && y.Kind == asyncapi.Number {
		return rational(x.Text).Cmp(rational(y.Text)) == 0
	}
	return x.Kind == y.Kind && x.Text == y.Text
}
