package templates

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan/names"
)

// width is where comments are wrapped, counted in characters without indentation.
const width = 90

// comment is a comment of paragraphs. It is the only way for the contract's text into source other
// than jen.Lit: each line is made safe and gets its own slashes, so that nothing breaks out.
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

// described is the comment of a declaration: a sentence of ours that begins with its name, then the contract's words.
func described(sentence string, d names.Doc) jen.Code {
	return comment(append([]string{sentence}, words(d)...)...)
}

// words are the paragraphs of what the contract says about a thing.
func words(d names.Doc) []string {
	all := append([]string{sentence(d.Summary)}, paragraphs(d.Description)...)
	if d.Description == d.Summary {
		all = all[:1]
	}
	for note := range strings.Lines(d.Notes) {
		all = append(all, note)
	}
	if d.Deprecated {
		all = append(all, "Deprecated: the contract says so.")
	}
	return all
}

// sentence gives a summary that ends in a word its full stop; gofmt would make a heading of it.
func sentence(summary string) string {
	summary = strings.TrimSpace(summary)
	if last, _ := utf8.DecodeLastRuneInString(summary); unicode.IsLetter(last) || unicode.IsDigit(last) {
		return summary + "."
	}
	return summary
}

// paragraphs splits text at blank lines and before each item of a Markdown list.
func paragraphs(text string) []string {
	var all []string
	fresh := true
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "```"): // the fences of code in Markdown say nothing here
			fresh = true
			continue
		case fresh || isItem(line):
			all = append(all, line)
		default:
			all[len(all)-1] += " " + line
		}
		fresh = false
	}
	return all
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

// wrap returns the comment lines of one paragraph. The first line begins with first, the others with next.
func wrap(paragraph, first, next string) []string {
	var lines []string
	line, empty := first, true
	for word := range strings.FieldsSeq(gofmtQuotes.Replace(oneLine(paragraph))) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines = append(lines, line)
			line, empty = next, true
		}
		if empty {
			word = plainStart(word)
		}
		line, empty = line+" "+word, false
	}
	if empty {
		return lines
	}
	return append(lines, line)
}

// gofmtQuotes does what gofmt would do the next time.
var gofmtQuotes = strings.NewReplacer("``", "“", "''", "”")

// plainStart keeps the first word of a line from meaning anything to Go's tools: a heading, a list, a
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

// oneLine returns text with everything that could end a line, hide or reorder it as spaces.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
			return ' '
		}
		return r
	}, text)
}
