package spec

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// This file has the types of the tables in table_*.go. The tables say which fields each object of the specification has, in which
// versions, and what their values may be; they are data, and check_value.go applies them.

// A valueType says what a value may be.
type valueType struct {
	kinds   kinds
	object  string     // of objects: the entry of objects that has their fields; "" when they are not looked into
	each    *valueType // of objects whose names are the author's: what stands under each
	keys    *format    // of these names
	items   *valueType // of arrays
	fewest  int        // items of an array
	unique  bool       // no item of an array stands in it twice
	by      string     // the field that makes two items the same; "" when all of them do
	choices []string   // of strings
	format  *format    // of strings
	longest int        // characters of a string; 0 for no limit
	span    *integers  // of numbers
	refs    refs       // of objects
	role    role
}

// An object says which fields an object of the specification has.
type object struct {
	title   string // as a sentence has it: "a server"
	fields  []field
	open    releases          // those in which other fields mean nothing and are allowed
	strict  bool              // extensions are not allowed
	either  either            // fields of which one at least must be there
	instead []instead         // other objects that may stand in the same place
	moved   map[string]string // fields that it has not got in all versions, and where their content stands then
}

// A field is one row of an object's table. A field that changed from one version to the next has several rows.
type field struct {
	name string
	in   releases
	need need
	is   valueType
}

// An either names fields of which one at least must be there.
type either struct {
	in     releases
	fields []string
}

// An instead says that an object is another one when it has a field, or has it with a certain value.
type instead struct {
	field  string
	value  string // "" for any
	in     releases
	object string
}

// A need says whether a field must be there.
type need bool

const (
	optional need = false
	required need = true
)

// Releases are the versions of the specification that a row holds for.
type releases struct{ from, to Version }

var (
	always = releases{v20, v31}
	only2  = releases{v20, v26}
	only3  = releases{v30, v31}
)

func since(v Version) releases { return releases{v, v31} }

func (r releases) has(v Version) bool { return r.from <= v && v <= r.to }

// Refs says whether a Reference Object may stand in the place of an object. In the place of a list, a map or
// a scalar it may always: the official tools follow it there too.
type refs uint8

const (
	never refs = iota
	allowed
	demanded
)

// A role marks a value of which more than its type is checked.
type role uint8

const (
	plain          role = iota
	isSchema            // read it as a schema in AsyncAPI's dialect
	isHeaders           // read it as the schema of headers
	isObjectSchema      // its type, if it has one, must be object
	isBinding           // the binding of a protocol other than amqp
)

// Integers are the integers from least to most.
type integers struct{ least, most int64 }

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

// demand says what a sentence demands of a value that is of none of the kinds: "must be a string or null".
func (set kinds) demand(found source.Kind) string {
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
	// notBool is where a schema may stand since 3.0: it may be boolean only inside another.
	notBool   = valueType{kinds: of(source.Number, source.String, source.Array, source.Object)}
	text      = valueType{kinds: of(source.String)}
	boolean   = valueType{kinds: of(source.Bool)}
	number    = valueType{kinds: of(source.Number)}
	someMap   = valueType{kinds: of(source.Object)}
	texts     = listOf(text)
	anySchema = valueType{kinds: of(source.Object, source.Bool)}
)

func one(name string) valueType { return valueType{kinds: of(source.Object), object: name} }

func orReference(name string) valueType {
	return valueType{kinds: of(source.Object), object: name, refs: allowed}
}

func referenceTo(name string) valueType {
	return valueType{kinds: of(source.Object), object: name, refs: demanded}
}

func listOf(items valueType) valueType { return valueType{kinds: of(source.Array), items: &items} }

func setOf(items valueType) valueType {
	return valueType{kinds: of(source.Array), items: &items, unique: true}
}

func setBy(name string, items valueType) valueType {
	return valueType{kinds: of(source.Array), items: &items, unique: true, by: name}
}

func mapOf(each valueType) valueType { return valueType{kinds: of(source.Object), each: &each} }

// named returns a map whose names have a format.
func named(keys *format, each valueType) valueType {
	return valueType{kinds: of(source.Object), each: &each, keys: keys}
}

func choice(choices ...string) valueType {
	return valueType{kinds: of(source.String), choices: choices}
}

func formatted(f *format) valueType { return valueType{kinds: of(source.String), format: f} }

func shorter(longest int) valueType { return valueType{kinds: of(source.String), longest: longest} }

func integer(least, most int64) valueType {
	return valueType{kinds: of(source.Number), span: &integers{least, most}}
}
