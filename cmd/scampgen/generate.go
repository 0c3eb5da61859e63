package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator"
)

// generate writes the packages of a contract.
func (c command) generate(stdout, stderr io.Writer) error {
	config, output, err := c.output(stderr)
	if err != nil {
		return err
	}
	changes, err := generator.Write(config.Out, output)
	if err != nil || !c.verbose {
		return err
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

// output returns what a contract gives. It prints the problems, and returns errFound when
// they stop the generation.
func (c command) output(stderr io.Writer) (generator.Config, generator.Output, error) {
	config, err := c.configuration()
	if err != nil {
		return config, generator.Output{}, err
	}
	output, problems, err := generator.Generate(config)
	c.print(stderr, problems)
	if err == nil && (problems.Fatal() || c.strict && len(problems) > 0) {
		err = errFound
	}
	return config, output, err
}

// configuration joins the configuration file with the command line, which comes first.
func (c command) configuration() (generator.Config, error) {
	file, err := c.configFile()
	if err != nil {
		return generator.Config{}, err
	}
	config := generator.Config{}
	if file != "" {
		var problems asyncapi.Problems
		if config, problems = generator.ReadConfig(file, c.allowOutside.isOff()); problems.Fatal() {
			return config, problems
		}
	}
	folder := filepath.Dir(file) // of the configuration, when that names the contract
	if len(c.contracts) > 0 {
		config.Contract, folder = c.contracts[0], "."
	}
	if config.Contract == "" {
		return config, errors.New("no contract; name one, or write scampgen.yaml with the key contract")
	}
	config.Out = cmp.Or(c.out, config.Out, folder)
	if side, ok := generator.ParseSide(c.side); ok {
		config.Side = side
	}
	config.Tests = c.tests.of(config.Tests)
	config.AllowOutside = c.allowOutside.of(config.AllowOutside)
	config.AllowRemote = c.allowRemote.of(config.AllowRemote)
	if c.allowImports != nil {
		config.AllowImports, config.CheckTypes = *c.allowImports, true
	}
	return config, readable(config.Contract)
}

// configFile returns the name of the configuration file, "" when there is none.
func (c command) configFile() (string, error) {
	if c.config != "" {
		return c.config, readable(c.config)
	}
	return generator.FindConfig(".")
}

// readable returns why a file that the user named cannot be read.
func readable(name string) error {
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return fmt.Errorf("read %s: it is a folder", name)
	}
	return err
}
