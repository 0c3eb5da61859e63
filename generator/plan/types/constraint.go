package types

import (
	"math/big"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/schema"
)

// integerChecks returns the limits of an integer as whole numbers, both included: 1 is the least integer
// above 0.5. Limits that the Go type has anyway are left out.
func integerChecks(s *schema.Schema) []Check {
	var all []Check
	if low := tightest(1, ceiling(s.Minimum, false), ceiling(s.ExclusiveMinimum, true)); low != nil {
		all = append(all, Check{Keyword: Minimum, Value: low.String()})
	}
	if high := tightest(-1, floor(s.Maximum, false), floor(s.ExclusiveMaximum, true)); high != nil {
		all = append(all, Check{Keyword: Maximum, Value: high.String()})
	}
	if unit := rational(s.MultipleOf); unit != nil && unit.Num().Cmp(big.NewInt(1)) != 0 {
		// In lowest terms, an integer is a multiple of p/q just when it is one of p.
		all = append(all, Check{Keyword: MultipleOf, Value: unit.Num().String()})
	}
	return all
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

// ceiling returns the least integer that is at least limit, or more than it when open; nil without a limit.
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

// floor returns the largest integer that is at most limit, or less than it when open; nil without a limit.
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

// nameRules gives each rule of the declared types the name of a variable: that of the type with the way to
// the value in it.
func (t *Builder) nameRules(types []Type) {
	taken := map[string]bool{}
	for i := range types {
		declared := &types[i]
		base := t.namer.Unexported(declared.GoName)
		declared.Underlying.Rule = ruleName(taken, base, declared.Underlying)
		if len(declared.Checks) > 0 || len(declared.Values) > 0 {
			declared.Rule = unused(taken, base+"Rule")
			declared.Sorted = sortedValues(declared.Underlying.Kind, declared.Values)
		}
		if declared.Kind == StructType && slices.ContainsFunc(declared.Fields, func(f Field) bool { return f.Required }) {
			declared.RequiredNames = unused(taken, base+"Required")
		}
		if declared.Underlying.Elem != nil {
			nameElement(taken, base, declared.Underlying.Elem)
		}
		for j := range declared.Fields {
			f := &declared.Fields[j]
			f.Type.Rule = ruleName(taken, base+f.GoName, f.Type)
			nameElement(taken, base+f.GoName, f.Type.Elem)
		}
		for j := range declared.Patterns {
			p := &declared.Patterns[j]
			p.Rule = unused(taken, base+p.GoName+"Rule")
			p.Type.Rule = ruleName(taken, base+p.GoName+"Item", p.Type)
			nameElement(taken, base+p.GoName+"Item", p.Type.Elem)
		}
		if declared.Signs != nil {
			declared.Choice = unused(taken, base+"Choice")
		}
		for j := range declared.Variants {
			v := &declared.Variants[j]
			v.Type.Rule = ruleName(taken, base+v.GoName, v.Type)
		}
		if declared.Rest != nil {
			declared.Rest.Rule = ruleName(taken, base+declared.RestName, *declared.Rest)
			nameElement(taken, base+declared.RestName, declared.Rest.Elem)
		}
	}
}

// nameElement gives the rules of a list's items or a map's values their names.
func nameElement(taken map[string]bool, base string, r *Ref) {
	for ; r != nil; r = r.Elem {
		base += "Item"
		r.Rule = ruleName(taken, base, *r)
	}
}

func ruleName(taken map[string]bool, base string, r Ref) string {
	if len(r.Checks) == 0 {
		return ""
	}
	return unused(taken, base+"Rule")
}

// unused returns name, with as many more letters as make it unused. Such names are seen by nobody but readers of generated code.
func unused(taken map[string]bool, name string) string {
	for taken[name] {
		name += "_"
	}
	taken[name] = true
	return name
}

// sortedValues are the values of an enum in the order that its rule wants: strings as strings, numbers as numbers.
func sortedValues(kind RefKind, values []EnumValue) []string {
	var all []string
	for _, v := range values {
		all = append(all, v.Value)
	}
	if kind == String {
		slices.Sort(all)
		return all
	}
	numbers := make(map[string]*big.Rat, len(all))
	for _, number := range all {
		numbers[number] = rational(number)
	}
	slices.SortFunc(all, func(x, y string) int { return numbers[x].Cmp(numbers[y]) })
	return all
}
