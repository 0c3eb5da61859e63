package types

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/generator/plan/report"
	"github.com/scampgen/scampgen/runtime/payload"
)

// A Builder makes the types of the package of messages. A schema becomes a declared type when Go
// needs a name for it (a struct, an enum, a recursive list), when it is a list or map among the
// contract's components, or when it is a whole payload. Other schemas are written where they are
// used.
//
// Call Settle first, then Payload for each payload, then Finish.
type Builder struct {
	contract   string // its file
	components []*schema.Schema

	options Options
	output  names.Output
	namer   names.Namer
	report  *report.Report
	read    extension.Reader
	checker *checker

	scope          *names.Scope
	names          map[*schema.Schema]string // declared types by their schema
	declared       map[string]*Type
	reserved       map[string]bool           // Go names of schemas that have names
	short          map[string]string         // Go names by names of the contract
	titles         map[*schema.Schema]string // Go names of schemas that are named by their title
	ofPayload      map[string]*schema.Schema // payloads by the names of their messages, if these are theirs
	isPayload      map[*schema.Schema]bool
	clashing       map[*schema.Schema]string // names for schemas of which another one has the name, after a problem
	dialects       map[*schema.Schema]string // see dialectsIn
	mustName       map[*schema.Schema]bool   // payloads, variants of unions, and schemas that contain themselves
	views          map[*schema.Schema]view
	shapes         map[*schema.Schema]shape
	kinds          map[*schema.Schema][]payload.Kind
	kept           map[*schema.Schema]bool              // variants that can be told apart only with all of their members
	boths          map[[2]*schema.Schema]*schema.Schema // the schema of both of two
	members        map[*schema.Schema]map[string]member // of objects, by name
	looks          map[*schema.Schema][]look            // of what can be a variant
	unions         map[string]unionSource               // by the names of their types
	merged         int                                  // see spendMerging
	looked         int                                  // see spendComparing
	compared       *comparison
	level          int // how many types are being made within one another
	schemas        *schemaBuilder
	warned         map[source.Location]bool // what has been warned of
	payloads       []*schema.Schema
	contradictions []*contradiction
	used           map[GoType]source.Location // types of the user's own, where they are named first

	headers   map[*schema.Schema]*schema.Schema // see HeadersOf
	isHeaders map[*schema.Schema]bool           // what that returned
}

// NewBuilder returns a builder for a contract with the given file and components. Problems are added
// to r.
func NewBuilder(contract string, components []*schema.Schema, o Options, output names.Output, namer names.Namer, r *report.Report) *Builder {
	checks := &checker{report: r, ignoreFormats: o.IgnoreFormats, patterns: map[string]*payload.Pattern{}}
	t := &Builder{
		contract: contract, components: components, options: o, output: output, namer: namer, report: r, read: extension.NewReader(r), checker: checks,

		scope:    names.NewScope("package messages", r),
		names:    map[*schema.Schema]string{},
		declared: map[string]*Type{},
		reserved: map[string]bool{},
		titles:   map[*schema.Schema]string{},

		ofPayload: map[string]*schema.Schema{},
		isPayload: map[*schema.Schema]bool{},
		clashing:  map[*schema.Schema]string{},
		compared:  newComparison(),
		mustName:  map[*schema.Schema]bool{},
		views:     map[*schema.Schema]view{},
		shapes:    map[*schema.Schema]shape{},
		kinds:     map[*schema.Schema][]payload.Kind{},
		kept:      map[*schema.Schema]bool{},
		boths:     map[[2]*schema.Schema]*schema.Schema{},
		members:   map[*schema.Schema]map[string]member{},
		looks:     map[*schema.Schema][]look{},
		unions:    map[string]unionSource{},
		schemas:   newSchemaBuilder(contract, checks),
		warned:    map[source.Location]bool{},
		used:      map[GoType]source.Location{},

		headers:   map[*schema.Schema]*schema.Schema{},
		isHeaders: map[*schema.Schema]bool{},
	}
	return t
}

// Finish returns the declared types, sorted by name, and the schemas that are checked as data.
func (t *Builder) Finish() ([]Type, payload.Schemas) {
	var all []Type
	for _, declared := range t.declared {
		all = append(all, *declared)
	}
	slices.SortFunc(all, func(x, y Type) int { return cmp.Compare(x.GoName, y.GoName) })
	breakCycles(all)
	t.reportContradictions()
	t.findOverlaps(all)
	return all, t.schemas.all
}

// Payload returns the type of a whole message. It is a declared one, so that it can have methods,
// except for a schema that allows everything. message is its name when the schema has none.
func (t *Builder) Payload(s *schema.Schema, message string) Ref {
	t.payloads = append(t.payloads, s)
	if s.Name == "" && t.reserved[message] {
		message += "Payload"
	}
	r := t.ref(s, message)
	r.Nullable = false
	return r
}

// ref returns the use of s. name is the name of the type when it must be declared and has no name
// of its own.
func (t *Builder) ref(s *schema.Schema, name string) Ref {
	if !t.report.Spend(1, s.Location) {
		return Ref{}
	}
	if t.level++; t.level > maxLevels {
		t.report.TooLarge(s.Location, "levels", maxLevels, "schemas are within one another")
		t.report.SpendAll()
		return Ref{}
	}
	defer func() { t.level-- }()
	if custom, ok := t.userType(s); ok {
		return custom
	}
	if known, ok := t.names[s]; ok {
		return t.named(known, s)
	}
	if same, nullable := t.aliasOf(s); same != nil {
		r := t.ref(same, name)
		r.Nullable = r.Nullable || nullable
		return r
	}
	sh := t.shapeOf(s)
	switch {
	case sh.isAnything():
		return Ref{Kind: Raw, Nullable: true}
	case t.isDeclared(s, sh):
		return t.declare(s, sh, name)
	}
	return t.inline(sh.schema, sh, name)
}

// isDeclared reports whether a schema s of the shape sh becomes a declared type.
func (t *Builder) isDeclared(s *schema.Schema, sh shape) bool {
	return !sh.isAnything() && (sh.kind.isStruct() || sh.enum != nil || sh.demand != demandNothing || t.mustName[s] ||
		s.Name != "" && (sh.kind == shapeList || sh.kind == shapeMap))
}

// declare makes the declared type of s and returns its use.
func (t *Builder) declare(s *schema.Schema, sh shape, name string) Ref {
	name, ok := t.typeName(s, name)
	t.names[s] = name
	if !ok {
		return t.named(name, s)
	}
	declared := &Type{GoName: name, File: s.File, Path: s.Path, In: names.FileSeenFrom(t.contract, s.File), Doc: schemaDoc(sh.schema)}
	if sh.demand != demandNothing {
		declared.Schema = t.schemas.demand(name, s, sh.schema, sh.demand)
	}
	if sh.exclusive {
		declared.OneOf, declared.Schema = declared.Schema, ""
	}
	switch {
	case sh.enum != nil:
		declared.Kind = EnumType
		declared.Underlying = Ref{Kind: sh.scalar}
		declared.Values = t.enumValues(sh, name)
		declared.Rule = enumRule(declared.Underlying.Kind, declared.Values)
		if f := integerFormats[sh.schema.Format]; f.kind == sh.scalar && !t.options.IgnoreFormats {
			if rule, ok := declared.Rule.(*payload.IntegerRule); ok {
				rule.Format = f.header
			}
		}
	case sh.kind == shapeStruct:
		declared.Kind = StructType
		t.warnOfRequired(s, sh.schema)
		t.structType(declared, sh.schema, t.kept[s], t.isHeaders[s])
	case sh.kind == shapeTuple:
		t.tupleType(declared, sh.schema)
	case sh.kind == shapeUnion:
		t.union(declared, s, sh)
	case sh.kind == shapeScalars:
		t.scalars(declared, sh)
	default:
		declared.Kind = DefinedType
		declared.Underlying = t.inline(sh.schema, sh, name)
		declared.Underlying.Nullable, declared.Underlying.Pointer = false, false
		declared.Rule, declared.Underlying.Rule = declared.Underlying.Rule, nil
	}
	t.add(declared, s)
	return t.named(name, s)
}

// add adds declared to the package. A second schema with exactly the same type and name shares it;
// a different one is a problem.
func (t *Builder) add(declared *Type, s *schema.Schema) {
	other := t.declared[declared.GoName]
	if other != nil && t.sameType(*declared, *other) {
		return
	}
	if !t.scope.Claim(declared.GoName, t.origin(s)) {
		return
	}
	t.declared[declared.GoName] = declared
	t.report.Spend(report.TypeWeight+report.Weight(*declared), s.Location)
	for _, v := range declared.Values {
		at := t.origin(s)
		at.What = names.Called("value", v.Value) + " of " + at.What
		t.scope.Claim(v.GoName, at)
	}
}

func (t *Builder) sameType(x, y Type) bool {
	same := func(x, y string) bool { return reflect.DeepEqual(t.schemas.all[x], t.schemas.all[y]) }
	return same(x.Schema, y.Schema) && same(x.OneOf, y.OneOf) && reflect.DeepEqual(withoutDocs(x), withoutDocs(y))
}

func withoutDocs(t Type) Type {
	t.Doc, t.File, t.Path, t.In, t.Schema, t.OneOf = names.Doc{}, "", "", "", "", ""
	t.Fields = slices.Clone(t.Fields)
	for i := range t.Fields {
		t.Fields[i].Doc = names.Doc{}
	}
	return t
}

// inline returns the Go type of a schema that needs no name.
func (t *Builder) inline(s *schema.Schema, sh shape, name string) Ref {
	r := Ref{Kind: sh.scalar, Nullable: sh.nullable}
	switch sh.kind {
	case shapeList:
		r.Kind, r.Elem = List, t.element(s.Items, name+"Item")
	case shapeMap:
		value := s.AdditionalProperties
		if len(s.PatternProperties) == 1 {
			value = s.PatternProperties[0].Schema
		}
		r.Kind, r.Elem = Map, t.element(value, name+"Value")
	case shapeAny:
		r.Kind = Raw
	case shapeScalar, shapeStruct, shapeTuple, shapeUnion, shapeScalars:
	}
	r.Rule = t.checker.rule(s, r.Kind)
	return r
}

// element returns the use of s in a list or map, where null needs a pointer.
func (t *Builder) element(s *schema.Schema, name string) *Ref {
	if s == nil {
		return &Ref{Kind: Raw, Nullable: true}
	}
	r := t.ref(s, name)
	r.Pointer = r.Nullable && !r.Nilable()
	return &r
}

// named returns the use of a declared type.
func (t *Builder) named(name string, s *schema.Schema) Ref {
	sh := t.shapeOf(s)
	return Ref{
		Kind: Named, Name: name, Nullable: sh.nullable || sh.kind == shapeAny,
		NilNamed: sh.enum == nil && (sh.kind == shapeList || sh.kind == shapeMap || sh.kind == shapeAny),
		Any:      sh.kind == shapeAny,
	}
}

// origin returns s as the origin of a Go name.
func (t *Builder) origin(s *schema.Schema) names.Origin {
	at := names.Origin{Location: s.Location, What: "schema " + s.Path}
	if s.Name != "" {
		at.What = names.Called("schema", s.Name)
	}
	switch isComponent := s.Name != "" && source.Unescape(strings.TrimPrefix(s.Path, "/components/schemas/")) == s.Name && s.File == t.contract; {
	case isComponent:
		at.Way = names.InConfig("types", s.Name, "name")
	case s.Source != nil:
		at.Way = names.InConfig("types", names.Place(t.contract, s.Location), "name")
	}
	return at
}
