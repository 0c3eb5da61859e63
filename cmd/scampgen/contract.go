package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator"
)

// A contractTask is what generate and check have in common: both turn a contract into files.
type contractTask struct {
	findings
	contract     string // empty: the configuration's
	config       string // empty: look for it
	out          string // empty: the configuration's, else the working folder
	side         string // empty: the configuration's, else both
	tests        choice
	allowOutside choice
	allowRemote  choice
	allowImports *[]string // nil: as the configuration says
}

func (t *contractTask) flags(flags *flag.FlagSet) {
	flags.StringVar(&t.config, "config", "", "read the configuration from `FILE`; default: scampgen.yaml here or in the\nnearest folder above, up to the one with go.mod")
	flags.StringVar(&t.out, "out", "", "write the packages to `DIR`; default: the configuration's out, else the working folder")
	flags.StringVar(&t.side, "side", "", "generate `SIDE`: producer, consumer or both; default: both")
	flags.BoolFunc("tests", "also write a test of the contract's examples", t.tests.flag)
	flags.BoolFunc("allow-outside", "allow references to files outside the contract's folder; =false forbids them\neven if the configuration allows them, and forbids paths in it that lead\nout of its folder", t.allowOutside.flag)
	flags.BoolFunc("allow-remote", "allow references to http and https addresses; =false forbids them even if\nthe configuration allows them", t.allowRemote.flag)
	flags.Func("allow-imports", "allow x-go-type and types to import packages of the modules in `LIST`, separated\nby commas, in addition to the own module; default: the configuration's", t.imports)
	t.findings.flags(flags)
}

// imports reads the flag -allow-imports.
func (t *contractTask) imports(text string) error {
	paths, err := generator.ParseImports(text)
	t.allowImports = &paths
	return err
}

// takeOne sets the contract. name is that of the command, for errors.
func (t *contractTask) takeOne(name string, args []string) error {
	if _, ok := generator.ParseSide(t.side); t.side != "" && !ok {
		return fmt.Errorf("-side is %q, not producer, consumer or both", t.side)
	}
	if len(args) > 1 {
		return fmt.Errorf("%s takes one contract, not %d", name, len(args))
	}
	if len(args) == 1 {
		t.contract = args[0]
	}
	return nil
}

// output returns what is generated for the contract. It prints the problems, and returns errFound
// when they stop the generation.
func (t *contractTask) output(stderr io.Writer) (generator.Config, generator.Output, error) {
	config, err := t.configuration()
	if err != nil {
		return config, generator.Output{}, t.printed(stderr, err)
	}
	if isTerminal(stderr) { // somebody waits
		working := time.AfterFunc(time.Second, func() { fmt.Fprintf(stderr, "scampgen: working on %s\n", config.Contract) })
		defer working.Stop()
	}
	output, problems, err := generator.Generate(config)
	t.print(stderr, problems)
	if err == nil && (problems.Fatal() || t.strict && len(problems) > 0) {
		err = errFound
	}
	return config, output, err
}

// configuration merges the configuration file with the command line, which takes precedence.
func (t *contractTask) configuration() (generator.Config, error) {
	file, err := t.configFile()
	if err != nil {
		return generator.Config{}, err
	}
	config := generator.Config{}
	if file != "" {
		var problems source.Problems
		if config, problems = generator.ReadConfig(file, t.allowOutside.isOff()); problems.Fatal() {
			return config, problems
		}
	}
	folder := filepath.Dir(file) // of the configuration, when that names the contract
	if t.contract != "" {
		config.Contract, folder = t.contract, "."
	}
	if config.Contract == "" {
		return config, errors.New("no contract; name one, or write scampgen.yaml with the key contract; run scampgen help for help")
	}
	config.Out = cmp.Or(t.out, config.Out, folder)
	if side, ok := generator.ParseSide(t.side); ok {
		config.Side = side
	}
	config.Tests = t.tests.of(config.Tests)
	config.AllowOutside = t.allowOutside.of(config.AllowOutside)
	config.AllowRemote = t.allowRemote.of(config.AllowRemote)
	if t.allowImports != nil {
		config.AllowImports, config.CheckTypes = *t.allowImports, true
	}
	err = readable(config.Contract)
	if err != nil && t.contract == "" && config.Contract != "" {
		return config, source.Problems{config.NamedAt.Problem(source.Mistake, err.Error(), "correct the path; it is relative to the folder of this file")}
	}
	return config, err
}

// configFile returns the name of the configuration file, "" when there is none.
func (t *contractTask) configFile() (string, error) {
	if t.config != "" {
		return t.config, readable(t.config)
	}
	return generator.FindConfig(".")
}

// readable returns why a file that the user named cannot be read.
func readable(name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read %s: there is no such file", name)
	case err == nil && info.IsDir():
		return fmt.Errorf("read %s: it is a folder; name a file in it", name)
	}
	return err
}

// A choice is a boolean flag that takes precedence over the configuration, also when it is false.
type choice struct{ given, value bool }

// of returns the value, given what the configuration says.
func (c choice) of(configured bool) bool {
	if c.given {
		return c.value
	}
	return configured
}

// isOff reports whether the command line says false.
func (c choice) isOff() bool { return c.given && !c.value }

// flag returns the function that reads the flag.
func (c *choice) flag(text string) (err error) {
	c.given = true
	c.value, err = strconv.ParseBool(text)
	return err
}
