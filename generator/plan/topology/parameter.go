package topology

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
)

// Parameters are a struct with the parameters of routing keys that a program gives and gets.
type Parameters struct {
	GoName string
	Keys   []string // some of the keys with these parameters, for comments
	Fields []Parameter
}

// A Parameter is a field of Parameters.
type Parameter struct {
	Name   string // as in the contract
	GoName string
	Doc    names.Doc
	Kind   ParameterKind
	Type   string           // the type of an enum, declared in the package; empty: that of Kind
	Values []names.Constant // of the enum
}

// ParameterKind is the Go type of a parameter that has no enum.
type ParameterKind uint8

// The kinds of parameters.
const (
	ParameterText ParameterKind = iota
	ParameterInteger
	ParameterBoolean
)

// A keyParameters is what the parameters in the routing key of an endpoint become.
type keyParameters struct {
	wire []runtime.Parameter // all of them
	of   *Parameters         // those that a program gives and gets; nil: none
}

// readParameters decides what the parameters in the routing keys of g's package become. Addresses
// with the same parameters share a struct.
func (b *builder) readParameters(g *group) {
	g.parameters = map[*endpoint]keyParameters{}
	g.structsBy, g.firstWith = map[string]*Parameters{}, map[*Parameters]*endpoint{}
	g.scope = names.NewScope("package "+g.name, b.report)
	for _, name := range []string{"Publisher", "Producer", "NewProducer", "Caller", "NewCaller", "Handler", "HandlerFuncs", "NewConsumer", "QueueName"} {
		g.scope.Reserve(name, "the code of each package")
	}
	for _, e := range g.all() {
		all := parameters(e.key)
		if len(all) == 0 {
			continue
		}
		if len(all) > maxShortString/2 {
			b.report.Mistake(e.channel.Location, fmt.Sprintf("the routing key has %d parameters; AMQP allows %d bytes", len(all), maxShortString), "")
			continue
		}
		var read keyParameters
		var fields []Parameter
		for _, name := range all {
			wire, field := b.parameter(e, parameterOf(e.channel, name))
			read.wire = append(read.wire, wire)
			if wire.Location == "" {
				fields = append(fields, field)
			}
		}
		if len(fields) > 0 {
			read.of = g.structOf(fields, e)
		}
		g.parameters[e] = read
	}
	b.nameParameters(g)
}

// structOf returns the struct with these fields of an endpoint. What the contract says about them may
// differ.
func (g *group) structOf(fields []Parameter, e *endpoint) *Parameters {
	bare := slices.Clone(fields)
	for i := range bare {
		bare[i].Doc = names.Doc{}
	}
	identity := fmt.Sprintf("%#v", bare)
	of := g.structsBy[identity]
	if of == nil {
		of = &Parameters{Fields: fields}
		g.structsBy[identity] = of
		g.structs = append(g.structs, of)
		g.firstWith[of] = e
	}
	if len(of.Keys) < maxKeys && !slices.Contains(of.Keys, e.key) {
		of.Keys = append(of.Keys, e.key)
	}
	return of
}

// maxKeys is how many keys the comment of a struct has.
const maxKeys = 3

// parameterOf returns the parameter of a name, an undescribed one if the channel describes none.
func parameterOf(c *asyncapi.Channel, name string) *asyncapi.Parameter {
	for _, p := range c.Parameters {
		if p.Name == name {
			return p
		}
	}
	return &asyncapi.Parameter{Location: c.Location, Name: name}
}

// parameter decides what is sent for a parameter of e, and which field it is, without the names of
// its enum.
func (b *builder) parameter(e *endpoint, p *asyncapi.Parameter) (runtime.Parameter, Parameter) {
	wire := runtime.Parameter{Name: p.Name, Location: b.valueAt(e, p), IsWord: b.isByWords(e)}
	field := Parameter{Name: p.Name, GoName: b.fieldName(p), Doc: names.Doc{Description: p.Description}}
	for _, v := range p.Enum {
		if wire.Enum = append(wire.Enum, v.Text); wire.IsWord && strings.ContainsAny(v.Text, ".*#") {
			b.report.Warn(v.Location(), fmt.Sprintf("the value %q cannot be sent: it has a dot, * or #, which a topic exchange does not read as text", v.Text), "take the value out")
		}
	}
	if len(p.Enum) == 0 && (p.Type == "integer" || p.Type == "number" || p.Type == "boolean") {
		wire.Type = p.Type
	}
	if p.Default != nil {
		if wire.Default = p.Default.Text; len(wire.Enum) > 0 && !slices.Contains(wire.Enum, wire.Default) {
			b.report.Warn(p.Default.Location(), fmt.Sprintf("the default %q is not in the enum: the parameter has none", wire.Default), "add it to the enum")
			wire.Default = ""
		}
	}
	switch {
	case wire.Default != "": // an empty field has it, which only text can be
	case wire.Type == "integer":
		field.Kind = ParameterInteger
	case wire.Type == "boolean":
		field.Kind = ParameterBoolean
	}
	field.Doc.Notes = parameterNotes(wire, p.Examples)
	for _, value := range unique(wire.Enum) {
		field.Values = append(field.Values, names.Constant{Value: value})
	}
	return wire, field
}

// parameterNotes are the sentences about the values of a parameter.
func parameterNotes(p runtime.Parameter, examples []string) string {
	var notes []string
	if p.Type == "number" || p.Type == "integer" && p.Default != "" {
		notes = append(notes, "It is text with "+map[string]string{"number": "a number", "integer": "an integer"}[p.Type]+".")
	}
	if p.Default != "" {
		notes = append(notes, fmt.Sprintf("Default: %q.", p.Default))
	}
	if len(examples) > 0 {
		notes = append(notes, fmt.Sprintf("Example: %q.", examples[0]))
	}
	return strings.Join(notes, " ")
}

func (b *builder) fieldName(p *asyncapi.Parameter) string {
	if given := names.Given(b.read, p.Extensions); given != "" {
		return given
	}
	name := b.namer.Exported(p.Name)
	if !names.IsExported(name) {
		b.report.Mistake(p.Location, names.Called("parameter", p.Name)+" cannot be made a Go name", "set "+extension.GoName+" on it")
	}
	return name
}

// isByWords reports whether the exchange of e routes by the words of keys. Of one whose type is not
// known it is assumed.
func (b *builder) isByWords(e *endpoint) bool {
	if e.exchange == nil {
		return false
	}
	kind := b.exchangeType(e.virtualHost, e.exchange.Name)
	return kind == "topic" || kind == ""
}

// valueAt returns the part of each message of e that has the value of p, "" if the program gives it.
func (b *builder) valueAt(e *endpoint, p *asyncapi.Parameter) string {
	path, inPayload := strings.CutPrefix(p.ValueAt, "$message.payload#/")
	header, inHeader := strings.CutPrefix(p.ValueAt, "$message.header#/")
	has := len(e.messages) > 0 && (inPayload && path != "" || inHeader && header != "")
	for _, m := range e.messages {
		of := m.Payload
		if inHeader {
			of, path = m.Headers, header
		}
		has = has && hasProperty(of, strings.Split(path, "/"), map[propertyAt]bool{})
	}
	if !has && p.ValueAt != "" {
		b.report.Warn(p.Location, fmt.Sprintf("parameter %q is not taken from %s, which is no property in the schemas of all messages: the program gives it",
			p.Name, p.ValueAt), "describe the property in each schema, or take the location out")
	}
	if !has {
		return ""
	}
	return p.ValueAt
}

// propertyAt is a schema with how many names are left of a path.
type propertyAt struct {
	schema *schema.Schema
	left   int
}

// hasProperty reports whether a schema names the property under a path. Schemas can contain
// themselves: seen are those where it need not look again.
func hasProperty(s *schema.Schema, path []string, seen map[propertyAt]bool) bool {
	at := propertyAt{s, len(path)}
	if s == nil || seen[at] {
		return false
	}
	if len(path) == 0 {
		return true
	}
	seen[at] = true
	name := source.Unescape(path[0])
	for _, p := range s.Properties {
		if p.Name == name && hasProperty(p.Schema, path[1:], seen) {
			return true
		}
	}
	return slices.ContainsFunc(s.AllOf, func(part *schema.Schema) bool { return hasProperty(part, path, seen) })
}

// nameParameters gives the structs of g's package and the types of their enums their names: the
// struct is Parameters, or has the name of its first message in front if there are several.
func (b *builder) nameParameters(g *group) {
	for _, made := range g.structs {
		first := g.firstWith[made]
		prefix := ""
		if len(g.structs) > 1 {
			prefix = b.undescribedName(first)
			if len(first.messages) > 0 {
				prefix = b.messageName(first, first.messages[0])
			}
		}
		made.GoName = prefix + "Parameters"
		g.scope.Claim(made.GoName, first.origin())
		b.nameFields(made, prefix, first, g.scope)
	}
}

func (b *builder) nameFields(of *Parameters, prefix string, e *endpoint, scope *names.Scope) {
	fields := names.NewScope("struct "+of.GoName, b.report)
	for _, i := range givenFirst(of.Fields, func(name string) bool { return parameterOf(e.channel, name).Extensions[extension.GoName] != nil }) {
		field := &of.Fields[i]
		p := parameterOf(e.channel, field.Name)
		from := names.Origin{Location: p.Location, What: names.Called("parameter", p.Name)}
		if p.Extensions[extension.GoName] == nil {
			field.GoName = fields.Free(field.GoName)
		}
		fields.Claim(field.GoName, from)
		if len(field.Values) == 0 {
			continue
		}
		field.Type = scope.Free(prefix + field.GoName)
		scope.Claim(field.Type, from)
		field.Values = names.Constants(b.read, b.namer, field.Type, p.Extensions, p.Enum, nil)
		for _, constant := range field.Values {
			scope.Claim(constant.GoName, names.Origin{Location: p.Location, What: names.Called("value", constant.Value)})
		}
	}
}

// givenFirst returns the indexes of fields in the order in which they are named: those with a given
// name, then the others by the names of their parameters.
func givenFirst(fields []Parameter, isGiven func(name string) bool) []int {
	order := make([]int, len(fields))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		x, y := fields[i].Name, fields[j].Name
		switch {
		case isGiven(x) == isGiven(y):
			return cmp.Compare(x, y)
		case isGiven(x):
			return -1
		}
		return 1
	})
	return order
}

// hasOneKey reports whether what the queue of g takes of the messages of e has the routing key of e:
// it is bound with no other one, and no dead letters come to it, which can have any.
func (g *group) hasOneKey(e *endpoint) bool {
	if q := g.queue; q != nil && (q.takesDeadLetters || q.spec.Extensions[extension.Bindings] != nil) {
		return false
	}
	return len(e.keys) == 1 && e.keys[0] == e.key
}

// eachKey returns the keys that a key with parameters stands for, one for each value of their enums. It
// returns none if a parameter has no enum, or if there are too many.
func (b *builder) eachKey(e *endpoint, key string) []string {
	const most = 1000
	keys := []string{key}
	for _, name := range parameters(key) {
		p := parameterOf(e.channel, name)
		n := len(p.Enum) * len(keys)
		if n == 0 || n > most || !b.compare(100*n) {
			return nil
		}
		var filled []string
		for _, key := range keys {
			for _, v := range p.Enum {
				filled = append(filled, strings.ReplaceAll(key, "{"+name+"}", v.Text))
			}
		}
		keys = filled
	}
	return unique(keys)
}
