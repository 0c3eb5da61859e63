package payload

import "regexp/syntax"

// A simple is a pattern that needs no search: bound to both ends, each part one set of ASCII
// characters a number of times, and no character that could belong to a part of variable length or to the one after it. It is
// some eight times as fast as package regexp.
type simple []simplePart

// A simplePart is a character of set, min to max times.
type simplePart struct {
	set      asciiSet
	min, max int
}

// An asciiSet has one bit for each ASCII character.
type asciiSet [2]uint64

func (s *asciiSet) add(c byte)      { s[c/64] |= 1 << (c % 64) }
func (s *asciiSet) has(c byte) bool { return c < 128 && s[c/64]&(1<<(c%64)) != 0 }

func (s *asciiSet) meets(other *asciiSet) bool { return s[0]&other[0]|s[1]&other[1] != 0 }

// match says whether text is the parts one after another.
func (parts simple) match(text string) bool {
	i := 0
	for p := range parts {
		part := &parts[p]
		rest := text[i:]
		if len(rest) > part.max {
			rest = rest[:part.max]
		}
		n := 0
		for n < len(rest) && part.set.has(rest[n]) {
			n++
		}
		if n < part.min {
			return false
		}
		i += n
	}
	return i == len(text)
}

// compileSimple returns the parts of a pattern that is simple.
func compileSimple(expression string) (simple, bool) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, false
	}
	list := flatten(tree, nil)
	last := len(list) - 1
	if last < 1 || list[0].Op != syntax.OpBeginText || list[last].Op != syntax.OpEndText {
		return nil, false
	}
	parts := simple{}
	for _, node := range list[1:last] {
		var ok bool
		if parts, ok = appendParts(parts, node); !ok {
			return nil, false
		}
	}
	return parts, parts.certain()
}

// flatten returns the nodes that follow one another in node.
func flatten(node *syntax.Regexp, list []*syntax.Regexp) []*syntax.Regexp {
	switch node.Op {
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range node.Sub {
			list = flatten(sub, list)
		}
		return list
	case syntax.OpEmptyMatch:
		return list
	}
	return append(list, node)
}

// appendParts appends the parts that node stands for.
func appendParts(parts simple, node *syntax.Regexp) (simple, bool) {
	var low, high int
	switch node.Op {
	case syntax.OpLiteral:
		if node.Flags&syntax.FoldCase != 0 {
			return nil, false
		}
		for _, r := range node.Rune {
			set, ok := setOf([]rune{r, r})
			if !ok {
				return nil, false
			}
			parts = append(parts, simplePart{set, 1, 1})
		}
		return parts, true
	case syntax.OpStar:
		low, high = 0, NoLimit
	case syntax.OpPlus:
		low, high = 1, NoLimit
	case syntax.OpQuest:
		low, high = 0, 1
	case syntax.OpRepeat:
		low, high = node.Min, node.Max
		if high < 0 {
			high = NoLimit
		}
	case syntax.OpCharClass:
		set, ok := setOf(node.Rune)
		return append(parts, simplePart{set, 1, 1}), ok
	default:
		return nil, false
	}
	inner, ok := appendParts(nil, node.Sub[0])
	if !ok || len(inner) != 1 || inner[0].min != 1 || inner[0].max != 1 {
		return nil, false
	}
	return append(parts, simplePart{inner[0].set, low, high}), true
}

// setOf returns the set of the characters in pairs of bounds.
func setOf(pairs []rune) (set asciiSet, ok bool) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] > 127 {
			return set, false
		}
		for r := pairs[i]; r <= pairs[i+1]; r++ {
			set.add(byte(r))
		}
	}
	return set, true
}

// certain says whether taking as many characters as a part can is always right: no part of variable length
// is followed by one that its characters could belong to, up to the next part that must be there.
func (parts simple) certain() bool {
	for i := range parts {
		if parts[i].min == parts[i].max {
			continue
		}
		for j := i + 1; j < len(parts); j++ {
			if parts[i].set.meets(&parts[j].set) {
				return false
			}
			if parts[j].min > 0 {
				break
			}
		}
	}
	return true
}
