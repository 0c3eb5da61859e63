package emit

import (
	"fmt"
	"strings"
)

// A BugError reports a mistake of scampgen itself: what it generated is not Go, whatever the
// contract.
type BugError struct {
	File   string // name of the generated file
	Line   int    // 0 when not known
	Source []byte // the whole file; may be nil
	Err    error
}

// around is how many lines Error shows before and after the position.
const around = 3

// Error returns what is wrong and the lines around it.
func (e *BugError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %v: this is a bug of scampgen, not of the contract; please report it with the contract", e.File, e.Err)
	if e.Line == 0 {
		return b.String()
	}
	number := 0
	for line := range strings.Lines(string(e.Source)) {
		number++
		if number >= e.Line-around && number <= e.Line+around {
			fmt.Fprintf(&b, "\n%6d\t%s", number, strings.TrimRight(line, "\r\n"))
		}
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *BugError) Unwrap() error { return e.Err }
