package generator

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/types"
)

const moneyPackage = `package money

import "io"

type Amount struct{ Cents int64 }
type Price = Amount
type List[T any] []T
type Prices = List[Price]
type Any interface{}
type Reader io.Reader
type Signal chan int
type Complex complex128
type Func func()

func (Func) MarshalText() ([]byte, error) { return nil, nil }
func (*Func) UnmarshalJSON([]byte) error { return nil }

type Half func()

func (Half) MarshalJSON() ([]byte, error) { return nil, nil }

var Zero Amount

var _ = doesNotCompile
`

func TestLookUp(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.24\n")
	put(t, filepath.Join(dir, "money", "money.go"), moneyPackage)
	const nowhere = "; correct its path, or add its module with go get"
	var uses []types.Use
	var want []string
	for _, c := range []struct{ pkg, name, want string }{
		{"example.com/shop/money", "Amount", ""},
		{"example.com/shop/money", "Price", ""},
		{"example.com/shop/money", "Prices", ""},
		{"example.com/shop/money", "Any", ""},
		{"example.com/shop/money", "Func", ""},
		{"time", "Duration", ""},
		{"example.com/shop/money", "Amont", `package example.com/shop/money has no type Amont; did you mean "Amount"?`},
		{"example.com/shop/money", "List", "example.com/shop/money.List needs type arguments; " + nameAnother},
		{"example.com/shop/money", "Zero", "example.com/shop/money.Zero is no type; " + nameAnother},
		{"example.com/shop/money", "Reader", "example.com/shop/money.Reader is an interface, which encoding/json cannot read into; " + nameAnother},
		{"example.com/shop/money", "Signal", "example.com/shop/money.Signal has no JSON; " + nameAnother},
		{"example.com/shop/money", "Complex", "example.com/shop/money.Complex has no JSON; " + nameAnother},
		{"example.com/shop/money", "Half", "example.com/shop/money.Half has no JSON; " + nameAnother},
		{"example.com/shop/mony", "Amount", "there is no package example.com/shop/mony in your module; correct its path, or write the package first"},
		{"tyme", "Duration", "there is no package tyme: package tyme is not in std" + nowhere},
		{"example.org/far/away", "T", "there is no package example.org/far/away: no required module provides package example.org/far/away" + nowhere},
	} {
		uses = append(uses, types.Use{Location: source.Location{Path: "/" + c.name}, Type: types.GoType{Package: c.pkg, Name: c.name}})
		if c.want != "" {
			want = append(want, ": /"+c.name+": "+c.want)
		}
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), lookUp(uses, dir).Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A module that is not in the module cache is not fetched.
func TestLookUpOffline(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.24\n\nrequire example.org/far v1.0.0\n")
	put(t, filepath.Join(dir, "go.sum"), "example.org/far v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"+
		"example.org/far v1.0.0/go.mod h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
	use := types.Use{Type: types.GoType{Package: "example.org/far/away", Name: "T"}}
	want := ": warning: example.org/far/away.T is not looked up: its module is not in the module cache; run go mod download"
	if got := lookUp([]types.Use{use}, dir); got.Error() != want {
		t.Errorf("got %q, want %q", got.Error(), want)
	}
}

// Where there is no go command, nothing is looked up, and that is said once.
func TestLookUpWithoutGo(t *testing.T) {
	t.Setenv("PATH", "")
	use := types.Use{Type: types.GoType{Package: "nowhere", Name: "T"}}
	got := lookUp([]types.Use{use, use}, t.TempDir())
	if want := ": warning: types of your own are not looked up: there is no go command; put it on the PATH"; got.Error() != want {
		t.Errorf("got %q, want %q", got.Error(), want)
	}
}

// A path that the go command takes for many packages is not looked up: loading them takes seconds or
// minutes, and gigabytes.
func TestLookUpNoSetsOfPackages(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "go.mod"), "module example.com/shop\n\ngo 1.24\n")
	for _, path := range []string{"all", "cmd", "std", "tool", "work"} {
		use := types.Use{Type: types.GoType{Package: path, Name: "T"}}
		var got source.Problems
		allocated := testing.AllocsPerRun(1, func() { got = lookUp([]types.Use{use}, dir) })
		if want := ": warning: " + path + ".T is not looked up; make sure that it is there"; got.Error() != want {
			t.Errorf("got %q, want %q", got.Error(), want)
		}
		if allocated > 10_000 {
			t.Errorf("%s: %.0f allocations", path, allocated)
		}
	}
}

// Without types of the user's own nothing is run.
func TestLookUpNothing(t *testing.T) {
	t.Setenv("PATH", "")
	if got := lookUp(nil, t.TempDir()); got != nil {
		t.Errorf("got %v", got)
	}
}
