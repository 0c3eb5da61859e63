// Command scampgen writes typed RabbitMQ producers and consumers from an AsyncAPI contract.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/scampgen/scampgen/asyncapi"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// The exit codes, as diff(1) has them.
const (
	fine    = 0 // nothing is wrong
	finding = 1 // the contract, the configuration or what is committed is not as it should be
	trouble = 2 // the work could not be done
)

// run carries out a command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if err != nil {
		return report(stderr, err)
	}
	switch c.verb {
	case helpVerb:
		_, err = io.WriteString(stdout, help(c.topic))
	case versionVerb:
		err = printVersion(stdout)
	case validateVerb:
		err = c.validate(stderr)
	case checkVerb:
		err = c.check(stderr)
	case generateVerb:
		err = c.generate(stdout, stderr)
	}
	if problems, ok := errors.AsType[asyncapi.Problems](err); ok {
		c.print(stderr, problems)
		err = errFound
	}
	return report(stderr, err)
}

// errFound ends a command whose findings have been printed.
var errFound = errors.New("something was found")

// report prints what ended a command and returns the exit code for it.
func report(stderr io.Writer, err error) int {
	if err == nil {
		return fine
	}
	if errors.Is(err, errFound) {
		return finding
	}
	fmt.Fprintf(stderr, "scampgen: %v\n", err)
	return trouble
}
