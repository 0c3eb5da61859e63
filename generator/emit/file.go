// Package emit says what a generated file is: a name and what writes it, and by what it is known again on the disk. A
// function that gives such files for a plan is an emitter.
//
// The package is importable but not promised: it may change in any release.
package emit

// A File is one file that is to be generated.
type File struct {
	Name string // path below the output folder, with slashes: orderplaced/queue.gen.go

	// Write returns the content as it will stand on the disk. Files are written side by side, so Write changes nothing
	// that another file is written from. An error is a mistake of scampgen; it may be a *BugError.
	Write func() ([]byte, error)
}
