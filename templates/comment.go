package templates

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/names"
)

// width is where comments are wrapped, counted in characters without indentation.
const width = 100

// comment is a comment of paragraphs. Text of the contract gets into source only through it and
// jen.Lit: each line is made safe and gets its own slashes, so that nothing escapes from the
// comment.
func comment(paragraphs ...string) jen.Code {
	code := jen.Null()
	for i, line := range commentLines(paragraphs) {
		if i > 0 {
			code.Line()
		}
		code.Comment(line)
	}
	return code
}

// commentLines are the lines of a comment, each with its slashes.
func commentLines(paragraphs []string) []string {
	var lines []string
	wasItem := false
	for _, p := range paragraphs {
		item, isItem := cutListItem(p)
		wrapped := wrap(p, "//", "//")
		if isItem {
			wrapped = wrap(item, "//   -", "//    ")
		}
		if len(lines) > 0 && len(wrapped) > 0 && (!isItem || !wasItem) {
			lines = append(lines, "//")
		}
		lines, wasItem = append(lines, wrapped...), isItem
	}
	return lines
}

// described is the comment of a declaration: a sentence of ours that begins with its name, then the
// contract's words.
func described(sentence string, d names.Doc) jen.Code {
	return comment(append([]string{sentence}, docParagraphs(d)...)...)
}

// docParagraphs are the paragraphs of what the contract says about a thing.
func docParagraphs(d names.Doc) []string {
	said, notes, last := docParts(d, "")
	return slices.Concat(said, notes, last)
}

// docParts are the paragraphs of what the contract says about a thing called name, what is worth
// knowing in addition, and what ends a comment. A title that only repeats the name is left out.
func docParts(d names.Doc, name string) (said, notes, last []string) {
	if d.Summary != "" && !sameName(d.Summary, name) && d.Summary != d.Description {
		said = append(said, sentence(strings.TrimSpace(html.UnescapeString(d.Summary))))
	}
	said = append(said, paragraphs(d.Description)...)
	for note := range strings.Lines(d.Notes) {
		notes = append(notes, note)
	}
	if d.Tags != "" {
		notes = append(notes, "Tags: "+d.Tags+".")
	}
	if d.URL != "" {
		notes = append(notes, "See "+d.URL)
	}
	if d.Deprecated {
		last = []string{"Deprecated: the contract says so."}
	}
	return said, notes, last
}

// sameName reports whether two names have the same letters and digits.
func sameName(x, y string) bool {
	letters := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}
	return strings.Map(letters, x) == strings.Map(letters, y)
}

// sentence adds a full stop to a text that ends in a word or a parenthesis: Go takes short lines
// without one for headings.
func sentence(paragraph string) string {
	if last, _ := utf8.DecodeLastRuneInString(paragraph); unicode.In(last, unicode.L, unicode.M, unicode.N) || last == ')' {
		return paragraph + "."
	}
	return paragraph
}

// paragraphs splits text at blank lines and before each item of a Markdown list.
func paragraphs(text string) []string {
	var all []string
	fresh := true
	for line := range strings.Lines(strings.ReplaceAll(html.UnescapeString(text), "\r\n", "\n")) {
		line, isHeading := cutHeading(strings.TrimSpace(line))
		switch {
		case line == "", strings.HasPrefix(line, "```"): // the fences of code in Markdown say nothing here
			fresh = true
			continue
		case fresh || isHeading || isItem(line):
			all = append(all, line)
		default:
			all[len(all)-1] += " " + line
		}
		fresh = isHeading
	}
	for i, p := range all {
		if first, _ := utf8.DecodeRuneInString(p); unicode.IsUpper(first) && len(p) <= width {
			all[i] = sentence(p)
		}
	}
	return all
}

// cutHeading returns the text of a heading of Markdown.
func cutHeading(line string) (text string, ok bool) {
	text = strings.TrimLeft(line, "#")
	if n := len(line) - len(text); n == 0 || n > 6 || !strings.HasPrefix(text, " ") {
		return line, false
	}
	return strings.TrimSpace(strings.TrimRight(text, "# ")), true
}

func isItem(line string) bool {
	_, ok := cutListItem(line)
	return ok
}

// cutListItem returns the text of an item of a Markdown list.
func cutListItem(line string) (text string, ok bool) {
	if text, ok = strings.CutPrefix(line, "- "); ok {
		return text, true
	}
	return strings.CutPrefix(line, "* ")
}

// wrap returns the comment lines of one paragraph. The first line begins with first, the others
// with next.
func wrap(paragraph, first, next string) []string {
	var lines []string
	line, length := []byte(first), len(first) // in bytes, in characters
	words := 0
	for word := range strings.FieldsSeq(asGofmt(oneLine(paragraph))) {
		if words > 0 && length+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, string(line))
			line, length, words = append(line[:0], next...), len(next), 0
		}
		if words == 0 {
			word = plainStart(word)
		}
		line = append(append(line, ' '), word...)
		length += 1 + utf8.RuneCountInString(word)
		words++
	}
	if words == 0 {
		return lines
	}
	return append(lines, string(line))
}

// asGofmt replaces quotes as gofmt would.
func asGofmt(text string) string {
	if !strings.Contains(text, "``") && !strings.Contains(text, "''") {
		return text
	}
	return gofmtQuotes.Replace(text)
}

var gofmtQuotes = strings.NewReplacer("``", "“", "''", "”")

// plainStart keeps the start of a line from meaning something to Go's tools: a heading, a list, a
// directive.
func plainStart(word string) string {
	switch {
	case strings.Trim(word, "#") == "" || word == "-" || word == "*" || word == "+" || word == "•":
		return "–"
	case strings.HasPrefix(word, "+build"), strings.HasPrefix(word, "go:"):
		return "–" + word
	}
	return word
}

// oneLine returns text with spaces for everything that could end a line, hide it or reorder it.
func oneLine(text string) string {
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return ' '
		}
		return r
	}, text)
}

// isPlain reports whether text has only printable characters of ASCII, as almost all texts.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
