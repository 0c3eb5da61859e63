package layers

import (
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// far are packages whose types are many. One of them within reach of a generated package doubled the
// time that it takes to compile each.
var far = []string{"github.com/rabbitmq/amqp091-go", "crypto/tls", "math/big", "net", "reflect", "regexp"}

// TestGeneratedPackagesReachFewTypes: the compiler reads and writes again, for each generated package,
// all types that can be reached from those that the package names, through fields and methods, exported
// or not.
func TestGeneratedPackagesReachFewTypes(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.LoadSyntax}, module+"/examples/orders/warehouseorders")
	if err != nil || len(loaded) != 1 || len(loaded[0].Errors) > 0 {
		t.Fatalf("load: %v, %v", err, loaded)
	}
	r := reach{from: map[types.Type]string{}}
	for _, used := range loaded[0].TypesInfo.Uses {
		r.add(used.Type(), used.Name())
	}
	for typ, path := range r.from {
		named, ok := typ.(*types.Named)
		if !ok || named.Obj().Pkg() == nil {
			continue
		}
		if pkg := named.Obj().Pkg().Path(); slices.Contains(far, pkg) {
			t.Errorf("%s is reached by %s", named, path)
		} else if named.TypeArgs().Len() > 0 && named.NumMethods() > 0 && pkg != module+"/runtime/payload" {
			t.Errorf("%s is reached by %s: its methods are compiled again in each package", named, path)
		}
	}
	if len(r.from) < 50 {
		t.Errorf("only %d types were looked at", len(r.from))
	}
}

// reach has the types that were reached, and by which path. It does not go on behind a far one.
type reach struct{ from map[types.Type]string }

func (r reach) add(typ types.Type, path string) {
	if _, ok := r.from[typ]; ok || typ == nil {
		return
	}
	r.from[typ] = path
	switch typ := typ.(type) {
	case *types.Named:
		r.addNamed(typ, path)
	case *types.Struct:
		for field := range typ.Fields() {
			r.add(field.Type(), path+"."+field.Name())
		}
	case *types.Interface:
		for method := range typ.Methods() {
			r.add(method.Type(), path+"."+method.Name()+"()")
		}
	case *types.Signature:
		r.add(typ.Params(), path)
		r.add(typ.Results(), path)
	case *types.Tuple:
		for v := range typ.Variables() {
			r.add(v.Type(), path)
		}
	case *types.Map:
		r.add(typ.Key(), path)
		r.add(typ.Elem(), path)
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		r.add(typ.Elem(), path)
	case *types.Alias:
		r.add(types.Unalias(typ), path)
	}
}

func (r reach) addNamed(typ *types.Named, path string) {
	if pkg := typ.Obj().Pkg(); pkg != nil {
		path += " > " + pkg.Name() + "." + typ.Obj().Name()
		for _, name := range far {
			if strings.HasPrefix(pkg.Path(), name) {
				return
			}
		}
	}
	r.add(typ.Underlying(), path)
	for method := range typ.Methods() {
		r.add(method.Type(), path+"."+method.Name()+"()")
	}
	for arg := range typ.TypeArgs().Types() {
		r.add(arg, path)
	}
}
