package generator

import (
	"fmt"
	"go/types"
	"os"
	"os/exec"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/tools/go/packages"

	"github.com/scampgen/scampgen/asyncapi/source"
	plantypes "github.com/scampgen/scampgen/generator/plan/types"
)

// lookUp returns what is wrong with types of the user's own in generated code, as seen from a
// folder of the module. It fetches nothing. If there is no go command, or a module is not in the
// module cache, it warns that the type was not looked up.
func lookUp(uses []plantypes.Use, dir string) source.Problems {
	if len(uses) == 0 {
		return nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return source.Problems{uses[0].Problem(source.Warning, "types of your own are not looked up: there is no go command", "put it on the PATH")}
	}
	var paths []string
	for _, use := range uses {
		if !isSetOfPackages(use.Type.Package) {
			paths = append(paths, use.Type.Package)
		}
	}
	if len(paths) == 0 {
		return problemsOf(uses, nil, "")
	}
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedSyntax | packages.NeedImports,
		Dir:  dir,
		Env:  append(os.Environ(), "GOPROXY=off"),
	}, slices.Compact(paths)...)
	if err != nil {
		return source.Problems{uses[0].Problem(source.Warning, "types of your own are not looked up: "+firstLine(err.Error()), "run generate where go list ./... works")}
	}
	byPath := map[string]*packages.Package{}
	for _, pkg := range loaded {
		byPath[pkg.PkgPath] = pkg
	}
	goMod, _, _ := readModule(dir) // the command has read it
	return problemsOf(uses, byPath, modfile.ModulePath(goMod))
}

// isSetOfPackages reports whether the go command takes an import path for many packages (go help
// packages). Loading them can take a minute and a gigabyte.
func isSetOfPackages(path string) bool {
	return slices.Contains([]string{"all", "cmd", "std", "tool", "work"}, path)
}

// problemsOf checks all types, given the packages that were found and the path of the own module.
func problemsOf(uses []plantypes.Use, found map[string]*packages.Package, module string) source.Problems {
	var problems source.Problems
	for _, use := range uses {
		if problem, wrong := check(use, found[use.Type.Package], module); wrong {
			problems = append(problems, problem)
		}
	}
	return problems
}

const nameAnother = "name a type that encoding/json encodes as the schema says"

// check checks one type, given its package.
func check(use plantypes.Use, pkg *packages.Package, module string) (source.Problem, bool) {
	name := use.Type.Package + "." + use.Type.Name
	switch {
	case pkg == nil:
		return use.Problem(source.Warning, name+" is not looked up", "make sure that it is there"), true
	case isNotFetched(pkg):
		return use.Problem(source.Warning, fmt.Sprintf("%s is not looked up: its module is not in the module cache", name), "run go mod download"), true
	case (pkg.Types == nil || len(pkg.Syntax) == 0) && module != "" && strings.HasPrefix(use.Type.Package+"/", module+"/"):
		return use.Problem(source.Mistake, fmt.Sprintf("there is no package %s in your module", use.Type.Package), "correct its path, or write the package first"), true
	case pkg.Types == nil || len(pkg.Syntax) == 0:
		return use.Problem(source.Mistake, fmt.Sprintf("there is no package %s: %s", use.Type.Package, reasonOf(pkg)), "correct its path, or add its module with go get"), true
	}
	object := pkg.Types.Scope().Lookup(use.Type.Name)
	if object == nil {
		return use.Problem(source.Mistake, fmt.Sprintf("package %s has no type %s", use.Type.Package, use.Type.Name),
			source.DidYouMean(use.Type.Name, exportedTypes(pkg.Types.Scope()))), true
	}
	if wrong := unusable(object); wrong != "" {
		return use.Problem(source.Mistake, fmt.Sprintf("%s %s", name, wrong), nameAnother), true
	}
	return source.Problem{}, false
}

// isNotFetched reports whether a package is missing only because nothing is fetched.
func isNotFetched(pkg *packages.Package) bool {
	return slices.ContainsFunc(pkg.Errors, func(err packages.Error) bool { return strings.Contains(err.Msg, "GOPROXY=off") })
}

func reasonOf(pkg *packages.Package) string {
	if len(pkg.Errors) == 0 {
		return "it has no Go files"
	}
	reason, _, _ := strings.Cut(firstLine(pkg.Errors[0].Msg), "; ") // what to do about it
	reason, _, _ = strings.Cut(reason, " (")                        // where Go is installed
	return reason
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func exportedTypes(scope *types.Scope) []string {
	return slices.DeleteFunc(scope.Names(), func(name string) bool {
		_, isType := scope.Lookup(name).(*types.TypeName)
		return !isType || !scope.Lookup(name).Exported()
	})
}

// unusable says why a field of generated code cannot have the type that object is, "" when it can.
func unusable(object types.Object) string {
	if _, ok := object.(*types.TypeName); !ok {
		return "is no type"
	}
	if named, ok := types.Unalias(object.Type()).(*types.Named); ok && named.TypeParams().Len() > named.TypeArgs().Len() {
		return "needs type arguments"
	}
	methods := types.NewMethodSet(types.NewPointer(object.Type()))
	marshals, unmarshals := has(methods, "MarshalJSON", "MarshalText"), has(methods, "UnmarshalJSON", "UnmarshalText")
	switch underlying := object.Type().Underlying().(type) {
	case *types.Interface:
		if underlying.NumMethods() > 0 {
			return "is an interface, which encoding/json cannot read into"
		}
	case *types.Chan, *types.Signature:
		if !marshals || !unmarshals {
			return "has no JSON"
		}
	case *types.Basic:
		if underlying.Info()&types.IsComplex != 0 && (!marshals || !unmarshals) {
			return "has no JSON"
		}
	}
	return ""
}

func has(methods *types.MethodSet, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return methods.Lookup(nil, name) != nil })
}
