package source

import (
	"net/url"
	"path/filepath"
	"strings"
)

// add notes which values of a file can be referred to by $id. Adding a file again does nothing.
func (r *Resolver) add(whole *Value) {
	if !r.added[whole] {
		r.added[whole] = true
		r.identify(whole, fileAddress(whole.File))
	}
}

// identify notes the schemas in v that have an $id or $anchor, as in JSON Schema draft-07: an $id
// is an address, relative to that of the enclosing schema, or a plain name such as #address.
func (r *Resolver) identify(v *Value, base *url.URL) {
	if ref := v.Get("$ref"); ref != nil && ref.Kind == String {
		return // fields beside a reference are ignored
	}
	if id := v.Get("$id"); id != nil && id.Kind == String {
		address, err := url.Parse(id.Text)
		switch {
		case err != nil:
		case strings.HasPrefix(id.Text, "#"):
			r.name(v.File+id.Text, v)
		default:
			base = base.ResolveReference(address)
			base.Fragment = ""
			r.resources[v] = base
			r.name(base.String(), v)
		}
	}
	if anchor := v.Get("$anchor"); anchor != nil && anchor.Kind == String {
		r.name(v.File+"#"+anchor.Text, v)
	}
	for _, f := range v.Fields {
		if Reference(f.Value) != nil && r.IsOpaque(v, f) {
			r.targets[f.Value] = nil // we do not need the file
		}
		r.identify(f.Value, base)
	}
	for _, item := range v.Items {
		r.identify(item, base)
	}
}

// name gives v a name unless another value has it.
func (r *Resolver) name(name string, v *Value) {
	if r.named[name] == nil {
		r.named[name] = v
	}
}

// identified returns the schema that a reference names by $id or $anchor. It returns nil when there
// is none: then the reference is to a file, or to a value in its own file.
func (r *Resolver) identified(ref *Value, file, fragment string, trail []*Value) *Value {
	in := r.resource(ref)
	switch {
	case file != "":
		address, err := url.Parse(file)
		if err != nil {
			return nil
		}
		base := r.resources[in]
		if in == nil {
			base = fileAddress(ref.File)
		}
		in = r.named[base.ResolveReference(address).String()]
	case fragment != "" && fragment[0] != '/':
		return r.named[ref.File+"#"+fragment]
	}
	switch {
	case in == nil:
		return nil
	case fragment == "":
		return in
	case fragment[0] != '/':
		return r.named[in.File+"#"+fragment]
	}
	v, _ := r.walk(in, fragment, trail)
	return v
}

// resource returns the innermost schema with an $id that contains v, nil when there is none.
func (r *Resolver) resource(v *Value) *Value {
	for v != nil && r.resources[v] == nil {
		v = v.parent
	}
	return v
}

// fileAddress returns the address of a file, which is the base of the $ids in it.
func fileAddress(file string) *url.URL {
	if isRemote(file) {
		if address, err := url.Parse(file); err == nil {
			return address
		}
	}
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	return &url.URL{Scheme: "file", Path: filepath.ToSlash(file)}
}
