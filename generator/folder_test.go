package generator

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlaceOf(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "shop", "go.mod"), "// a comment\nmodule example.com/shop/v2 // and another\n\ngo 1.26\n")
	put(t, filepath.Join(root, "shop", "tools", "go.mod"), "module \"example.com/tools\"\n")
	put(t, filepath.Join(root, "empty", "go.mod"), "go 1.26\n")
	put(t, filepath.Join(root, "shop", "file"), "")
	put(t, filepath.Join(root, "shop", "odd", "go.mod", "x"), "")
	tests := map[string]struct{ dir, want, problem string }{
		"the module's folder": {dir: "shop", want: "example.com/shop/v2"},
		"a folder below":      {dir: "shop/internal/orders", want: "example.com/shop/v2/internal/orders"},
		"a nested module":     {dir: "shop/tools/gen", want: "example.com/tools/gen"},
		"no module": {
			dir:     "nowhere/at/all",
			problem: "nowhere/at/all: is in no Go module, so that its packages have no import path; run go mod init, or choose another folder with -out",
		},
		"no module line": {dir: "empty/x", problem: "ROOT/empty/go.mod: has no module line"},
		"a file": {
			dir: "shop/file", problem: "shop/file: cannot be a folder: ROOT/shop/file is a file; choose another folder with -out",
		},
		"below a file": {
			dir: "shop/file/orders", problem: "shop/file/orders: cannot be a folder: ROOT/shop/file is a file; choose another folder with -out",
		},
		"a folder called go.mod": {dir: "shop/odd/x", want: "example.com/shop/v2/odd/x"},
		"a vendored folder": {
			dir:     "shop/vendor/orders",
			problem: "shop/vendor/orders: is in a folder called vendor, from which Go imports in its own way; choose another folder with -out",
		},
		"a space": {
			dir:     "shop/my orders",
			problem: `shop/my orders: its import path would be "example.com/shop/v2/my orders", which Go does not allow; choose another folder with -out`,
		},
	}
	t.Chdir(root)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := folderOf(test.dir)
			problem := ""
			if err != nil {
				problem = strings.ReplaceAll(err.Error(), root, "ROOT")
			}
			if got.importPath != test.want || problem != test.problem {
				t.Errorf("folderOf(%q) = %q, %q; wanted %q, %q", test.dir, got.importPath, problem, test.want, test.problem)
			}
		})
	}
}

func TestNameOf(t *testing.T) {
	root := t.TempDir()
	t.Chdir(root)
	put(t, filepath.Join(root, "bills", "asyncapi.yaml"), "")
	put(t, filepath.Join(root, "shop", "api", "orders.yaml"), "")
	link(t, "shop", filepath.Join(root, "link"))
	link(t, "../bills/asyncapi.yaml", filepath.Join(root, "shop", "linked.yaml"))
	link(t, "../bills", filepath.Join(root, "shop", "contracts"))
	shop := outputFolder{root: filepath.Join(root, "shop")}
	for contract, want := range map[string]string{
		"shop/orders.yaml":                     "orders.yaml",
		"shop/api/orders.yaml":                 "api/orders.yaml",
		"orders.yaml":                          "../orders.yaml",
		"bills/asyncapi.yaml":                  "../bills/asyncapi.yaml",
		filepath.Join(root, "shop", "api.yml"): "api.yml",
		"shop/linked.yaml":                     "linked.yaml",
		"shop/contracts/asyncapi.yaml":         "contracts/asyncapi.yaml",
		"link/api/orders.yaml":                 "api/orders.yaml",
		"link/../bills/asyncapi.yaml":          "../bills/asyncapi.yaml",
	} {
		if got := shop.nameOf(contract); got != want {
			t.Errorf("nameOf(%q) = %q, want %q", contract, got, want)
		}
	}
	if got := (outputFolder{}).nameOf("api/orders.yaml"); got != "orders.yaml" {
		t.Errorf("without a module: %q", got)
	}
}

// TestFolderOfAnother generates two contracts into one folder: the second is refused, whatever the
// two have in common, and what the first gave stays.
func TestFolderOfAnother(t *testing.T) {
	root := t.TempDir()
	put(t, filepath.Join(root, "shop", "go.mod"), "module example.com/shop\n\ngo 1.26\n")
	contract := func(address string) string {
		return "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels:\n  c: {address: " + address + ", messages: {M: {payload: {type: object}}}}\n"
	}
	for name, address := range map[string]string{
		"orders/asyncapi.yaml": "order.placed", "bills/asyncapi.yaml": "bill.paid",
		"shop/a/asyncapi.yaml": "stock.low", "shop/b/asyncapi.yaml": "stock.high", "shop/asyncapi.yaml": "stock.out",
	} {
		put(t, filepath.Join(root, name), contract(address))
	}
	link(t, "../bills/asyncapi.yaml", filepath.Join(root, "shop", "linked.yaml"))
	t.Chdir(filepath.Join(root, "shop"))
	generate := func(t *testing.T, contract, out string) error {
		t.Helper()
		output, problems, err := Generate(Config{Contract: contract, Out: out})
		if err != nil || problems.Fatal() {
			t.Fatal(err, problems)
		}
		_, err = Write(out, output)
		return err
	}
	contracts := []string{"../orders/asyncapi.yaml", "../bills/asyncapi.yaml", "a/asyncapi.yaml", "b/asyncapi.yaml", "asyncapi.yaml", "linked.yaml"}
	for i, first := range contracts {
		out := fmt.Sprintf("out%d", i)
		if err := generate(t, first, out); err != nil {
			t.Fatal(err)
		}
		before := contents(t, out)
		for _, second := range contracts {
			if err := generate(t, second, out); (err == nil) != (first == second) {
				t.Errorf("%s into the folder of %s: %v", second, first, err)
			}
			if diff := cmp.Diff(before, contents(t, out)); diff != "" {
				t.Errorf("%s changed the folder of %s:\n%s", second, first, diff)
			}
		}
	}
}
