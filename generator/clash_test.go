package generator

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// clashesFolder has contracts in which two things would have one name.
const clashesFolder = "../testdata/clashes"

// Each contract in testdata/clashes either gives packages that compile, or one problem for each clash,
// whose message names the ways out. Each way that is an entry of scampgen.yaml is followed alone: it
// leads to packages that compile, without editing the contract.
func TestClashes(t *testing.T) {
	archives, err := filepath.Glob(filepath.Join(clashesFolder, "*.txtar"))
	if err != nil || len(archives) == 0 {
		t.Fatal("there are no clashes: ", err)
	}
	module := newModule(t, "example.com/clashes")
	for _, archive := range archives {
		name := strings.TrimSuffix(filepath.Base(archive), ".txtar")
		t.Run(name, func(t *testing.T) {
			c, err := txtar.ParseFile(archive)
			if err != nil {
				t.Fatal(err)
			}
			wanted := ""
			for _, f := range c.Files {
				if f.Name == "problems" {
					wanted = string(f.Data)
				} else {
					put(t, filepath.Join(module, name, f.Name), string(f.Data))
				}
			}
			dir := filepath.Join(module, name)
			problems := generateClash(t, dir, "as-it-is", "")
			if got := relativeTo(dir, problems); got != wanted {
				t.Fatalf("problems:\n%s\nwant:\n%s", got, wanted)
			}
			ways := waysInConfig(problems)
			if problems != "" && len(ways) == 0 {
				t.Fatal("the message names no way out in scampgen.yaml")
			}
			for i, way := range ways {
				if problems := generateClash(t, dir, fmt.Sprintf("way%d", i), way); problems != "" {
					t.Errorf("%s leads to\n%s", way, problems)
				}
			}
		})
	}
	typeCheck(t, module)
}

// relativeTo returns problems with the names of files in dir as seen from there.
func relativeTo(dir, problems string) string {
	return strings.ReplaceAll(problems, dir+string(filepath.Separator), "")
}

// generateClash generates into a folder of dir, with a configuration, and returns the mistakes.
func generateClash(t *testing.T, dir, folder, config string) string {
	t.Helper()
	file := filepath.Join(dir, folder+".yaml")
	put(t, file, "version: 1\ncontract: contract.yaml\n"+config)
	c, problems := ReadConfig(file, false)
	if problems.Fatal() {
		t.Fatal(problems)
	}
	c.Out = filepath.Join(dir, folder)
	output, problems, err := Generate(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range output.Files {
		put(t, filepath.Join(c.Out, f.Name), string(f.Content))
	}
	var mistakes strings.Builder
	for _, p := range problems {
		if p.Severity != source.Warning {
			fmt.Fprintln(&mistakes, p)
		}
	}
	return mistakes.String()
}

// configEntry matches the entries of scampgen.yaml in a message.
var configEntry = regexp.MustCompile(`(types|messages|channels): \{("[^"]+"|[^ "]+): \{([a-z]+: \.\.\.(?:, )?)+\}\}`)

// waysInConfig returns configurations that follow the messages of problems: the first has the first
// entry of each message, and so on.
func waysInConfig(problems string) []string {
	var ways []string
	for i := 0; ; i++ {
		sections, found := map[string]string{}, false
		for line := range strings.Lines(problems) {
			entries := configEntry.FindAllString(line, -1)
			if len(entries) == 0 {
				continue
			}
			found = found || i < len(entries)
			section, entry, _ := strings.Cut(entries[min(i, len(entries)-1)], ": {")
			entry = strings.TrimSuffix(entry, "}")
			for n, field := range []string{"name", "type", "package"} {
				entry = strings.Replace(entry, field+": ...", field+": "+[]string{"Other", "other", "other"}[n], 1)
			}
			sections[section] += "  " + entry + "\n"
		}
		if !found {
			return ways
		}
		way := ""
		for _, section := range []string{"channels", "types", "messages"} {
			if sections[section] != "" {
				way += section + ":\n" + sections[section]
			}
		}
		ways = append(ways, way)
	}
}
