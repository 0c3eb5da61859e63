// Package templates writes a plan out as Go source: emitters, one for each declaration, that
// make jennifer statements. It decides nothing and knows nothing of AsyncAPI.
//
// The package is importable but not promised: it may change in any release.
package templates

import (
	"github.com/dave/jennifer/jen"
	"github.com/scampgen/scampgen/generator/plan"
)

// A File is one generated file. Name is its path below the output folder, with slashes.
type File struct {
	Name   string
	Source *jen.File
}

// Files returns the files of p, sorted by name. They render unformatted.
func Files(p *plan.Plan) []File {
	return nil
}
