package layers

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// mayHoldState are packages whose variables a run may write, and why.
var mayHoldState = map[string]string{
	module + "/internal/rabbittest": "a test binary has one shared broker",
}

// TestNoPackageVariableIsWritten keeps package variables what they are declared
// to be: tables and sentinels. A variable that a run writes is hidden input of every
// function in the package.
func TestNoPackageVariableIsWritten(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
	}, module+"/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range loaded {
		if len(pkg.Errors) > 0 {
			t.Fatalf("%s: %v", pkg.PkgPath, pkg.Errors)
		}
		if mayHoldState[pkg.PkgPath] != "" {
			continue
		}
		for _, file := range pkg.Syntax {
			for _, written := range writtenVariables(pkg, file) {
				t.Errorf("%s: package variable %s is written", pkg.Fset.Position(written.Pos()), written.Name)
			}
		}
	}
}

// writtenVariables returns the package variables that functions of file assign to, in whole or in
// part, or take the address of.
func writtenVariables(pkg *packages.Package, file *ast.File) []*ast.Ident {
	var written []*ast.Ident
	note := func(target ast.Expr) {
		if name := root(target); name != nil && isPackageVariable(pkg.TypesInfo.Uses[name]) {
			written = append(written, name)
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.AssignStmt:
			if node.Tok != token.DEFINE {
				for _, target := range node.Lhs {
					note(target)
				}
			}
		case *ast.IncDecStmt:
			note(node.X)
		case *ast.UnaryExpr:
			if node.Op == token.AND {
				note(node.X)
			}
		case *ast.SelectorExpr:
			// A method with a pointer receiver on a variable that is no pointer
			// takes the variable's address: a mutex, an atomic, a sync.Once.
			selection := pkg.TypesInfo.Selections[node]
			if selection == nil || selection.Kind() != types.MethodVal || isPointer(selection.Recv()) {
				break
			}
			if signature, ok := selection.Obj().Type().(*types.Signature); ok && isPointer(signature.Recv().Type()) {
				note(node.X)
			}
		}
		return true
	})
	return written
}

// root returns the identifier whose variable an expression is part of: a in a.b[c].
func root(expression ast.Expr) *ast.Ident {
	for {
		switch e := expression.(type) {
		case *ast.Ident:
			return e
		case *ast.SelectorExpr:
			expression = e.X
		case *ast.IndexExpr:
			expression = e.X
		case *ast.ParenExpr:
			expression = e.X
		default:
			return nil
		}
	}
}

// isPackageVariable leaves sync.Pool out: what it holds changes no result.
func isPackageVariable(object types.Object) bool {
	variable, ok := object.(*types.Var)
	return ok && variable.Type().String() != "sync.Pool" && variable.Pkg() != nil && variable.Parent() == variable.Pkg().Scope() &&
		strings.HasPrefix(variable.Pkg().Path(), module)
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}
