package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// parse parses a command line. It reads no files. A command line that names no command generates.
func parse(args []string) (task, error) {
	c := generateCommand
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		named, err := commandNamed(args[0])
		switch {
		case err == nil:
			c, args = named, args[1:]
		case !strings.ContainsAny(args[0], `./\`): // no contract's name
			return nil, err
		}
	} else if len(args) > 0 {
		switch args[0] {
		case "-h", "-help", "--help":
			return &help{}, nil
		case "-version", "--version":
			return &version{}, nil
		}
	}
	t := c.new()
	err := arguments(c, t, args)
	if errors.Is(err, flag.ErrHelp) {
		return &help{topic: c.name}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%w; run scampgen %s -h for help", err, c.name)
	}
	return t, nil
}

// arguments sets a task's flags and other arguments, which come in any order. After "--" there are
// no flags.
func arguments(c command, t task, args []string) error {
	var names, others []string
	if end := slices.Index(args, "--"); end >= 0 {
		args, names = args[:end], args[end+1:]
	}
	flags := c.flagsOf(t)
	for {
		if err := flags.Parse(args); err != nil {
			return withFlagHint(err, flags)
		}
		if flags.NArg() == 0 {
			return t.take(append(others, names...))
		}
		others = append(others, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

// withFlagHint adds the flag that was probably meant to an error about one that there is not.
func withFlagHint(err error, flags *flag.FlagSet) error {
	name, isUnknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !isUnknown {
		return err
	}
	var names []string
	flags.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	if meant := meantFlag(name, names); meant != "" {
		return fmt.Errorf("%w; did you mean -%s?", err, meant)
	}
	return err
}

// meantFlag returns the flag that was probably meant, "" when nobody can say.
func meantFlag(name string, flags []string) string {
	if meant := meantBy(name, flags); meant != "" {
		return meant
	}
	begins := func(flag string) bool { return strings.HasPrefix(flag, name) }
	if first := slices.IndexFunc(flags, begins); first >= 0 && !slices.ContainsFunc(flags[first+1:], begins) {
		return flags[first]
	}
	for _, flag := range flags {
		if len(name) > 2 && source.Nearest(name, []string{flag}) != "" {
			return flag
		}
	}
	return ""
}

// meantBy returns the only one of names that begins with name, or that name begins with, "" when
// there is none.
func meantBy(name string, names []string) string {
	const shortest = 3 // letters that say what is meant
	meant := ""
	for _, candidate := range names {
		short, long := min(name, candidate), max(name, candidate) // what begins the other comes first
		if len(short) >= shortest && strings.HasPrefix(long, short) {
			if meant != "" {
				return ""
			}
			meant = candidate
		}
	}
	return meant
}

// flagsOf returns the flags of a task of c. They print nothing.
func (c command) flagsOf(t task) *flag.FlagSet {
	flags := flag.NewFlagSet(c.name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	t.flags(flags)
	return flags
}
