package types

import (
	"go/token"
	"strings"

	"golang.org/x/mod/module"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// Options are the user's choices that concern types.
type Options struct {
	// Choices are about single schemas, by the name under components.schemas, or by "#" with the
	// JSON pointer.
	Choices map[string]Choice
	// LiteralTypes lets a schema without a type allow values of all types, as in JSON Schema.
	// Without it properties imply an object, items a list, pattern a string, and so on.
	LiteralTypes bool
	// IgnoreFormats makes formats annotations, as in JSON Schema by default: they neither choose a
	// Go type nor are checked.
	IgnoreFormats bool
}

// A Choice is the user's choice for one schema: a Type or a Name.
type Choice struct {
	source.Location        // in the configuration
	Type            GoType // a type of the user's own
	Name            string // acts as x-go-name does
}

// A GoType is a type of the user's own. It must implement json.Marshaler and json.Unmarshaler, or
// be a type that encoding/json encodes as the schema says.
type GoType struct {
	Package string // import path
	Name    string
}

// ParseGoType reads a type as it is written in contracts and configuration:
// example.com/shop/money.Amount.
func ParseGoType(text string) (t GoType, ok bool) {
	dot := max(strings.LastIndexByte(text, '.'), 0)
	t = GoType{Package: text[:dot], Name: strings.TrimPrefix(text[dot:], ".")}
	return t, module.CheckImportPath(t.Package) == nil && token.IsIdentifier(t.Name) && token.IsExported(t.Name)
}
