// Command scampgen writes typed RabbitMQ producers and consumers from an AsyncAPI contract.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
)

func main() {
	idle := make([]byte, idleHeap)
	code := run(os.Args[1:], os.Stdout, os.Stderr)
	runtime.KeepAlive(idle)
	os.Exit(code)
}

// idleHeap is how much memory is allocated and never touched, so that the system does not provide
// it. Go collects garbage when the heap has grown to twice its size: as this counts, collection is
// rare in a small heap, where it would take a sixth of the processor time, and a large heap gets
// larger by about this much only. A higher debug.SetGCPercent would make it larger by a factor.
const idleHeap = 40 << 20

// The exit codes, like those of diff(1).
const (
	fine    = 0 // nothing is wrong
	finding = 1 // the contract, the configuration or what is committed is not as it should be
	trouble = 2 // the work could not be done
)

// run executes a command line and returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	t, err := parse(args)
	if err == nil {
		err = t.run(stdout, stderr)
	}
	return report(stderr, err)
}

// errFound ends a command whose findings have been printed.
var errFound = errors.New("something was found")

// report prints the error with which a command ended, and returns the exit code for it.
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
