package asyncapi

import (
	"fmt"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// A decoder brings the values of a contract, of any version, to the model. It
// reads fields of a wrong kind as absent: the checks of the contract's shape
// report those. What it reports itself are references, amqp bindings and schemas.
type decoder struct {
	refs     *source.Resolver
	problems *source.Report
	major    int // of the AsyncAPI version: 2 or 3
	document *Document

	servers     map[*source.Value]*Server
	serverNames map[string]*Server
	channels    map[*source.Value]*Channel // by the entry under channels and by what it refers to
	messages    map[*source.Value]*Message
	schemas     map[schemaKey]*Schema
	pending     []pendingSchema
	references  map[*source.Value]dialect // every reference that stands for a schema
	spent       bool                      // the limit of values, which has been reported
	unknown     map[string]string         // names in schemas that are no keywords, and the hints that they gave

	channelBindings   map[*source.Value]*ChannelBinding // by the amqp binding itself, which many may refer to
	operationBindings map[*source.Value]*OperationBinding
	messageBindings   map[*source.Value]*MessageBinding
	merged            map[*source.Value]*source.Value // operations and messages with their traits
	merging           map[[2]*source.Value]bool
}

func newDecoder(refs *source.Resolver, problems *source.Report) *decoder {
	return &decoder{
		refs: refs, problems: problems,
		servers: map[*source.Value]*Server{}, serverNames: map[string]*Server{}, channels: map[*source.Value]*Channel{}, messages: map[*source.Value]*Message{},
		channelBindings: map[*source.Value]*ChannelBinding{}, operationBindings: map[*source.Value]*OperationBinding{}, messageBindings: map[*source.Value]*MessageBinding{},
		schemas: map[schemaKey]*Schema{}, references: map[*source.Value]dialect{}, unknown: map[string]string{}, merged: map[*source.Value]*source.Value{}, merging: map[[2]*source.Value]bool{},
	}
}

// decode brings a contract to the model. It returns nil when the version is none that is read.
func decode(root *source.Value, refs *source.Resolver, problems *source.Report) *Document {
	version, ok := contractVersion(root, problems)
	if !ok {
		return nil
	}
	d := newDecoder(refs, problems)
	d.major = int(version[0] - '0')
	d.document = &Document{Position: root.Position, Version: version}
	d.root(root)
	if d.major == 2 {
		d.contract2(root)
	} else {
		d.contract3(root)
	}
	d.readPending()
	d.components(root)
	d.readPending()
	check(root, d)
	d.checkExamples()
	d.warnSiblings()
	checkReferences(root, refs)
	return d.document
}

// versions are the values of "asyncapi" that are read.
var versions = []string{"2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "3.0.0", "3.0.1", "3.1.0"}

// contractVersion returns the value of "asyncapi". It reports one that is missing or not read and returns false.
func contractVersion(root *source.Value, problems *source.Report) (string, bool) {
	wrong := func(at source.Position, path, message, hint string) (string, bool) {
		problems.Add(source.Problem{Position: at, Path: path, Message: message, Hint: hint})
		return "", false
	}
	const hint = "write it as \"2.0.0\" to \"2.6.0\", \"3.0.0\" or \"3.1.0\""
	if root.Kind != source.Object {
		return wrong(root.Position, "", "a contract is an object, found "+root.Kind.String(), "")
	}
	version := root.Get("asyncapi")
	switch {
	case version == nil:
		return wrong(root.Position, "", "the field \"asyncapi\" is missing: this is no AsyncAPI contract", "")
	case version.Kind != source.String:
		return wrong(version.Position, "/asyncapi", "the version must be a string, found "+version.Kind.String(), hint)
	}
	for _, v := range versions {
		if version.Text == v {
			return v, true
		}
	}
	return wrong(version.Position, "/asyncapi", fmt.Sprintf("version %q is not read", version.Text), hint)
}

func (d *decoder) root(root *source.Value) {
	info := d.field(root, "info")
	d.document.ID = d.text(root, "id")
	d.document.Title = d.text(info, "title")
	d.document.InfoVersion = d.text(info, "version")
	d.document.Description = d.text(info, "description")
	d.document.DefaultContentType = d.text(root, "defaultContentType")
	d.document.Extensions = root.Extensions()
	for _, f := range d.fields(root, "servers") {
		if s := d.server(f); s != nil {
			d.document.Servers = append(d.document.Servers, s)
		}
	}
}

// components decodes what no channel has led to, for the sake of its problems, and names the schemas.
func (d *decoder) components(root *source.Value) {
	components := d.field(root, "components")
	for _, f := range d.fields(components, "messages") {
		d.message(f.Value, f.Name)
	}
	for _, f := range d.fields(components, "channelBindings") {
		d.channelBinding(f.Value)
	}
	for _, f := range d.fields(components, "operationBindings") {
		d.operationBinding(f.Value)
	}
	for _, f := range d.fields(components, "messageBindings") {
		d.messageBinding(f.Value)
	}
	d.readPending()
	for _, f := range d.fields(components, "schemas") {
		if s := d.component(f); s != nil {
			d.document.Schemas = append(d.document.Schemas, s)
		}
	}
}

// field returns a field of an object, after references; nil when it is not there.
func (d *decoder) field(v *source.Value, name string) *source.Value {
	target, ok := d.refs.Resolve(v.Get(name))
	if !ok {
		return nil
	}
	return target
}

// object returns the object that a value is or refers to; false when it is none, or the limit of values does not allow
// for it: a few references in each of many objects would otherwise make of a small file a large contract.
func (d *decoder) object(v *source.Value) (*source.Value, bool) {
	target, ok := d.refs.Resolve(v)
	if !ok || target.Kind != source.Object || d.spent {
		return nil, false
	}
	n := len(target.Fields)
	for _, f := range target.Fields {
		n += len(f.Value.Fields) + len(f.Value.Items)
	}
	return target, d.spend(target, n)
}

// spend takes values off the limit. When that is not to be had it returns false and, the first time, reports it.
func (d *decoder) spend(v *source.Value, n int) bool {
	wrong := d.refs.Spend(n, 1)
	if wrong != "" && !d.spent {
		d.spent = true
		d.report(source.Mistake, v, "following references: "+wrong, "")
	}
	return wrong == ""
}

// fields returns the fields of the object in a field, without extensions.
func (d *decoder) fields(v *source.Value, name string) []source.Field {
	var fields []source.Field
	if object := d.field(v, name); object != nil {
		for _, f := range object.Fields {
			if !source.IsExtension(f.Name) {
				fields = append(fields, f)
			}
		}
	}
	return fields
}

// items returns the items of the array in a field.
func (d *decoder) items(v *source.Value, name string) []*source.Value {
	if array := d.field(v, name); array != nil {
		return array.Items
	}
	return nil
}

// text returns the string in a field, "" when it has none.
func (d *decoder) text(v *source.Value, name string) string {
	if text := d.field(v, name); text != nil && text.Kind == source.String {
		return text.Text
	}
	return ""
}

// report adds a problem with a value.
func (d *decoder) report(severity source.Severity, v *source.Value, message, hint string) {
	d.problems.Add(v.Problem(severity, message, hint))
}
