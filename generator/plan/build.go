package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// Build decides what doc generates. It reports all problems; when one of them is fatal, the plan is
// nil. doc must be free of fatal problems itself.
func Build(doc *asyncapi.Document, o Options) (*Plan, source.Problems) {
	b := &builder{
		doc: doc, options: o, namer: newNamer(o.Initialisms),
		operations: operationsByChannel(doc), patterns: map[string][]Check{},
	}
	b.types = newTypeBuilder(b)
	p := &Plan{Source: o.Source, Types: b.typesPackage()}
	groups := b.groups()
	if !b.types.nameSchemas(groups) {
		return nil, b.problems.Problems()
	}
	if p.Queues = b.queues(groups); len(p.Queues) == 0 && !b.problems.Problems().Fatal() {
		b.warn(source.Position{File: doc.File}, "", "the contract gives no package", "")
	}
	p.Declared = b.types.finish()
	p.Schemas = b.types.schemas.finish()
	p.Examples = b.sortedExamples()
	problems := b.problems.Problems()
	if problems.Fatal() {
		return nil, problems
	}
	return p, problems
}

// A builder holds what the steps of one Build share.
type builder struct {
	doc      *asyncapi.Document
	options  Options
	namer    namer
	types    *typeBuilder
	problems source.Report
	examples []Example
	planned  int // see spend

	patterns     map[string][]Check // by the contract's text
	instructions int                // of the programs of all patterns

	operations map[*asyncapi.Channel][]*asyncapi.Operation // those on a channel, sorted by their path
	specs      map[string]*queueSpec                       // by queueKey: what all channels say together
	exchanges  map[string]*asyncapi.ExchangeBinding        // by virtual host and name: what all channels say together
}

func (b *builder) typesPackage() Package {
	return b.subpackage("messages")
}

// subpackage returns the generated package with the given name.
func (b *builder) subpackage(name string) Package {
	return Package{Name: name, ImportPath: strings.TrimSuffix(b.options.ImportPath, "/") + "/" + name}
}

func (b *builder) mistake(at source.Position, path, message, hint string) {
	b.problems.Add(source.Problem{Position: at, Path: path, Message: message, Hint: hint})
}

func (b *builder) warn(at source.Position, path, message, hint string) {
	b.problems.Add(source.Problem{Position: at, Severity: source.Warning, Path: path, Message: message, Hint: hint})
}

func (b *builder) unsupported(at source.Position, path, feature, message, hint string) {
	b.problems.Add(source.Problem{
		Position: at, Severity: source.Unsupported, Path: path, Feature: feature, Message: message, Hint: hint,
	})
}

func find[T any](list []T, name string, nameOf func(T) string) (int, bool) {
	return slices.BinarySearchFunc(list, name, func(t T, name string) int { return cmp.Compare(nameOf(t), name) })
}
