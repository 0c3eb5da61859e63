// Package templates writes a plan as Go source. It has one emitter for each declaration, which
// makes jennifer statements. It decides nothing and knows nothing of AsyncAPI.
//
// The package is not stable: it can be imported, but may change in any release.
package templates

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/emit"
	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// Files returns the files of p. Those that take longest to write come first.
func Files(p *plan.Plan) []emit.File {
	var files []emit.File
	add := func(in names.Package, name string, build func() *jen.File) {
		files = append(files, emit.Go(in.Name+"/"+name, func(w io.Writer) error { return build().Render(w) }))
	}
	if len(p.Declared) > 0 {
		add(p.Types, "doc.gen.go", func() *jen.File { return packageFile(p) })
	}
	all, taken := messagesOf(p), fileNames{"doc": true, "schemas": true}
	for _, together := range all.files() {
		add(p.Types, taken.of(together[0].GoName)+".gen.go", func() *jen.File { return all.file(together) })
	}
	if len(p.Examples) > 0 {
		add(p.Types, "examples.gen_test.go", func() *jen.File { return examplesFile(p) })
	}
	if len(p.Schemas) > 0 {
		add(p.Types, "schemas.gen.go", func() *jen.File { return schemasFile(p) })
	}
	if len(p.Servers) > 0 {
		add(p.ServersPackage, "servers.gen.go", func() *jen.File { return serversFile(p) })
	}
	for _, q := range p.Clients {
		add(q.Package, "queue.gen.go", func() *jen.File { return queueFile(p, q) })
	}
	return files
}

// Source is the name of the contract in the header of each file, changed so that go vet sees no
// build constraint in it.
func Source(p *plan.Plan) string {
	return strings.TrimSpace(strings.ReplaceAll(oneLine(p.Source), "+build", "+ build"))
}

// newFile begins a file of a package.
func newFile(p *plan.Plan, in names.Package) *jen.File {
	file := jen.NewFilePathName(in.ImportPath, in.Name)
	file.NoFormat = true // emit.Go formats
	for _, line := range emit.Header(".go", Source(p)) {
		file.HeaderComment(line)
	}
	file.ImportName(runtimePath, "runtime")
	file.ImportName(payloadPath, "payload")
	file.ImportName(p.Types.ImportPath, p.Types.Name)
	for _, m := range messagesIn(p, in) {
		if m.Type.Kind == types.UserType {
			importByName(file, m.Type.Package)
		}
	}
	return file
}

// messagesIn returns the messages of the queue that a package is for.
func messagesIn(p *plan.Plan, in names.Package) []plan.Message {
	i, found := slices.BinarySearchFunc(p.Clients, in, func(q plan.Client, in names.Package) int {
		return cmp.Compare(q.Package.Name, in.Name)
	})
	if !found {
		return nil
	}
	return p.Clients[i].Messages
}

// importByName imports a package without an alias, because jennifer does not know the names of
// packages. Packages with another name than the last element of their path keep an alias.
func importByName(file *jen.File, path string) {
	base := path[strings.LastIndex(path, "/")+1:]
	if !strings.ContainsFunc(base, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		file.ImportName(path, base)
	}
}

// allowDeprecated tells staticcheck that a client has to use the types of its messages, even if the
// contract deprecates them. Callers of the client are still warned.
func allowDeprecated(file *jen.File, p *plan.Plan, messages []plan.Message) {
	if slices.ContainsFunc(messages, func(m plan.Message) bool {
		t, ok := p.Type(m.Type.Name)
		return ok && t.Doc.Deprecated
	}) {
		file.HeaderComment("//lint:file-ignore SA1019 The contract still has the message that it deprecates.")
	}
}
