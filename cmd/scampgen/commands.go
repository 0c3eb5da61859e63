package main

import (
	"flag"
	"fmt"
	"io"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// commands are the subcommands, in the order of the help. A new command is a row here and its file.
func commands() []command {
	return []command{generateCommand, checkCommand, validateCommand, versionCommand, helpCommand}
}

// A command is a subcommand.
type command struct {
	name      string
	arguments string      // as the help shows them: [flags] CONTRACT...
	brief     string      // what it does, for the list of commands
	about     string      // what it does, in whole sentences, for its own help
	new       func() task // with every flag at its default
}

// A task is one run of a command.
type task interface {
	// flags defines the command's flags, with the usage texts of the help.
	flags(*flag.FlagSet)
	// take sets the arguments that are not flags, after the flags have been set. It reads no files.
	take(args []string) error
	// run does the work. An error means trouble, unless it is errFound.
	run(stdout, stderr io.Writer) error
}

// noFlags is for tasks without flags.
type noFlags struct{}

func (noFlags) flags(*flag.FlagSet) {}

// commandNamed returns the command with a name. The error suggests the one that was probably meant.
func commandNamed(name string) (command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	if meant := meantBy(name, names); meant != "" {
		return command{}, fmt.Errorf("there is no command %q; did you mean %q?", name, meant)
	}
	return command{}, fmt.Errorf("there is no command %q; %s", name, source.DidYouMean(name, names))
}
