package spec

// This file has the types of the tables in table_*.go. The tables say which fields each object of
// the specification has, in which versions, and what their values may be. They are data:
// check_value.go applies them, and official_test.go compares them with the official JSON schemas.

// An object says which fields an object of the specification has.
type object struct {
	title        string // as in a sentence: "a server"
	fields       []field
	open         versionRange      // the versions in which fields without a row are allowed and mean nothing
	noExtensions bool              // names that begin with "x-" are not allowed
	anyOf        anyOf             // fields of which at least one is required
	variants     []variant         // the objects that it is instead, by the value of a field
	moved        map[string]string // for fields that some versions do not have: where to write their content there
}

// A field is one row of an object's table. A field that changed from one version to the next has
// several rows.
type field struct {
	name     string
	in       versionRange
	presence presence
	is       valueType
}

// An anyOf names fields of which at least one is required.
type anyOf struct {
	in     versionRange
	fields []string
}

// A variant is the object that replaces another when a field is there, or has a certain value.
type variant struct {
	field  string
	value  string // "" for any
	in     versionRange
	object string
}

// A presence reports whether a field must be there.
type presence bool

const (
	optional presence = false
	required presence = true
)

// A versionRange has the versions of the specification that a row holds for.
type versionRange struct{ from, to Version }

var (
	always = versionRange{v20, v31}
	only2  = versionRange{v20, v26}
	only3  = versionRange{v30, v31}
)

func fromTo(from, to Version) versionRange { return versionRange{from, to} }

func since(v Version) versionRange { return versionRange{v, v31} }

func (r versionRange) has(v Version) bool { return r.from <= v && v <= r.to }
