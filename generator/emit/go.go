package emit

import (
	"bytes"
	"errors"
	"go/format"
	"go/scanner"
	"io"
	"slices"
)

// Go returns a file of Go source, which source prints when the file is written. It is formatted as gofmt does.
func Go(name string, source func(io.Writer) error) File {
	return File{name, func() ([]byte, error) {
		var printed bytes.Buffer
		if err := source(&printed); err != nil {
			return nil, err
		}
		return formatGo(name, printed.Bytes())
	}}
}

// formatGo returns source as gofmt formats it. Source that does not parse is a *BugError.
//
// It does what goimports does to such files in half the time: that prints everything twice.
func formatGo(name string, source []byte) ([]byte, error) {
	formatted, err := format.Source(groupImports(trimComments(source)))
	if err != nil {
		return nil, doesNotParse(name, source, err)
	}
	return formatted, nil
}

// trimComments takes off the spaces that jennifer leaves at the ends of comments. With them gofmt does
// not see how a comment would look, and would change it the next time.
func trimComments(source []byte) []byte {
	trimmed := make([]byte, 0, len(source))
	for line := range bytes.Lines(source) {
		if !bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("//")) {
			trimmed = append(trimmed, line...)
			continue
		}
		trimmed = append(trimmed, bytes.TrimRight(line, " \t\n")...)
		trimmed = append(trimmed, '\n')
	}
	return trimmed
}

// groupImports puts the standard library's imports, whose paths have no dot in their first
// element, before the others. Imports are expected one a line, as jennifer prints them.
func groupImports(source []byte) []byte {
	const begin, end = "\nimport (\n", "\n)"
	before, rest, found := bytes.Cut(source, []byte(begin))
	block, after, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return source
	}
	var standard, others []byte
	for line := range bytes.Lines(append(block, '\n')) {
		_, path, _ := bytes.Cut(line, []byte(`"`))
		if first, _, _ := bytes.Cut(path, []byte("/")); bytes.ContainsRune(first, '.') {
			others = append(others, line...)
		} else {
			standard = append(standard, line...)
		}
	}
	return slices.Concat(before, []byte(begin), standard, []byte("\n"), others, []byte(end), after)
}

func doesNotParse(name string, source []byte, err error) *BugError {
	bug := &BugError{File: name, Source: source, Err: err}
	if list, ok := errors.AsType[scanner.ErrorList](err); ok && len(list) > 0 {
		bug.Line, bug.Err = list[0].Pos.Line, errors.New(list[0].Msg)
	}
	return bug
}
