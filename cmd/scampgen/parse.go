package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator"
)

// A verb is what a command line asks for.
type verb string

const (
	generateVerb verb = "generate"
	checkVerb    verb = "check"
	validateVerb verb = "validate"
	versionVerb  verb = "version"
	helpVerb     verb = "help"
)

var verbs = []verb{generateVerb, checkVerb, validateVerb, versionVerb, helpVerb}

// A command is a parsed command line.
type command struct {
	verb      verb
	topic     verb // of help; empty for help about scampgen
	contracts []string

	config       string // empty: look for it
	out          string // empty: the configuration's, else the working folder
	side         string // empty: the configuration's, else both
	verbose      bool
	strict       bool
	all          bool
	tests        choice
	allowOutside choice
	allowRemote  choice
	allowImports *[]string // nil: as the configuration says
}

// A choice is a flag that comes before what the configuration says, in both directions.
type choice struct{ given, value bool }

// of returns what holds where the configuration says configured.
func (c choice) of(configured bool) bool {
	if c.given {
		return c.value
	}
	return configured
}

// isOff says whether the command line says no.
func (c choice) isOff() bool { return c.given && !c.value }

// flag returns the function that reads the flag.
func (c *choice) flag(text string) (err error) {
	c.given = true
	c.value, err = strconv.ParseBool(text)
	return err
}

// parse reads a command line. It looks at nothing else.
func parse(args []string) (command, error) {
	c := command{verb: generateVerb}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		switch {
		case slices.Contains(verbs, verb(args[0])):
			c.verb, args = verb(args[0]), args[1:]
		case !strings.ContainsAny(args[0], `./\`): // no contract's name
			return c, unknownVerb(args[0])
		}
	} else if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		return command{verb: helpVerb}, nil
	}
	err := c.arguments(args)
	if errors.Is(err, flag.ErrHelp) {
		return command{verb: helpVerb, topic: c.verb}, nil
	}
	if err != nil {
		return c, fmt.Errorf("%w; run scampgen %s -h for help", err, c.verb)
	}
	return c, nil
}

// arguments reads the flags and contracts of a command, in any order. After "--" there are no flags.
func (c *command) arguments(args []string) error {
	var names []string
	if end := slices.Index(args, "--"); end >= 0 {
		args, names = args[:end], args[end+1:]
	}
	flags := c.flags()
	for {
		if err := flags.Parse(args); err != nil {
			return err
		}
		if flags.NArg() == 0 {
			break
		}
		c.contracts = append(c.contracts, flags.Arg(0))
		args = flags.Args()[1:]
	}
	c.contracts = append(c.contracts, names...)
	return c.checkArguments()
}

func (c *command) checkArguments() error {
	if _, ok := generator.ParseSide(c.side); c.side != "" && !ok {
		return fmt.Errorf("-side is %q, not producer, consumer or both", c.side)
	}
	switch c.verb {
	case generateVerb, checkVerb:
		if len(c.contracts) > 1 {
			return fmt.Errorf("%s takes one contract, not %d", c.verb, len(c.contracts))
		}
	case validateVerb:
		if len(c.contracts) == 0 {
			return errors.New("validate needs a contract")
		}
	case helpVerb:
		return c.helpTopic()
	case versionVerb:
		if len(c.contracts) > 0 {
			return errors.New("version takes no arguments")
		}
	}
	return nil
}

func (c *command) helpTopic() error {
	if len(c.contracts) > 1 {
		return errors.New("help takes one command")
	}
	if len(c.contracts) == 1 {
		c.topic, c.contracts = verb(c.contracts[0]), nil
		if !slices.Contains(verbs, c.topic) {
			return unknownVerb(string(c.topic))
		}
	}
	return nil
}

// flags returns the flags of the command's verb. Their usage texts are those of its help.
func (c *command) flags() *flag.FlagSet {
	flags := flag.NewFlagSet(string(c.verb), flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	switch c.verb {
	case generateVerb, checkVerb:
		flags.StringVar(&c.config, "config", "", "read the configuration from `FILE`; default: scampgen.yaml here or in the\nnearest folder above, up to the one with go.mod")
		flags.StringVar(&c.out, "out", "", "write the packages to `DIR`; default: the configuration's out, else the working folder")
		flags.StringVar(&c.side, "side", "", "generate `SIDE`: producer, consumer or both; default: both")
		flags.BoolFunc("tests", "write a test of the contract's examples too", c.tests.flag)
		flags.BoolFunc("allow-outside", "let references lead to files outside the contract's folder; with =false not\neven if the configuration does, and nothing there may lead out of its folder", c.allowOutside.flag)
		flags.BoolFunc("allow-remote", "let references lead to http and https addresses; with =false not even if\nthe configuration does", c.allowRemote.flag)
		flags.Func("allow-imports", "let x-go-type and types import packages of the modules in `LIST`, with commas\nbetween them, beside the own one; default: the configuration's", c.imports)
		flags.BoolVar(&c.strict, "strict", false, "take warnings for mistakes")
		flags.BoolVar(&c.all, "all", false, "print all problems, not only the first 100")
	case validateVerb:
		flags.BoolFunc("allow-outside", "let references lead to files outside the contract's folder", c.allowOutside.flag)
		flags.BoolFunc("allow-remote", "let references lead to http and https addresses", c.allowRemote.flag)
		flags.BoolVar(&c.strict, "strict", false, "take warnings for mistakes")
		flags.BoolVar(&c.all, "all", false, "print all problems, not only the first 100")
	case versionVerb, helpVerb:
	}
	if c.verb == generateVerb {
		flags.BoolVar(&c.verbose, "v", false, "name the files that are written and removed")
	}
	return flags
}

func unknownVerb(name string) error {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = string(v)
	}
	return fmt.Errorf("there is no command %q; %s", name, asyncapi.DidYouMean(name, names))
}

// imports reads the flag -allow-imports.
func (c *command) imports(text string) error {
	paths, err := generator.ParseImports(text)
	c.allowImports = &paths
	return err
}
