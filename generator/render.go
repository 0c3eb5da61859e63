package generator

import (
	"bytes"
	"errors"
	"go/format"
	"go/scanner"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/templates"
)

// render prints files as Go source, in their order. The source is not formatted yet.
func render(files []templates.File) ([]File, error) {
	rendered := make([]File, len(files))
	err := inParallel(len(files), func(i int) error {
		var source bytes.Buffer
		if err := files[i].Source.Render(&source); err != nil {
			return &BugError{File: files[i].Name, Err: err}
		}
		rendered[i] = File{files[i].Name, source.Bytes()}
		return nil
	})
	return rendered, err
}

// formatAll replaces the content of each file with its formatted form. Source that does not parse is a *BugError.
//
// It does what goimports does to such files in half the time: that prints everything twice.
func formatAll(files []File) error {
	return inParallel(len(files), func(i int) error {
		formatted, err := format.Source(groupImports(trimComments(files[i].Content)))
		if err != nil {
			return doesNotParse(files[i], err)
		}
		files[i].Content = formatted
		return nil
	})
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

func doesNotParse(file File, err error) *BugError {
	bug := &BugError{File: file.Name, Source: file.Content, Err: err}
	if list, ok := errors.AsType[scanner.ErrorList](err); ok && len(list) > 0 {
		bug.Line, bug.Err = list[0].Pos.Line, errors.New(list[0].Msg)
	}
	return bug
}

// inParallel calls work with 0 to n-1 on as many goroutines as there are processors. It returns
// the error of the lowest number that failed, so that the same input gives the same error.
func inParallel(n int, work func(i int) error) error {
	errs := make([]error, n)
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			errs[i] = work(i)
			return nil
		})
	}
	_ = group.Wait() // the functions return nil
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
