package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestMisuseDoesNotCompile holds the runtime to what its types promise: a topology
// that suits producers only cannot be given to a consumer, and the parts of a
// topology fit together in one way.
func TestMisuseDoesNotCompile(t *testing.T) {
	imported := importRuntime(t)
	for _, c := range []struct{ code, want string }{
		{"NewConsumer(ctx, DedicatedChannel(connection), subscription)", ""},
		{"NewConsumer(ctx, ActivePassive(DedicatedChannel(connection), DedicatedChannel(connection), Failover{}), subscription)", ""},
		{"NewProducer(ctx, ChannelPool(connection, 4), nil)", ""},
		{"NewProducer(ctx, ActivePassiveProducer(ChannelPool(connection, 4), ChannelPerConnection(pool), Failover{}), nil)", ""},

		{"NewConsumer(ctx, ChannelPool(connection, 4), subscription)", "missing method ConsumerChannel"},
		{"NewConsumer(ctx, ChannelPerConnection(pool), subscription)", "missing method ConsumerChannel"},
		{
			"NewConsumer(ctx, ActivePassiveProducer(ChannelPool(connection, 4), ChannelPool(connection, 4), Failover{}), subscription)",
			"missing method ConsumerChannel",
		},
		{"ActivePassive(ChannelPool(connection, 4), DedicatedChannel(connection), Failover{})", "missing method ConsumerChannel"},
		{"ActivePassive(DedicatedChannel(connection), ChannelPerConnection(pool), Failover{})", "missing method ConsumerChannel"},
		{"NewConsumer(ctx, struct{ ProducerSource; ConsumerSource }{}, subscription)", "ambiguous"},
		{"DedicatedChannel(pool)", "cannot use pool (variable of type *Connections) as *Connection value"},
		{"ChannelPool(pool, 4)", "cannot use pool (variable of type *Connections) as *Connection value"},
		{"ChannelPerConnection(connection)", "cannot use connection (variable of type *Connection) as *Connections value"},
	} {
		err := compile(t, imported, c.code)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s\n\tgives %v\n\twanted %q", c.code, err, c.want)
		}
	}
}

// compile checks the types of one expression that uses package runtime unqualified.
func compile(t *testing.T, imported map[string]*types.Package, expression string) error {
	t.Helper()
	source := fmt.Sprintf(`package snippet
import ("context"; . %q)
func _(ctx context.Context, connection *Connection, pool *Connections, subscription Subscription) {
	consume(%s)
}
func consume(...any) {}
var _ = NewProducer`, module+"/runtime", expression)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "snippet.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	config := types.Config{
		Importer: importer(imported),
		Error:    func(error) {}, // Check returns the first
	}
	_, err = config.Check("snippet", set, []*ast.File{file}, nil)
	if err != nil {
		return fmt.Errorf("%s", strings.ReplaceAll(err.Error(), fmt.Sprintf("%q.", module+"/runtime"), ""))
	}
	return nil
}

type importer map[string]*types.Package

// Import implements types.Importer.
func (i importer) Import(path string) (*types.Package, error) {
	if pkg := i[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("no package %s", path)
}

// loadRuntime loads the packages of the runtime and those that they import, once for all tests.
var loadRuntime = sync.OnceValues(func() (map[string]*types.Package, error) {
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps}, module+"/runtime/...")
	imported := map[string]*types.Package{}
	packages.Visit(loaded, nil, func(pkg *packages.Package) { imported[pkg.PkgPath] = pkg.Types })
	return imported, err
})

// importRuntime returns the packages of the runtime and those that they import, by path.
func importRuntime(t *testing.T) map[string]*types.Package {
	t.Helper()
	imported, err := loadRuntime()
	if err != nil {
		t.Fatal(err)
	}
	return imported
}
