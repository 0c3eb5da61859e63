package generator

import (
	"cmp"
	"errors"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/scampgen/scampgen/generator/emit"
)

// render writes files in parallel, on as many goroutines as there are processors, and returns them
// sorted by name. It starts them in the given order: emitters return the largest first, so that
// none of those is left for the end. The error joins a *emit.BugError for each file that cannot be
// written.
func render(files []emit.File) ([]File, error) {
	rendered, errs := make([]File, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, file := range files {
		group.Go(func() error {
			content, err := file.Write()
			rendered[i], errs[i] = File{file.Name, content}, asBug(file.Name, err)
			return nil
		})
	}
	_ = group.Wait() // the functions return nil
	slices.SortFunc(rendered, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return rendered, errors.Join(errs...)
}

// asBug returns err as a *emit.BugError, or nil for nil.
func asBug(name string, err error) error {
	if _, isBug := errors.AsType[*emit.BugError](err); isBug || err == nil {
		return err
	}
	return &emit.BugError{File: name, Err: err}
}
