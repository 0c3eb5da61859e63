// Command large-contract prints a contract of as many channels as its first argument says, each with
// as many messages, up to three, as its second one says: large-contract 300 2. docs/design/codec.md
// says what is measured with it.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/scampgen/scampgen/internal/buildbench/large"
)

func main() {
	var channels, messages int
	if _, err := fmt.Sscan(strings.Join(os.Args[1:], " "), &channels, &messages); err != nil || channels < 1 || messages < 1 || messages > 3 {
		fmt.Fprintln(os.Stderr, "usage: large-contract CHANNELS MESSAGES")
		os.Exit(2)
	}
	fmt.Print(large.Contract(channels, messages))
}
