package schema

import "regexp/syntax"

// The limits of the patterns of a contract. A few bytes can stand for much: package regexp expands
// (a{1,30}){1,30}.
const (
	MaxPattern  = 10_000  // bytes of one pattern, and instructions of its program
	MaxPatterns = 200_000 // instructions of all
)

// PatternSize returns about how many instructions the program of an expression has.
func PatternSize(e *syntax.Regexp) int {
	size := 1 + len(e.Rune)/2 // the characters of a text, or half the bounds of a class
	for _, sub := range e.Sub {
		size += PatternSize(sub)
	}
	if e.Op == syntax.OpRepeat {
		size *= max(e.Max, e.Min+1)
	}
	return size
}
