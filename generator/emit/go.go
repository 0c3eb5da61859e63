package emit

import (
	"bytes"
	"errors"
	"go/format"
	"go/scanner"
	"io"
	"slices"
)

// Go returns a file of Go source. source prints it when the file is written. The result is
// formatted like gofmt does.
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
// For generated files it does the same as goimports in half the time: goimports prints everything
// twice.
func formatGo(name string, source []byte) ([]byte, error) {
	source = groupImports(trimComments(source))
	formatted, err := format.Source(source)
	if err != nil {
		return nil, doesNotParse(name, source, err)
	}
	return formatted, nil
}

// trimComments removes the spaces that jennifer leaves at the ends of comments, in place. With them
// gofmt needs a second run to reach its final format.
func trimComments(source []byte) []byte {
	trimmed := source[:0]
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

// groupImports puts the imports of the standard library, whose paths have no dot in their first
// element, before the others. It expects one import on a line, as jennifer prints them.
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
