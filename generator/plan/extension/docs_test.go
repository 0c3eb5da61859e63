package extension

import (
	"os"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// docs/contract.md has every key, its fields and its choices, and each row is whole.
func TestDocumentedKeys(t *testing.T) {
	page, err := os.ReadFile("../../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	has := func(name string) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/contract.md does not mention `%s`", name)
		}
	}
	for _, key := range Keys {
		has(key.Name)
		for _, choice := range key.Is.Choices() {
			has(choice)
		}
		if key.Doc == "" || key.Holder == "" {
			t.Errorf("the row of %s is not whole", key.Name)
		}
	}
	for _, table := range []*source.Table{BindingTable, DeadLetterTable, RetryTable, ConsumerTable} {
		for _, row := range table.Rows {
			has(row.Name)
		}
	}
}
