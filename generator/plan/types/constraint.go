package types

import (
	"math/big"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// ceilingOf returns the least integer that the limits of s allow, nil when there is none.
func ceilingOf(s *schema.Schema) *big.Int {
	return tightest(1, ceiling(s.Minimum, false), ceiling(s.ExclusiveMinimum, true))
}

// floorOf returns the largest integer that the limits of s allow, nil when there is none.
func floorOf(s *schema.Schema) *big.Int {
	return tightest(-1, floor(s.Maximum, false), floor(s.ExclusiveMaximum, true))
}

// tightest returns the largest limit for sign 1, the smallest for sign -1, nil when there are none.
func tightest(sign int, limits ...*big.Int) *big.Int {
	var best *big.Int
	for _, n := range limits {
		if n != nil && (best == nil || n.Cmp(best) == sign) {
			best = n
		}
	}
	return best
}

// ceiling returns the least integer that is at least limit, or more than it when open; nil without
// a limit.
func ceiling(limit string, open bool) *big.Int {
	r := rational(limit)
	if r == nil {
		return nil
	}
	n := new(big.Int).Div(r.Num(), r.Denom()) // rounds down: denominators are positive
	if open || !r.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	return n
}

// floor returns the largest integer that is at most limit, or less than it when open; nil without a
// limit.
func floor(limit string, open bool) *big.Int {
	r := rational(limit)
	if r == nil {
		return nil
	}
	n := new(big.Int).Div(r.Num(), r.Denom())
	if open && r.IsInt() {
		n.Sub(n, big.NewInt(1))
	}
	return n
}

// rational returns the value of a number in JSON's notation, nil for "".
func rational(number string) *big.Rat {
	r, ok := new(big.Rat).SetString(number)
	if !ok {
		return nil
	}
	return r
}
