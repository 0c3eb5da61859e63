// Package emit defines what a generated file is: a name and a function that writes it. It also says
// how a generated file is recognised on the disk. A function that returns such files for a plan is
// an emitter.
//
// The package is not stable: it can be imported, but may change in any release.
package emit

// A File is one file to be generated.
type File struct {
	Name string // path below the output folder, with slashes: orderplaced/queue.gen.go

	// Write returns the content of the file. Files are written in parallel, so Write must not
	// change anything that another file is written from. An error is a mistake of scampgen; it may
	// be a *BugError.
	Write func() ([]byte, error)
}
