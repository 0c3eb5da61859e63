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
	flags.BoolVar(&f.strict, "strict", false, "take warnings for mistakes")
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

// print prints problems, one a line, and how many it leaves out.
func (f findings) print(stderr io.Writer, problems source.Problems) {
	most, found := mostPrinted, len(problems)
	if f.all {
		most = found
	}
	for _, problem := range problems.First(most) {
		fmt.Fprintln(stderr, problem)
	}
	atLeast := ""
	if found >= source.MaxProblems {
		atLeast = "at least "
	}
	switch left := found - most; {
	case left > 0:
		fmt.Fprintf(stderr, "scampgen: and %s%d more; print all with -all\n", atLeast, left)
	case atLeast != "":
		fmt.Fprintln(stderr, "scampgen: there may be more problems; correct these first")
	}
}
