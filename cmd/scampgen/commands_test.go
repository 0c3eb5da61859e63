package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

// The README has the list of commands that the help has.
func TestReadmeHasTheCommands(t *testing.T) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	list := "```text\n" + strings.ReplaceAll(commandList(), "\t", "") + "```\n"
	if !strings.Contains(string(page), list) {
		t.Errorf("the README lacks this list:\n%s", list)
	}
}

// Every row of the table is whole, and all that is made of it knows the command.
func TestCommands(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range commands() {
		if seen[c.name] || c.name == "" || c.brief == "" || !strings.HasSuffix(c.about, "\n") || strings.HasSuffix(c.about, "\n\n") {
			t.Errorf("the row of %q is not whole, or not alone", c.name)
		}
		seen[c.name] = true
		var byFlag, byHelp, stderr bytes.Buffer
		if code := run([]string{c.name, "-h"}, &byFlag, &stderr); code != fine || !strings.HasPrefix(byFlag.String(), "scampgen "+c.name) {
			t.Errorf("%s -h: exit %d, %s%s", c.name, code, byFlag.String(), stderr.String())
		}
		if code := run([]string{"help", c.name}, &byHelp, &stderr); code != fine || byHelp.String() != byFlag.String() {
			t.Errorf("help %s differs from %s -h: exit %d, %s%s", c.name, c.name, code, byHelp.String(), stderr.String())
		}
		mistyped := c.name[:len(c.name)-1]
		if _, err := commandNamed(mistyped); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf("; did you mean %q?", c.name)) {
			t.Errorf("%q is answered with %v", mistyped, err)
		}
	}
}
