package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator/plan"
)

var (
	pageContract = regexp.MustCompile("(?ms)^```yaml\n# (\\w+)\\.yaml\n(.*?)^```\n\n```\n(.*?)^```$")
	pageProgram  = regexp.MustCompile("(?ms)^```go\n(package main\n.*?)^```$")
)

// Each contract of docs/publish-subscribe.md is generated into internal and its name, and the programs
// compile with the packages. The picture below each contract shows every package, exchange, queue and
// binding key, and no other package.
func TestPages(t *testing.T) {
	page, err := os.ReadFile("../docs/publish-subscribe.md")
	if err != nil {
		t.Fatal(err)
	}
	module := newModule(t, "example.com/shop")
	contracts := pageContract.FindAllStringSubmatch(string(page), -1)
	programs := pageProgram.FindAllStringSubmatch(string(page), -1)
	if len(contracts) != 3 || len(programs) != 4 {
		t.Fatalf("the page has %d contracts with pictures and %d programs", len(contracts), len(programs))
	}
	for i, program := range programs {
		put(t, filepath.Join(module, fmt.Sprintf("program%d", i+1), "main.go"), program[1])
	}
	t.Chdir(module)
	for _, c := range contracts {
		name, contract, picture := c[1], c[2], c[3]
		put(t, name+".yaml", contract)
		config := Config{Contract: name + ".yaml", Out: filepath.Join("internal", name)}
		output, problems, err := Generate(config)
		if err != nil || problems != nil {
			t.Fatal(err, problems)
		}
		if _, err := Write(config.Out, output); err != nil {
			t.Fatal(err)
		}
		folder, err := folderOf(config.Out)
		if err != nil {
			t.Fatal(err)
		}
		planned, problems := planOf(config, folder)
		if problems != nil {
			t.Fatal(problems)
		}
		comparePicture(t, name, picture, planned)
	}
	typeCheck(t, module)
}

// comparePicture checks that a picture of the broker shows what the clients of a plan declare.
func comparePicture(t *testing.T, name, picture string, planned *plan.Plan) {
	t.Helper()
	shows := func(what, text string) {
		if !strings.Contains(picture, text) {
			t.Errorf("the picture of %s does not show the %s %q", name, what, text)
		}
	}
	for _, c := range planned.Clients {
		shows("package", c.Package.Name)
		fanout := map[string]bool{}
		d := c.Declarations
		for _, x := range d.Exchanges {
			shows("exchange", x.Name)
			shows("type", x.Type)
			fanout[x.Name] = x.Type == "fanout"
		}
		for _, q := range append(d.Queues, c.ConsumerDeclarations.Queues...) {
			shows("queue", q.Name)
		}
		for _, b := range d.Bindings {
			if !fanout[b.Exchange] {
				shows("binding key", b.RoutingKey)
			}
		}
	}
	known := map[string]bool{}
	for _, c := range planned.Clients {
		known[c.Package.Name] = true
	}
	drawn := regexp.MustCompile(`package ([a-z]+)`).FindAllStringSubmatch(picture, -1)
	for _, word := range drawn {
		if !known[word[1]] {
			t.Errorf("the picture of %s shows a package %q, which is not generated", name, word[1])
		}
	}
}
