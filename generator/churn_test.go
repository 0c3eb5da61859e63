package generator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A new member of a message is two new lines in generated code, wherever it stands: its field and
// its row. No other line changes.
func TestNewMemberChangesItsOwnLines(t *testing.T) {
	members := []string{"amount", "customer", "number", "placed", "street"}
	before := generatedText(t, members, "[amount, number, placed]")
	for _, required := range []string{"[amount, number, placed]", "[amount, number, placed, NEW]"} {
		for _, name := range []string{"about", "name", "zip"} { // first, in the middle and last, also where names are sorted
			for at := range len(members) + 1 {
				grown := append(append(append([]string{}, members[:at]...), name), members[at:]...)
				after := generatedText(t, grown, strings.ReplaceAll(required, "NEW", name))
				if removed, added := changed(before, after); removed != 0 || added != 2 {
					t.Errorf("%s at %d, required %s: %d lines are removed and %d added", name, at, required, removed, added)
				}
			}
		}
	}
}

func generatedText(t *testing.T, members []string, required string) []string {
	t.Helper()
	module := newModule(t, "example.com/golden")
	var b strings.Builder
	for _, m := range members {
		fmt.Fprintf(&b, "            %s: {type: string, maxLength: 9}\n", m)
	}
	contract := filepath.Join(module, "contract.yaml")
	put(t, contract, fmt.Sprintf(`asyncapi: 3.0.0
info: {title: Orders, version: 1.0.0}
channels:
  orders:
    address: orders
    messages:
      Order:
        payload:
          type: object
          required: %s
          properties:
%s`, required, b.String()))
	output, problems, err := Generate(Config{Contract: contract, Out: module})
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	var lines []string
	for _, file := range output.Files {
		lines = append(lines, strings.Split(string(file.Content), "\n")...)
	}
	return lines
}

// changed returns how many lines a comparison shows as removed and as added: those that are not in
// the longest common sequence.
func changed(before, after []string) (removed, added int) {
	common := make([][]int, len(before)+1)
	common[0] = make([]int, len(after)+1)
	for i := range before {
		common[i+1] = make([]int, len(after)+1)
		for j := range after {
			if before[i] == after[j] {
				common[i+1][j+1] = common[i][j] + 1
			} else {
				common[i+1][j+1] = max(common[i][j+1], common[i+1][j])
			}
		}
	}
	same := common[len(before)][len(after)]
	return len(before) - same, len(after) - same
}
