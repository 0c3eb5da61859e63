package generator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// casesFolder has contracts that each show one difficulty. It is no part of this project.
const casesFolder = "../../shared/cases/contracts"

// The contracts of the examples and of tests with generated code pass with -strict. Those of the
// documentation do so in TestReadme and TestPages.
func TestExamplesAreStrict(t *testing.T) {
	for _, contract := range []string{"../examples/orders/orders.yaml", "../internal/subscribers/subscribers.yaml"} {
		if problems := Validate(Config{Contract: contract}); len(problems) > 0 {
			t.Errorf("%v", problems)
		}
	}
}

// Each warning of the golden cases, and of the cases folder where it is there, has a way out.
func TestWarningsHaveAWayOut(t *testing.T) {
	contracts, err := filepath.Glob(filepath.Join(casesFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, c := range goldenCases(t) {
		for file, content := range c.input {
			put(t, filepath.Join(folder, name, file), content)
		}
		contracts = append(contracts, filepath.Join(folder, name, "contract.yaml"))
	}
	for _, contract := range contracts {
		if _, err := os.Stat(contract); err != nil {
			continue // the case names its contract otherwise
		}
		for _, p := range Validate(Config{Contract: contract}) {
			if hasNoWayOut(p) {
				t.Errorf("a warning without a way out: %s", p)
			}
		}
	}
}

// hasNoWayOut reports whether a warning says neither what to do nor what was wanted.
func hasNoWayOut(p source.Problem) bool {
	return p.Severity == source.Warning && p.Hint == "" && !strings.Contains(p.Message, " must ")
}
