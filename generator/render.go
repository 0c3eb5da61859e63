package generator

import (
	"bytes"
	"errors"
	"go/scanner"
	"runtime"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/imports"

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

// format replaces the content of each file with its formatted form. Source that does not parse is a *BugError.
func format(files []File) error {
	options := &imports.Options{Comments: true, TabIndent: true, TabWidth: 8, FormatOnly: true}
	return inParallel(len(files), func(i int) error {
		formatted, err := imports.Process(files[i].Name, files[i].Content, options)
		if err != nil {
			return doesNotParse(files[i], err)
		}
		files[i].Content = formatted
		return nil
	})
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
