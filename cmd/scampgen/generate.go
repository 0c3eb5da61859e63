package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/scampgen/scampgen/generator"
)

var generateCommand = command{
	name:      "generate",
	arguments: "[flags] [CONTRACT]",
	brief:     "write the packages; also: scampgen CONTRACT",
	about: `Write a package for each queue of the contract, one for its messages, and one for its
RabbitMQ servers. Files that need no change are left alone; when anything is wrong, no
file changes. Without CONTRACT the configuration names it.
`,
	new: func() task { return &generate{} },
}

// generate writes the packages of a contract.
type generate struct {
	contractTask
	verbose bool
}

func (g *generate) flags(flags *flag.FlagSet) {
	g.contractTask.flags(flags)
	flags.BoolVar(&g.verbose, "v", false, "name the files that are written and removed, and say what is worth knowing about\nthe contract")
}

func (g *generate) take(args []string) error { return g.takeOne("generate", args) }

func (g *generate) run(stdout, stderr io.Writer) error {
	config, output, err := g.output(stderr)
	if err != nil {
		return err
	}
	changes, err := generator.Write(config.Out, output)
	if err != nil {
		return g.printed(stderr, err)
	}
	if !g.verbose {
		return nil
	}
	for _, note := range output.Notes {
		if _, err := fmt.Fprintln(stdout, note); err != nil {
			return err
		}
	}
	for _, change := range changes {
		done := "wrote"
		if change.Kind == generator.Stale {
			done = "removed"
		}
		if _, err := fmt.Fprintln(stdout, done, filepath.Join(config.Out, filepath.FromSlash(change.Name))); err != nil {
			return err
		}
	}
	return nil
}
