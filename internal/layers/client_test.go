package layers

import (
	"go/ast"
	"os"
	"testing"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"
)

const client = "github.com/rabbitmq/amqp091-go"

// TestClientVersion keeps the client library above the versions that wipe the
// caller's password and take every refusal for a wrong password.
func TestClientVersion(t *testing.T) {
	content, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.Parse("go.mod", content, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, required := range file.Require {
		if required.Mod.Path == client {
			if semver.Compare(required.Mod.Version, "v1.16.0") < 0 {
				t.Errorf("%s is at %s, the least is v1.16.0", client, required.Mod.Version)
			}
			return
		}
	}
	t.Errorf("go.mod does not require %s", client)
}

// isOwn reports whether a selector is the field of a Subscription of the runtime's own.
func isOwn(node *ast.SelectorExpr) bool {
	of, ok := node.X.(*ast.Ident)
	return ok && of.Name == "subscription"
}

// TestClientRecoveryStaysOff keeps the client library's own recovery out of the
// runtime: it acknowledges other messages than those that were handled.
func TestClientRecoveryStaysOff(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedSyntax | packages.NeedFiles}, module+"/runtime")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range loaded[0].Syntax {
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.KeyValueExpr:
				if key, ok := node.Key.(*ast.Ident); ok && key.Name == "Recovery" {
					t.Errorf("%s: Config.Recovery is set", loaded[0].Fset.Position(node.Pos()))
				}
			case *ast.SelectorExpr:
				if node.Sel.Name == "Recovery" && !isOwn(node) {
					t.Errorf("%s: Config.Recovery is used", loaded[0].Fset.Position(node.Pos()))
				}
			}
			return true
		})
	}
}
