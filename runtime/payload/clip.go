package payload

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The bounds of a violation, in bytes. What is longer is cut, and has "…" where it was.
const (
	maxValue   = 64   // of a value, or what is shown of it
	maxToken   = 128  // of a name in a pointer
	maxPointer = 256  // of a JSON pointer
	maxMessage = 256  // of a message
	maxError   = 4096 // of all violations as one text
)

const cut = "…"

// printable returns text with what is not printable as escapes, as Go writes them: control characters, and those that
// change the direction of what follows. Text from a message must not forge a line of a log.
func printable(text string) string {
	clean := true
	for i := 0; i < len(text) && clean; i++ {
		clean = text[i] < utf8.RuneSelf && plainBytes[text[i]] || text[i] == '"' || text[i] == '\\'
	}
	if clean {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i]), 16))
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// clipped returns at most the first most bytes of text, printable.
func clipped(text string, most int) string {
	long := len(text) > most
	if long {
		text = text[:boundary(text, most)]
	}
	if text = printable(text); !long && len(text) <= most {
		return text
	}
	return text[:boundary(text, min(len(text), most-len(cut)))] + cut
}

// boundary returns the offset of the last character of text that begins at or before the offset at.
func boundary(text string, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// shortened returns a value as a message has it: its first digits or letters.
func shortened(text string) string { return clipped(text, maxValue) }

// tokenOf returns "/" and token, escaped as RFC 6901 says, as a pointer has it.
func tokenOf(token string) string { return string(appendToken(nil, clipped(token, maxToken))) }

// joined returns the pointer that leads along prefix and then rest. When that is long it keeps the ends.
func joined(prefix, rest string) string {
	pointer := prefix + rest
	if len(pointer) <= maxPointer {
		return pointer
	}
	const end = (maxPointer - len(cut)) / 2
	head := pointer[:boundary(pointer, end)]
	tail := len(pointer) - end
	for !utf8.RuneStart(pointer[tail]) {
		tail++
	}
	return head + cut + pointer[tail:]
}
