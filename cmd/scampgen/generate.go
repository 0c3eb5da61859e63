package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"

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
	start := time.Now()
	config, output, err := g.output(stderr)
	if err != nil {
		return err
	}
	changes, err := generator.Write(config.Out, output)
	if err != nil {
		return g.printed(stderr, err)
	}
	if g.verbose {
		err = printChanges(stdout, config.Out, output, changes)
	}
	if err == nil && isTerminal(stdout) {
		_, err = fmt.Fprintln(stdout, summary(output, changes, time.Since(start)))
	}
	return err
}

// printChanges prints what is worth knowing about the contract, and the names of the files that have
// been written and removed.
func printChanges(stdout io.Writer, out string, output generator.Output, changes []generator.Change) error {
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
		if _, err := fmt.Fprintln(stdout, done, filepath.Join(out, filepath.FromSlash(change.Name))); err != nil {
			return err
		}
	}
	return nil
}

// isTerminal reports whether somebody sees what is written to w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// summary is one line on what has been done.
func summary(output generator.Output, changes []generator.Change, took time.Duration) string {
	packages := map[string]bool{}
	for _, file := range output.Files {
		packages[path.Dir(file.Name)] = true
	}
	wrote, removed := 0, 0
	for _, change := range changes {
		if change.Kind == generator.Stale {
			removed++
		} else {
			wrote++
		}
	}
	return fmt.Sprintf("%d packages, %d files: %d written, %d removed, in %.1f seconds", len(packages), len(output.Files), wrote, removed, took.Seconds())
}
