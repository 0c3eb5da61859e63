package main

import (
	"fmt"
	"io"

	"github.com/scampgen/scampgen/asyncapi"
)

// mostPrinted is how many problems are printed without -all. Who has more corrects these first.
const mostPrinted = 100

// print prints problems, one a line, and how many it leaves out.
func (c command) print(stderr io.Writer, problems asyncapi.Problems) {
	most, found := mostPrinted, len(problems)
	if c.all {
		most = found
	}
	for _, problem := range problems.First(most) {
		fmt.Fprintln(stderr, problem)
	}
	atLeast := ""
	if found >= asyncapi.MaxProblems {
		atLeast = "at least "
	}
	switch left := found - most; {
	case left > 0:
		fmt.Fprintf(stderr, "scampgen: and %s%d more; print all with -all\n", atLeast, left)
	case atLeast != "":
		fmt.Fprintln(stderr, "scampgen: there may be more problems; correct these first")
	}
}
