package main

import (
	"flag"
	"fmt"
	"io"
)

var drawCommand = command{
	name:      "draw",
	arguments: "[flags] CONTRACT",
	brief:     "draw nothing",
	about:     "A trial.\n",
	new:       func() task { return &draw{} },
}

// draw is a trial.
type draw struct{ wide bool }

func (d *draw) flags(flags *flag.FlagSet) {
	flags.BoolVar(&d.wide, "wide", false, "draw it wide")
}

func (*draw) take([]string) error { return nil }

func (d *draw) run(stdout, _ io.Writer) error {
	_, err := fmt.Fprintln(stdout, "wide:", d.wide)
	return err
}
