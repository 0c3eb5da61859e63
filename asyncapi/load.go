package asyncapi

import (
	"cmp"
	"slices"
)

// Load reads a contract and everything it refers to. It returns all that is wrong with it, sorted
// by position. The document is nil when the file cannot be read at all;
// otherwise it has what could be understood, and is fit for use when the problems are not Fatal.
func Load(file string, o Options) (*Document, Problems) {
	var problems Problems
	opened, err := openFiles(file, o, &problems)
	if err != nil {
		return nil, Problems{{Position: Position{File: file}, Message: err.Error()}}
	}
	defer func() { _ = opened.close() }() // nothing was written
	root := opened.contract(file)
	if root == nil {
		return nil, problems
	}
	refs := newResolver(opened, &problems)
	refs.index(root, place{})
	document := decode(root, refs, &problems)
	return document, sorted(problems)
}

// sorted returns the problems by file and position, none twice.
func sorted(problems Problems) Problems {
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
		)
	})
	return slices.Compact(problems)
}
