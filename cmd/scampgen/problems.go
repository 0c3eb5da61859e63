package main

import (
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// findings are the flags of commands that print problems.
type findings struct {
	strict bool
	all    bool
}

func (f *findings) flags(flags *flag.FlagSet) {
	flags.BoolVar(&f.strict, "strict", false, "treat warnings, and what is not supported, as mistakes")
	flags.BoolVar(&f.all, "all", false, "print all problems, not only the first 100")
}

// printed prints err when it is source.Problems, and returns errFound. It returns any other error
// as it is.
func (f findings) printed(stderr io.Writer, err error) error {
	problems, ok := errors.AsType[source.Problems](err)
	if !ok {
		return err
	}
	f.print(stderr, problems)
	return errFound
}

// mostPrinted is how many problems are printed without -all.
const mostPrinted = 100

// print prints problems, one a line, and how many it leaves out. Without -all, warnings that say the
// same are one line.
func (f findings) print(stderr io.Writer, problems source.Problems) {
	isFull, left := len(problems) >= source.MaxProblems, 0
	if f.all {
		for _, problem := range problems.Sorted() {
			fmt.Fprintln(stderr, problem)
		}
	} else {
		var first []source.Repeated
		first, left = problems.Summary(mostPrinted)
		for _, problem := range first {
			fmt.Fprintln(stderr, problem)
		}
	}
	atLeast := ""
	if isFull {
		atLeast = "at least "
	}
	switch {
	case left > 0:
		fmt.Fprintf(stderr, "scampgen: and %s%d more; print all with -all\n", atLeast, left)
	case isFull:
		fmt.Fprintln(stderr, "scampgen: there may be more problems; correct these first")
	}
}
