package names

import (
	"cmp"
	"strings"
	"unicode"
)

// SpellSymbols returns text with its symbols as words if it has nothing else to make a name of, so
// that ">=" becomes "greater equal". It is for the names of constants.
func SpellSymbols(text string) string {
	if text == "" {
		return "empty"
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return strings.NewReplacer("+", " plus ", "-1", " minus 1").Replace(text)
	}
	var spelled []string
	for _, r := range text {
		spelled = append(spelled, cmp.Or(symbols[r], " "))
	}
	return strings.Join(spelled, " ")
}

var symbols = map[rune]string{
	'+': "plus", '-': "minus", '*': "star", '/': "slash", '%': "percent", '=': "equal", '<': "less", '>': "greater",
	'!': "not", '&': "and", '|': "or", '.': "dot", ',': "comma", ':': "colon", ';': "semicolon", '?': "question", '#': "hash",
	'@': "at", '$': "dollar", '_': "underscore", '~': "tilde", '^': "caret", ' ': "space",
	'\t': "tab", '\n': "newline", '\r': "return",
}
