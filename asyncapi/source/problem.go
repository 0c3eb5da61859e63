package source

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Position is a line and column in a file of a contract. Line and Column count from 1, Column in
// bytes. In the zero value they are not known.
type Position struct {
	File   string
	Line   int
	Column int
}

// String returns "file:line:col", or only the file when the line is not known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Severity says what a problem means for the run.
type Severity uint8

// The severities of a problem.
const (
	// Mistake: the contract breaks the specification or contradicts itself.
	Mistake Severity = iota
	// Unsupported: the contract is valid but asks for something that scampgen does
	// not do. Problem.Feature names it.
	Unsupported
	// Warning: the contract can be used as it is. It is a mistake under -strict.
	Warning
)

// A Problem is one thing that is wrong with a contract, or that its author should know, for a user
// to read.
type Problem struct {
	Position
	Severity Severity
	Path     string // where in the document, as a JSON pointer without "#": /channels/orders/address
	Feature  string // for Unsupported: a stable name such as "schema/oneOf"
	Message  string // what is wrong and what is expected
	Hint     string // what to do about it; may be empty
}

// String returns "file:line:col: path: message; hint" on one line. Characters that cannot be
// printed, which names in a contract may contain, are escaped, and the middle of a text that is too
// long is cut out.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(Masked(p.Position.String()))
	if p.Path != "" {
		b.WriteString(": " + Masked(p.Path))
	}
	b.WriteString(": ")
	switch p.Severity {
	case Warning:
		b.WriteString("warning: ")
	case Unsupported:
		b.WriteString("not supported (" + p.Feature + "): ")
	case Mistake:
	}
	b.WriteString(shown(p.Message))
	if p.Hint != "" {
		b.WriteString("; " + shown(p.Hint))
	}
	return printable(b.String())
}

// credentials matches the user and password in an address, also in a name in a JSON pointer.
var credentials = regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*:(?:/|~1){2})[^\s/?#"~]*@`)

// Masked returns text with the user and password of each address in it replaced by "xxxxx".
func Masked(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return credentials.ReplaceAllString(text, "${1}xxxxx@")
}

// maxText is the maximum length of a message or a hint. Malicious contracts have names of a
// megabyte.
const maxText = 1000

// shown returns a text as it is printed: without credentials, and cut when it is too long.
func shown(text string) string { return cut(Masked(text)) }

// cut removes the middle of a text that is too long: the end often says what is wrong.
func cut(text string) string {
	if len(text) <= maxText {
		return text
	}
	end, start := maxText/2, len(text)-maxText/2
	for !utf8.RuneStart(text[end]) {
		end--
	}
	for !utf8.RuneStart(text[start]) {
		start++
	}
	return text[:end] + "…" + text[start:]
}

// printable returns text with each rune that is not printed as itself escaped as in a Go string.
func printable(text string) string {
	isPlain := func(r rune) bool { return unicode.IsPrint(r) && r != utf8.RuneError }
	if strings.IndexFunc(text, func(r rune) bool { return !isPlain(r) }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if isPlain(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// Problems are all problems of one run.
type Problems []Problem

// Error returns the problems one a line. It lets Problems travel as an error.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Fatal reports whether any of the problems stops the generation.
func (ps Problems) Fatal() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity != Warning })
}

// Sorted returns the problems sorted by file and position, without duplicates. It may reorder ps
// itself.
func (ps Problems) Sorted() Problems {
	slices.SortStableFunc(ps, compareProblems)
	seen := make(map[Problem]bool, len(ps))
	return slices.DeleteFunc(ps, func(p Problem) bool {
		again := seen[p]
		seen[p] = true
		return again
	})
}

// mistakesFirst compares problems by whether they are warnings alone.
func mistakesFirst(a, b Problem) int {
	switch {
	case a.Severity != Warning && b.Severity == Warning:
		return -1
	case a.Severity == Warning && b.Severity != Warning:
		return 1
	}
	return 0
}

func compareProblems(a, b Problem) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(a.Path, b.Path),
	)
}

// First returns the n most important problems, sorted: mistakes before warnings, and earlier
// positions before later ones. It may reorder ps itself.
func (ps Problems) First(n int) Problems {
	ps = ps.Sorted()
	if len(ps) <= n {
		return ps
	}
	slices.SortStableFunc(ps, mistakesFirst)
	return ps[:n].Sorted()
}

// A Repeated is a problem that was found in several places.
type Repeated struct {
	Problem
	Others int // how many places there are beside that of Problem
}

// String returns the problem as one is printed, with the number of other places.
func (r Repeated) String() string {
	switch r.Others {
	case 0:
		return r.Problem.String()
	case 1:
		return r.Problem.String() + " (and in 1 more place)"
	}
	return fmt.Sprintf("%s (and in %d more places)", r.Problem, r.Others)
}

// Summary returns the same as First, but one for all warnings that say the same, at the first place,
// and how many problems it leaves out. It may reorder ps itself.
func (ps Problems) Summary(n int) (first []Repeated, left int) {
	first = ps.Sorted().folded()
	if len(first) <= n {
		return first, 0
	}
	slices.SortStableFunc(first, func(a, b Repeated) int { return mistakesFirst(a.Problem, b.Problem) })
	for _, r := range first[n:] {
		left += 1 + r.Others
	}
	first = first[:n]
	slices.SortStableFunc(first, func(a, b Repeated) int { return compareProblems(a.Problem, b.Problem) })
	return first, left
}

// folded returns ps with one for all warnings that say the same.
func (ps Problems) folded() []Repeated {
	all := make([]Repeated, 0, len(ps))
	known := map[Problem]int{} // by what they say
	for _, p := range ps {
		says := Problem{Severity: p.Severity, Message: p.Message, Hint: p.Hint}
		if i, ok := known[says]; ok && p.Severity == Warning {
			all[i].Others++
			continue
		}
		known[says] = len(all)
		all = append(all, Repeated{Problem: p})
	}
	return all
}
