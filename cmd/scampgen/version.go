package main

import (
	"fmt"
	"io"
	"runtime/debug"
)

// printVersion prints the version that the module was built at, as go get -tool chose it.
func printVersion(stdout io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return fmt.Errorf("version: the binary carries no build information")
	}
	_, err := fmt.Fprintf(stdout, "scampgen %s (%s)\n", info.Main.Version, info.GoVersion)
	return err
}
