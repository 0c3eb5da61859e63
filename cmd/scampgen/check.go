package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/scampgen/scampgen/generator"
)

var checkCommand = command{
	name:      "check",
	arguments: "[flags] [CONTRACT]",
	brief:     "list the files that generate would change",
	about: `List the files that generate would write or remove, and write nothing. It exits with 1
when there are any.
`,
	new: func() task { return &check{} },
}

// check prints which files generate would change.
type check struct {
	contractTask
	diff bool
}

func (c *check) flags(flags *flag.FlagSet) {
	c.contractTask.flags(flags)
	flags.BoolVar(&c.diff, "diff", false, "show the lines that generate would remove (-) and add (+)")
}

func (c *check) take(args []string) error { return c.takeOne("check", args) }

func (c *check) run(stdout, stderr io.Writer) error {
	config, output, err := c.output(stderr)
	if err != nil {
		return err
	}
	changes, err := generator.Check(config.Out, output)
	if err != nil {
		return c.printed(stderr, err)
	}
	for _, change := range changes {
		name := filepath.Join(config.Out, filepath.FromSlash(change.Name))
		fmt.Fprintf(stderr, "%s: %s; run scampgen generate\n", name, finds[change.Kind])
		if c.diff {
			if err := printDiff(stdout, name, contentOf(output, change.Name)); err != nil {
				return err
			}
		}
	}
	if len(changes) > 0 {
		return errFound
	}
	return nil
}

// contentOf returns the content of a file of output, nil when it has none of that name.
func contentOf(output generator.Output, name string) []byte {
	for _, file := range output.Files {
		if file.Name == name {
			return file.Content
		}
	}
	return nil
}

// printDiff prints how the file on the disk, which need not be there, would change.
func printDiff(stdout io.Writer, name string, content []byte) error {
	now, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("diff: %w", err)
	}
	_, err = io.WriteString(stdout, unified(name, string(now), string(content)))
	return err
}

// finds are the messages about changes.
var finds = map[generator.ChangeKind]string{
	generator.Missing:   "is missing",
	generator.Different: "differs from what the contract gives",
	generator.Stale:     "is no longer given by the contract",
}
