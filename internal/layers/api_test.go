package layers

import (
	"fmt"
	"go/types"
	"strings"
	"testing"
)

// library is the client library, which is a part of the runtime and not of what it promises: users
// who update one need not know the other.
const library = "github.com/rabbitmq/amqp091-go"

// TestLibraryIsNotInTheAPI looks at everything that the packages of the runtime export.
func TestLibraryIsNotInTheAPI(t *testing.T) {
	imported := importRuntime(t)
	for _, path := range []string{module + "/runtime", module + "/runtime/payload", module + "/runtime/scamptest", module + "/runtime/service"} {
		scope := imported[path].Scope()
		for _, name := range scope.Names() {
			if object := scope.Lookup(name); object.Exported() {
				search := search{seen: map[types.Type]bool{}}
				if where := search.object(object); where != "" {
					t.Errorf("%s: %s is of the client library", path, where)
				}
			}
		}
	}
}

// TestSearchFindsTheLibrary looks for a type of the library in other types.
func TestSearchFindsTheLibrary(t *testing.T) {
	table := importRuntime(t)[library].Scope().Lookup("Table")
	for name, of := range map[string]types.Type{
		"itself":    table.Type(),
		"a pointer": types.NewPointer(table.Type()),
		"a slice":   types.NewSlice(table.Type()),
		"a map":     types.NewMap(types.Typ[types.String], table.Type()),
		"a result":  types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", table.Type())), false),
		"a field":   types.NewStruct([]*types.Var{types.NewField(0, nil, "Field", table.Type(), false)}, nil),
	} {
		search := search{seen: map[types.Type]bool{}}
		if search.typ(of) == "" {
			t.Errorf("%s is not found", name)
		}
	}
}

// A search looks for types of the library in what is exported.
type search struct{ seen map[types.Type]bool }

// object returns where the declaration of an object mentions the library, or nothing.
func (s *search) object(object types.Object) string {
	where := s.typ(object.Type())
	if where == "" {
		return ""
	}
	return strings.TrimSuffix(object.Name()+"."+where, ".")
}

// typ returns where a type mentions the library, or nothing.
func (s *search) typ(t types.Type) string {
	if s.seen[t] {
		return ""
	}
	s.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		return s.typ(t.Rhs())
	case *types.Named:
		return s.named(t)
	case *types.Signature:
		return s.either(t.Params(), t.Results())
	case *types.Struct:
		for field := range t.Fields() {
			if field.Exported() || field.Embedded() {
				if where := s.object(field); where != "" {
					return where
				}
			}
		}
	case *types.Interface:
		for method := range t.Methods() {
			if method.Exported() {
				if where := s.object(method); where != "" {
					return where
				}
			}
		}
	case *types.Map:
		return s.either(t.Key(), t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			if where := s.typ(v.Type()); where != "" {
				return where
			}
		}
	case interface{ Elem() types.Type }: // a pointer, slice, array or channel
		return s.typ(t.Elem())
	}
	return ""
}

func (s *search) either(a, b types.Type) string {
	if where := s.typ(a); where != "" {
		return where
	}
	return s.typ(b)
}

// named looks at a named type, its type arguments and its methods. Types of other modules are not
// looked into.
func (s *search) named(t *types.Named) string {
	pkg := t.Obj().Pkg()
	switch {
	case pkg == nil:
		return ""
	case pkg.Path() == library:
		return fmt.Sprintf("%s.%s", pkg.Name(), t.Obj().Name())
	case !matches(pkg.Path(), module+"/..."):
		return ""
	}
	for argument := range t.TypeArgs().Types() {
		if where := s.typ(argument); where != "" {
			return where
		}
	}
	for method := range t.Methods() {
		if method.Exported() {
			if where := s.object(method); where != "" {
				return where
			}
		}
	}
	return s.typ(t.Underlying())
}
