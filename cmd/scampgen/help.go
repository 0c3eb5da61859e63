package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

var helpCommand = command{
	name:      "help",
	arguments: "[COMMAND]",
	brief:     "print this, or the help of a command",
	about:     "Print the help of a command.\n",
	new:       func() task { return &help{} },
}

// help prints the help of a command, or of scampgen.
type help struct {
	noFlags
	topic string // a command's name; empty for help about scampgen
}

func (h *help) take(args []string) error {
	if len(args) > 1 {
		return errors.New("help takes one command")
	}
	if len(args) == 0 {
		return nil
	}
	h.topic = args[0]
	_, err := commandNamed(h.topic)
	return err
}

func (h *help) run(stdout, _ io.Writer) error {
	text := usage()
	if h.topic != "" {
		c, err := commandNamed(h.topic)
		if err != nil {
			return err
		}
		text = c.usage()
	}
	_, err := io.WriteString(stdout, text)
	return err
}

// usage returns the help about scampgen.
func usage() string {
	return "scampgen writes typed RabbitMQ producers and consumers from an AsyncAPI contract.\n\n" + commandList() + `
In a Go file: //go:generate go tool scampgen generate ../contracts/orders.yaml

It exits with 0 when nothing is wrong, 1 when something was found, 2 when the work
could not be done.
`
}

// commandList returns a line for each command. The README has the same list.
func commandList() string {
	names, arguments := 0, 0
	for _, c := range commands() {
		names, arguments = max(names, len(c.name)), max(arguments, len(c.arguments))
	}
	var b strings.Builder
	for _, c := range commands() {
		fmt.Fprintf(&b, "\tscampgen %-*s %-*s  %s\n", names, c.name, arguments, c.arguments, c.brief)
	}
	return b.String()
}

// usage returns the help about a command.
func (c command) usage() string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace("scampgen "+c.name+" "+c.arguments) + "\n\n" + c.about)
	separator := "\n"
	c.flagsOf(c.new()).VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		name := strings.TrimSpace("-" + f.Name + " " + value)
		fmt.Fprintf(&b, "%s\t%-15s %s\n", separator, name, strings.ReplaceAll(usage, "\n", "\n\t"+strings.Repeat(" ", 16)))
		separator = ""
	})
	return b.String()
}
