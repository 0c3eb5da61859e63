package templates

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/types"
)

// messages are the types of the contract's messages, and facts about a type that depend on the
// others.
type messages struct {
	plan    *plan.Plan
	isEnum  map[string]bool // by Go name
	isCoded map[string]bool // the enums that are read and written by themselves: payloads and variants of unions
}

func messagesOf(p *plan.Plan) *messages {
	m := &messages{p, map[string]bool{}, map[string]bool{}}
	for _, t := range p.Declared {
		m.isEnum[t.GoName] = t.Kind == types.EnumType
		if t.Kind == types.UnionType {
			for _, v := range t.Variants {
				m.isCoded[v.Type.Name] = true
			}
		}
	}
	for _, q := range p.Clients {
		for _, message := range q.Messages {
			m.isCoded[message.Type.Name] = true
		}
	}
	return m
}

// packageFile has the package comment.
func packageFile(p *plan.Plan) *jen.File {
	file := newFile(p, p.Types)
	paragraphs := []string{
		fmt.Sprintf("Package %s has the types of the messages of the contract %q.", p.Types.Name, p.Title),
		"They are written and read by package encoding/json. MarshalJSON does not check the value: Validate does. AppendJSON does what " +
			"MarshalJSON does, and appends the JSON to dst. UnmarshalJSON checks what it reads: after a *payload.Violations the value " +
			"must not be used. JSONCodec is what the contract says of the type, for package payload.",
	}
	for _, line := range commentLines(append(paragraphs, docParagraphs(p.Doc)...)) {
		file.PackageComment(line)
	}
	return file
}

// files returns the types that share a file: a type with a name of its own in the contract, and the
// types within it that are named after their location.
func (m *messages) files() [][]types.Type {
	index := make(map[[2]string]int, len(m.plan.Declared)) // of types, by position
	for i, t := range m.plan.Declared {
		index[[2]string{t.File, t.Path}] = i
	}
	within := make([][]types.Type, len(m.plan.Declared))
	for i, t := range m.plan.Declared {
		owner := i
		for path := t.Path; path != ""; {
			path = path[:max(strings.LastIndex(path, "/"), 0)]
			around, ok := index[[2]string{t.File, path}]
			if ok && strings.HasPrefix(t.GoName, m.plan.Declared[around].GoName) {
				owner = around // and go on: this one may be within another one
			}
		}
		if owner == i {
			within[i] = slices.Insert(within[i], 0, t)
		} else {
			within[owner] = append(within[owner], t)
		}
	}
	return slices.DeleteFunc(within, func(together []types.Type) bool { return len(together) == 0 })
}

// file has declared types with what the contract says about them.
func (m *messages) file(together []types.Type) *jen.File {
	file := newFile(m.plan, m.plan.Types)
	for _, t := range together {
		eachRef(t, func(r types.Ref) {
			if r.Kind == types.UserType {
				importByName(file, r.Package)
			}
		})
		m.declare(file, t)
	}
	return file
}

// declare adds a type with what the contract says about it to a file.
func (m *messages) declare(file *jen.File, t types.Type) {
	file.Add(declaredType(m.plan, t)).Line()
	if t.Kind == types.EnumType {
		file.Add(enumRule(t)).Line()
	}
	if t.Kind != types.EnumType || m.isCoded[t.GoName] {
		file.Add(m.codec(t)).Line()
		file.Add(methods(t))
	}
}

func declaredType(p *plan.Plan, t types.Type) jen.Code {
	code := jen.Add(comment(typeParagraphs(t)...)).Line()
	switch t.Kind {
	case types.StructType:
		return code.Type().Id(t.GoName).StructFunc(structFields(p, t)).Line()
	case types.TupleType:
		return code.Type().Id(t.GoName).StructFunc(tupleFields(p, t)).Line()
	case types.UnionType:
		return code.Add(unionType(t))
	case types.ScalarsType:
		return code.Add(scalarsType(p, t))
	case types.EnumType:
		return code.Type().Id(t.GoName).Add(typeCode(p, t.Underlying)).Line().Line().Add(enumConstants(t))
	case types.DefinedType:
		return code.Type().Id(t.GoName).Add(typeCode(p, t.Underlying)).Line()
	}
	panic("templates: a declared type of a kind that the plan does not have")
}

// typeParagraphs are the paragraphs of a type's comment: what the contract says about it, then what
// it is and where it is in the contract.
func typeParagraphs(t types.Type) []string {
	location := t.Path + " in " + cmp.Or(t.In, "the contract")
	if t.Path == "" {
		location = "the schema in " + t.In
	}
	what := fmt.Sprintf("%s is %s.", t.GoName, location)
	switch t.Kind {
	case types.TupleType:
		what += " In JSON it is an array."
	case types.EnumType:
		what = fmt.Sprintf("%s is %s. It is %s.", t.GoName, oneOf(t), location)
	}
	said, notes, last := docParts(t.Doc, t.GoName)
	return slices.Concat(said, []string{what}, notes, last)
}

// oneOf is the list of an enum's values in a comment.
func oneOf(t types.Type) string {
	const most = 20
	values := t.Values
	list := make([]string, 0, most+1)
	for i, v := range values {
		if i == most {
			list = append(list, fmt.Sprintf("one of %d others", len(values)-most))
			break
		}
		if t.Underlying.Kind == types.String {
			v.Value = strconv.Quote(v.Value)
		}
		list = append(list, v.Value)
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

func structFields(p *plan.Plan, t types.Type) func(*jen.Group) {
	return func(g *jen.Group) {
		for _, f := range t.Fields {
			addFieldDoc(g, f)
			g.Id(f.GoName).Add(fieldType(p, f)).Tag(jsonTag(f))
		}
		for _, m := range t.Patterns {
			g.Add(comment(m.GoName + " are the members whose names match " + m.Pattern.String() + "."))
			g.Id(m.GoName).Map(jen.String()).Add(typeCode(p, m.Type)).Tag(map[string]string{"json": "-"})
		}
		if t.Rest != nil {
			g.Add(comment(t.RestName + " are the members that have no field of their own."))
			g.Id(t.RestName).Map(jen.String()).Add(typeCode(p, *t.Rest)).Tag(map[string]string{"json": "-"})
		}
	}
}

// tupleFields has a field for each position of an array, and one for further items.
func tupleFields(p *plan.Plan, t types.Type) func(*jen.Group) {
	return func(g *jen.Group) {
		for _, f := range t.Fields {
			addFieldDoc(g, f)
			g.Id(f.GoName).Add(fieldType(p, f))
		}
		if t.Rest != nil {
			g.Add(comment(t.RestName + " are the items behind these."))
			g.Id(t.RestName).Index().Add(typeCode(p, *t.Rest))
		}
	}
}

// addFieldDoc adds what the contract says about a field as a comment.
func addFieldDoc(g *jen.Group, f types.Field) {
	said, notes, last := docParts(f.Doc, f.GoName)
	said = append(said, notes...)
	if said = append(said, last...); len(said) > 0 {
		g.Add(comment(said...))
	}
}

func fieldType(p *plan.Plan, f types.Field) jen.Code {
	if f.Wrapped {
		return jen.Qual(payloadPath, "Optional").Types(typeCode(p, f.Type))
	}
	return typeCode(p, f.Type)
}

// jsonTag is for programs that use encoding/json on a copy of the struct. A tag cannot hold every
// name that JSON allows.
func jsonTag(f types.Field) map[string]string {
	switch {
	case !fitsTag(f.JSONName):
		return map[string]string{"json": "-"}
	case f.JSONName == "-":
		return map[string]string{"json": "-,"}
	case f.Required:
		return map[string]string{"json": f.JSONName}
	}
	return map[string]string{"json": f.JSONName + ",omitzero"}
}

// fitsTag reports whether encoding/json takes name from a struct tag.
func fitsTag(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
}

func enumConstants(t types.Type) jen.Code {
	return jen.Add(comment("The values of " + t.GoName + ".")).Line().
		Const().DefsFunc(func(g *jen.Group) {
		for _, v := range t.Values {
			g.Id(v.GoName).Id(t.GoName).Op("=").Add(constant(t.Underlying, v.Value))
		}
	}).Line()
}

// constant is the literal of an enum's value. Numbers keep the digits of the contract.
func constant(of types.Ref, value string) jen.Code {
	if of.Kind == types.String {
		return jen.Lit(value)
	}
	return jen.Id(value)
}

// eachRef calls visit for each use of a type in t.
func eachRef(t types.Type, visit func(types.Ref)) {
	tree := func(r *types.Ref) {
		for ; r != nil; r = r.Elem {
			visit(*r)
		}
	}
	tree(&t.Underlying)
	for i := range t.Fields {
		tree(&t.Fields[i].Type)
	}
	for i := range t.Patterns {
		tree(&t.Patterns[i].Type)
	}
	for i := range t.Variants {
		tree(&t.Variants[i].Type)
	}
	tree(t.Rest)
}
