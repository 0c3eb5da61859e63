package asyncapi

import (
	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/asyncapi/spec"
)

// A decoder converts the values of a contract, of any version, to the model. It reads fields of a
// wrong kind as absent: package spec has reported those before.
type decoder struct {
	refs     *source.Resolver
	problems *source.Report
	major    int // of the AsyncAPI version: 2 or 3
	root     *source.Value
	document *Document

	servers     map[*source.Value]*Server
	serverNames map[string]*Server
	channels    map[*source.Value]*Channel // by the entry under channels and by what it refers to
	messages    map[*source.Value]*Message
	schemas     *schema.Reader
	exhausted   bool // the limit of values, which has been reported

	bindings *bindingReader
	merged   map[*source.Value]*source.Value // operations and messages with their traits
	merging  map[[2]*source.Value]bool
}

func newDecoder(major int, refs *source.Resolver, problems *source.Report) *decoder {
	return &decoder{
		refs: refs, problems: problems, major: major,
		servers: map[*source.Value]*Server{}, serverNames: map[string]*Server{}, channels: map[*source.Value]*Channel{}, messages: map[*source.Value]*Message{},
		bindings: newBindingReader(major, refs, problems),
		schemas:  schema.NewReader(refs, problems), merged: map[*source.Value]*source.Value{}, merging: map[[2]*source.Value]bool{},
	}
}

// decode converts a contract to the model. It returns nil when its version is not read.
func decode(root *source.Value, refs *source.Resolver, problems *source.Report) *Document {
	version, ok := spec.ReadVersion(root, problems)
	if !ok {
		return nil
	}
	d := newDecoder(version.Major(), refs, problems)
	d.root = root
	d.document = &Document{Position: root.Position, Version: root.Get("asyncapi").Text}
	found := spec.Check(root, version, refs, problems)
	d.top(root)
	if d.major == 2 {
		d.contract2(root)
	} else {
		d.contract3(root)
	}
	d.schemas.ReadPending()
	d.components(root)
	d.schemas.ReadPending()
	d.otherSchemas(found)
	d.schemas.ReadInheritance()
	d.schemas.WarnSiblings()
	spec.CheckReferences(refs)
	d.document.Unused, d.document.OtherExtensions = found.Unused, found.Extensions
	d.document.schemas, d.document.messages = d.schemas, d.messages
	return d.document
}

// top decodes what concerns the whole contract.
func (d *decoder) top(root *source.Value) {
	info := d.refs.Field(root, "info")
	d.document.ID = d.refs.Text(root, "id")
	d.document.Texts = d.texts(info)
	if d.major == 2 {
		of := d.texts(root)
		d.document.Tags, d.document.URL = of.Tags, of.URL
	}
	d.document.InfoVersion = d.refs.Text(info, "version")
	d.document.DefaultContentType = d.refs.Text(root, "defaultContentType")
	d.document.Extensions = root.Extensions()
	for _, f := range d.refs.Entries(root, "servers") {
		if s := d.server(f); s != nil {
			d.document.Servers = append(d.document.Servers, s)
		}
	}
}

// components decodes what no channel refers to, so that its problems are reported, and names the
// schemas.
func (d *decoder) components(root *source.Value) {
	components := d.refs.Field(root, "components")
	for _, f := range d.refs.Entries(components, "messages") {
		d.message(f.Value, f.Name)
	}
	for _, f := range d.refs.Entries(components, "channelBindings") {
		d.bindings.channel(f.Value)
	}
	for _, f := range d.refs.Entries(components, "operationBindings") {
		d.bindings.operation(f.Value)
	}
	for _, f := range d.refs.Entries(components, "messageBindings") {
		d.bindings.message(f.Value)
	}
	d.schemas.ReadPending()
	for _, f := range d.refs.Entries(components, "schemas") {
		if s := d.component(f); s != nil {
			d.document.Schemas = append(d.document.Schemas, s)
		}
	}
}

// otherSchemas reads the schemas that nothing else refers to, so that their problems are reported.
func (d *decoder) otherSchemas(found spec.Found) {
	for _, v := range found.Schemas {
		d.schemas.Read(v, schema.AsyncAPI)
	}
	for _, v := range found.Headers {
		d.headers(v)
	}
	d.schemas.ReadPending()
}

// object returns the object that a value is or refers to. It returns false when it is none, or when
// the limit of values is exceeded: otherwise a small file with a few references in each of many
// objects would become a large contract.
func (d *decoder) object(v *source.Value) (*source.Value, bool) {
	target, ok := d.refs.Resolve(v)
	if !ok || target.Kind != source.Object || d.exhausted {
		return nil, false
	}
	n := len(target.Fields)
	for _, f := range target.Fields {
		n += len(f.Value.Fields) + len(f.Value.Items)
	}
	return target, d.spend(target, n)
}

// spend subtracts values from the limit. When too few are left it returns false and, the first
// time, reports it.
func (d *decoder) spend(v *source.Value, n int) bool {
	wrong := d.refs.Spend(n, 1)
	if wrong != "" && !d.exhausted {
		d.exhausted = true
		d.report(source.Mistake, v, "following references: "+wrong, "")
	}
	return wrong == ""
}

// report adds a problem with a value.
func (d *decoder) report(severity source.Severity, v *source.Value, message, hint string) {
	d.problems.Add(v.Problem(severity, message, hint))
}
