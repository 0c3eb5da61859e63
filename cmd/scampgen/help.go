package main

import (
	"flag"
	"fmt"
	"strings"
)

// usages are the texts above the flags, by topic.
var usages = map[verb]string{
	"": `scampgen writes typed RabbitMQ producers and consumers from an AsyncAPI contract.

	scampgen generate [flags] [CONTRACT]   write the packages; also: scampgen CONTRACT
	scampgen check    [flags] [CONTRACT]   say which files generate would change
	scampgen validate [flags] CONTRACT...  say what is wrong with contracts
	scampgen version                       print the version
	scampgen help     [COMMAND]            print this, or the help of a command

In a Go file: //go:generate go tool scampgen generate ../contracts/orders.yaml

It exits with 0 when nothing is wrong, 1 when something was found, 2 when the work
could not be done.
`,
	generateVerb: `scampgen generate [flags] [CONTRACT]

Write a package for each queue of the contract, and one for its messages. Files that
need no change are left alone; when anything is wrong, no file changes. Without CONTRACT
the configuration names it.

`,
	checkVerb: `scampgen check [flags] [CONTRACT]

Say which files generate would write or remove, and write nothing. It exits with 1
when there is one.

`,
	validateVerb: `scampgen validate [flags] CONTRACT...

Say what generate would say about contracts: what is wrong with them and what is not
supported. It needs no Go module, and exits with 1 when one of them has a mistake.
It does not read scampgen.yaml: what is wrong there is said by scampgen check.

`,
	versionVerb: `scampgen version

Print the version of scampgen and of the Go that it was built with.
`,
	helpVerb: `scampgen help [COMMAND]

Print the help of a command.
`,
}

// help returns the help about a command, or about scampgen when topic is empty.
func help(topic verb) string {
	var b strings.Builder
	b.WriteString(usages[topic])
	c := command{verb: topic}
	c.flags().VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		name := strings.TrimSpace("-" + f.Name + " " + value)
		fmt.Fprintf(&b, "\t%-15s %s\n", name, strings.ReplaceAll(usage, "\n", "\n\t"+strings.Repeat(" ", 16)))
	})
	return b.String()
}
