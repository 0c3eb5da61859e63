package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
)

var versionCommand = command{
	name:  "version",
	brief: "print the version",
	about: "Print the version of scampgen and of the Go that it was built with.\n",
	new:   func() task { return &version{} },
}

// version prints the version that the module was built at, as go get -tool chose it.
type version struct{ noFlags }

func (*version) take(args []string) error {
	if len(args) > 0 {
		return errors.New("version takes no arguments")
	}
	return nil
}

func (*version) run(stdout, _ io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("version: the binary carries no build information")
	}
	_, err := fmt.Fprintf(stdout, "scampgen %s (%s)\n", info.Main.Version, info.GoVersion)
	return err
}
