package types

import (
	"testing"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// Schemas of one path, in several files or read in several dialects, have names of their own, without a folder of this machine.
func TestNamesOfCheckedSchemas(t *testing.T) {
	b := newSchemaBuilder("/home/me/contract.yaml", newTestBuilder().checker)
	at := func(file string) *schema.Schema {
		return &schema.Schema{Location: source.Location{Position: source.Position{File: file}, Path: "/a"}}
	}
	for _, want := range []struct{ file, name string }{
		{"/home/me/contract.yaml", "#/a"}, {"/home/me/b.json", "b.json#/a"}, {"/home/me/b.json", "b.json#/a (2)"}, {"/home/me/contract.yaml", "#/a (2)"},
	} {
		if got := b.schema(at(want.file), true).Ref; got != want.name {
			t.Errorf("a schema of %s is called %q, want %q", want.file, got, want.name)
		}
	}
}
