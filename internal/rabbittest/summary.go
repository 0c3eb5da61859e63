package rabbittest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// A Summary counts the broker tests of a run from the file that EnvCount names.
type Summary struct {
	Ran     int
	LeftOut []string // names of tests
}

// ReadSummary reads what the tests of a run recorded. A missing file is a run without broker tests.
func ReadSummary(name string) (Summary, error) {
	content, err := os.ReadFile(name)
	if err != nil && !os.IsNotExist(err) {
		return Summary{}, fmt.Errorf("count broker tests: %w", err)
	}
	var s Summary
	for line := range strings.Lines(string(content)) {
		verdict, test, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if verdict == "ran" {
			s.Ran++
		} else {
			_, test, _ = strings.Cut(test, "\t")
			s.LeftOut = append(s.LeftOut, test)
		}
	}
	return s, nil
}

// String says how many tests ran on a broker and names those that did not.
func (s Summary) String() string {
	text := fmt.Sprintf("%d broker tests ran", s.Ran)
	if len(s.LeftOut) > 0 {
		text += fmt.Sprintf("; %d LEFT OUT: %s", len(s.LeftOut), grouped(s.LeftOut))
	}
	return text
}

// grouped lists tests. Of subtests it gives only the number: TestA, TestB (12).
func grouped(names []string) string {
	parts := map[string]int{}
	for _, name := range names {
		parts[strings.SplitN(name, "/", 2)[0]]++
	}
	list := slices.Sorted(maps.Keys(parts))
	for i, name := range list {
		if parts[name] > 1 {
			list[i] = fmt.Sprintf("%s (%d)", name, parts[name])
		}
	}
	return strings.Join(list, ", ")
}
