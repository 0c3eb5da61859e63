package plan

import (
	"go/token"
	"strings"

	"golang.org/x/mod/module"
)

// Options are the choices of the user, from scampgen.yaml and the command line.
type Options struct {
	ImportPath  string // of the output folder; the generated packages are below it
	Module      string // the path of the module that the output folder is in; empty: not known
	Source      string // names the contract in the header of each file
	Side        Side
	Channels    map[string]ChannelOptions // by the channel's name or address
	Types       map[string]GoType         // types of the user's own, by the schema's name under components.schemas
	Initialisms []string                  // in upper case, beside the usual ones: SKU
	// AllowImports are the paths below which packages may be imported for an x-go-type, beside the own module's.
	AllowImports []string
	// Tests adds a test of the contract's examples to the messages package.
	Tests bool
	// LiteralTypes lets a schema without a type allow values of all types, as JSON Schema does, whatever its other keywords are for. Without
	// it properties mean an object, items a list, pattern a string and so on.
	LiteralTypes bool
	// IgnoreFormats makes formats remarks, as JSON Schema does by default: neither Go types nor checks.
	IgnoreFormats bool
}

// ChannelOptions are the choices for one channel.
type ChannelOptions struct {
	Package string // empty: made from the queue's name or the address
	Side    Side
}

// A GoType is a type of the user's own. It must implement json.Marshaler and json.Unmarshaler, or
// be something that encoding/json encodes as the schema says.
type GoType struct {
	Package string // import path
	Name    string
}

// ParseGoType reads a type as it is written in contracts and configuration: example.com/shop/money.Amount.
func ParseGoType(text string) (t GoType, ok bool) {
	dot := max(strings.LastIndexByte(text, '.'), 0)
	t = GoType{Package: text[:dot], Name: strings.TrimPrefix(text[dot:], ".")}
	return t, module.CheckImportPath(t.Package) == nil && token.IsIdentifier(t.Name) && token.IsExported(t.Name)
}

// Side says which clients are generated.
type Side uint8

// The sides. The zero value means Both for a contract, and what holds for its contract for a channel.
const (
	Unsaid Side = iota
	Both
	ProducerSide
	ConsumerSide
)
