package generator

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var codeBlock = regexp.MustCompile("(?ms)^```(yaml|sh|go)\n(.*?)^```$")

// The README's contract, generated with the README's command, and its programs compile together.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	module := newModule(t, "example.com/shop")
	programs := 0
	for _, block := range codeBlock.FindAllStringSubmatch(string(page), -1) {
		switch language, text := block[1], block[2]; {
		case language == "yaml":
			put(t, filepath.Join(module, "orders.yaml"), text)
		case language == "go" && strings.HasPrefix(text, "package main\n"):
			programs++
			put(t, filepath.Join(module, fmt.Sprintf("program%d", programs), "main.go"), text)
		}
	}
	if programs != 2 {
		t.Fatalf("the README has %d programs, not a producer and a consumer", programs)
	}
	if !strings.Contains(string(page), "\ngo tool scampgen generate orders.yaml -out internal/orders\n") {
		t.Error("the README has another command than this test")
	}
	t.Chdir(module)
	config := Config{Contract: "orders.yaml", Out: filepath.Join("internal", "orders")}
	files, problems, err := Generate(config)
	if err != nil || problems != nil {
		t.Fatal(err, problems)
	}
	if _, err := Write(config.Out, files); err != nil {
		t.Fatal(err)
	}
	typeCheck(t, module)
}
