package names

import (
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestPlace(t *testing.T) {
	for _, c := range []struct{ contract, file, want string }{
		{"/home/me/contract.yaml", "/home/me/contract.yaml", "#/a"},
		{"/home/me/contract.yaml", "/home/me/schemas/order.json", "schemas/order.json#/a"},
		{"contracts/orders.yaml", "contracts/../order.json", "../order.json#/a"},
		{"contract.yaml", "https://me:secret@example.com/order.json", "https://xxxxx@example.com/order.json#/a"},
		{"https://example.com/contract.yaml", "https://example.com/order.json", "https://example.com/order.json#/a"},
	} {
		if got := Place(c.contract, source.Location{Position: source.Position{File: c.file}, Path: "/a"}); got != c.want {
			t.Errorf("%s seen from %s is %q, want %q", c.file, c.contract, got, c.want)
		}
	}
}
