package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/scampgen/scampgen/generator"
)

var checkCommand = command{
	name:      "check",
	arguments: "[flags] [CONTRACT]",
	brief:     "say which files generate would change",
	about: `Say which files generate would write or remove, and write nothing. It exits with 1
when there is one.
`,
	new: func() task { return &check{} },
}

// check prints which files generate would change.
type check struct{ contractTask }

func (c *check) take(args []string) error { return c.takeOne("check", args) }

func (c *check) run(_, stderr io.Writer) error {
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
	}
	if len(changes) > 0 {
		return errFound
	}
	return nil
}

// finds are the messages about changes.
var finds = map[generator.ChangeKind]string{
	generator.Missing:   "is missing",
	generator.Different: "differs from what the contract gives",
	generator.Stale:     "is no longer given by the contract",
}
