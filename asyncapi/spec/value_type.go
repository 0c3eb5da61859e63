package spec

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A valueType says what a value may be.
type valueType struct {
	kinds     kinds
	object    string     // of an object: the entry of objects that has its fields; "" when any are allowed
	values    *valueType // of a map, an object whose names the author chooses: its values
	keys      *format    // of a map: its names
	items     *valueType // of an array
	unique    bool       // of an array: no item is in it twice
	uniqueBy  string     // of an array: the field by which items are compared; "" for all of an item
	choices   []string   // of a string
	format    *format    // of a string
	reference reference  // of an object
	content   content
}

// A reference reports whether a Reference Object may take the place of an object. It may always take
// the place of an array, a map or a scalar: the official tools follow it there too.
type reference uint8

const (
	forbidden reference = iota // the object itself
	allowed                    // the object or a reference
	demanded                   // a reference alone
)

// A content marks a value that another package reads and checks.
type content uint8

const (
	plain     content = iota // no other package reads it
	isSchema                 // a schema in AsyncAPI's dialect
	isHeaders                // the schema of headers
	isBinding                // the binding of a protocol
)

// Kinds is a set of kinds.
type kinds uint8

func of(list ...source.Kind) kinds {
	var set kinds
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(k source.Kind) bool { return set&(1<<k) != 0 }

// mustBe is the end of a sentence about a value of another kind: "must be a string or null, found
// number".
func (set kinds) mustBe(found source.Kind) string {
	const many = 3
	text := ""
	for _, k := range []source.Kind{source.Object, source.Array, source.String, source.Number, source.Bool, source.Null} {
		switch {
		case !set.has(k):
		case text == "":
			text = k.WithArticle()
		default:
			text += " or " + k.WithArticle()
		}
	}
	if strings.Count(text, " or ") >= many {
		return "must not be " + found.WithArticle()
	}
	return fmt.Sprintf("must be %s, found %s", text, found)
}

var (
	anything = valueType{kinds: of(source.Null, source.Bool, source.Number, source.String, source.Array, source.Object)}
	notNull  = valueType{kinds: of(source.Bool, source.Number, source.String, source.Array, source.Object)}
	// notBool is a schema since 3.0: it may be a boolean only within another schema.
	notBool   = valueType{kinds: of(source.Number, source.String, source.Array, source.Object)}
	text      = valueType{kinds: of(source.String)}
	boolean   = valueType{kinds: of(source.Bool)}
	anyObject = valueType{kinds: of(source.Object)}
	texts     = listOf(text)
	aBinding  = valueType{kinds: anything.kinds, content: isBinding}
)

// The types of objects: inline is one that cannot be a reference, orReference one that may be
// referred to, and referenceTo is nothing but a reference.
func inline(name string) valueType { return valueType{kinds: of(source.Object), object: name} }

func orReference(name string) valueType {
	return valueType{kinds: of(source.Object), object: name, reference: allowed}
}

func referenceTo(name string) valueType {
	return valueType{kinds: of(source.Object), object: name, reference: demanded}
}

// The types of arrays: a set has no item twice, or no two with the same value of a field.
func listOf(items valueType) valueType { return valueType{kinds: of(source.Array), items: &items} }

func setOf(items valueType) valueType {
	return valueType{kinds: of(source.Array), items: &items, unique: true}
}

func setBy(name string, items valueType) valueType {
	return valueType{kinds: of(source.Array), items: &items, unique: true, uniqueBy: name}
}

func mapOf(values valueType) valueType { return valueType{kinds: of(source.Object), values: &values} }

// named is a map whose names have a format.
func named(keys *format, values valueType) valueType {
	return valueType{kinds: of(source.Object), values: &values, keys: keys}
}

func choice(choices ...string) valueType {
	return valueType{kinds: of(source.String), choices: choices}
}

func formatted(f *format) valueType { return valueType{kinds: of(source.String), format: f} }
