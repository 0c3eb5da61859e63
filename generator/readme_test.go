package generator

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var codeBlock = regexp.MustCompile("(?ms)^```(yaml|sh|go)\n(.*?)^```$")

// The README's contract, generated with the README's command, and its programs compile together,
// and its test passes.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	module := newModule(t, "example.com/shop")
	programs, tests := 0, 0
	for _, block := range codeBlock.FindAllStringSubmatch(string(page), -1) {
		switch language, text := block[1], block[2]; {
		case language == "yaml":
			put(t, filepath.Join(module, "orders.yaml"), text)
		case language == "go" && strings.HasPrefix(text, "package main\n"):
			programs++
			put(t, filepath.Join(module, fmt.Sprintf("program%d", programs), "main.go"), text)
		case language == "go" && strings.HasPrefix(text, "package shop_test\n"):
			tests++
			put(t, filepath.Join(module, "shop_test.go"), text)
		}
	}
	if programs != 2 || tests != 1 {
		t.Fatalf("the README has %d programs and %d tests, not a producer, a consumer and a test of both", programs, tests)
	}
	if !strings.Contains(string(page), "\ngo tool scampgen generate orders.yaml -out internal/orders\n") {
		t.Error("the README has another command than this test")
	}
	t.Chdir(module)
	config := Config{Contract: "orders.yaml", Out: filepath.Join("internal", "orders")}
	output, problems, err := Generate(config)
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	if _, err := Write(config.Out, output); err != nil {
		t.Fatal(err)
	}
	typeCheck(t, module)
	if output, err := exec.CommandContext(t.Context(), "go", "test", ".").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
