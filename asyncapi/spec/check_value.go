package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// value checks a value against its type. The name is the value's, as in a sentence.
func (c *checker) value(v *source.Value, name string, s valueType) {
	if s.content == isBinding || s.object != "" && !c.referenceFits(v, name, s.reference) {
		return
	}
	target, ok := c.refs.Resolve(v)
	switch {
	case !ok: // reported by the resolver
		return
	case !s.kinds.has(target.Kind):
		c.mistake(target, name+" "+s.kinds.mustBe(target.Kind), "")
		return
	}
	switch s.content {
	case isSchema:
		c.found.Schemas = append(c.found.Schemas, v)
		return
	case isHeaders:
		c.headersAt(v, target)
		return
	case isBinding, plain:
	}
	switch target.Kind {
	case source.Object:
		c.objectAt(target, s)
	case source.Array:
		c.array(target, name, s)
	case source.String:
		c.string(target, name, s)
	case source.Null, source.Bool, source.Number:
	}
}

// headersAt collects the schema of headers and reports a type other than object. Since 3.0 the
// official tools accept any type.
func (c *checker) headersAt(v, target *source.Value) {
	c.found.Headers = append(c.found.Headers, v)
	kind := c.refs.Field(target, "type")
	if c.version < v30 && kind != nil && kind.Text != "object" {
		c.mistake(kind, "the type of headers must be \"object\"", "")
	}
}

// referenceFits returns false for a reference where none is allowed, and reports it. An object
// where only a reference is allowed gets a warning: the official tools accept it, and the decoder
// reads it.
func (c *checker) referenceFits(v *source.Value, name string, r reference) bool {
	isReference := source.Reference(v) != nil
	switch {
	case r == forbidden && isReference:
		c.mistake(v, name+" must be written here itself, found a reference", "replace the reference with what it leads to")
		return false
	case r == demanded && !isReference && v.Kind != source.Object:
		c.mistake(v, fmt.Sprintf("%s must be a reference, found %s", name, v.Kind), "write {$ref: \"#/...\"}")
		return false
	case r == demanded && !isReference:
		c.problems.Add(v.Problem(source.Warning, fmt.Sprintf("%s must be a reference, found %s", name, v.Kind), "write {$ref: \"#/...\"}"))
	}
	return true
}

// objectAt checks an object against its table, or each value of a map against their type.
func (c *checker) objectAt(v *source.Value, s valueType) {
	switch {
	case s.object != "":
		c.object(v, s.object)
	case s.values != nil:
		c.values(v, s)
	}
}

func (c *checker) values(v *source.Value, s valueType) {
	for _, f := range v.Fields {
		if source.IsExtension(f.Name) && f.Value.Kind != source.Object {
			continue // such as a note among the author's names
		}
		if s.keys != nil && !s.keys.ok(f.Name) {
			c.key(f, s.keys)
		}
		c.value(f.Value, fmt.Sprintf("%q", f.Name), *s.values)
	}
}

func (c *checker) key(f source.Field, keys *format) {
	severity := source.Mistake
	if keys.lenient {
		severity = source.Warning
	}
	c.problems.Add(f.Problem(severity, fmt.Sprintf("the name %q must be %s", f.Name, keys.what), keys.hint))
}

// object checks an object against an entry of objects.
func (c *checker) object(v *source.Value, name string) {
	o := objects[name]
	for _, i := range o.variants {
		if found := c.refs.Field(v, i.field); found != nil && i.in.has(c.version) && (i.value == "" || i.value == found.Text) {
			c.object(v, i.object)
			return
		}
	}
	if c.seen[visit{v, name}] {
		return
	}
	c.seen[visit{v, name}] = true
	for _, f := range v.Fields {
		c.fieldOf(name, f)
	}
	c.missing(v, o)
}

// fieldOf checks a field against the rows with its name.
func (c *checker) fieldOf(name string, f source.Field) {
	known, o := false, objects[name]
	for _, row := range o.fields {
		if row.name != f.Name {
			continue
		}
		known = true
		if row.in.has(c.version) {
			if why := whyUnused(name, f.Name); why != "" {
				c.found.Unused = append(c.found.Unused, Unused{f.Location(), f.Name, why})
			}
			c.value(f.Value, fmt.Sprintf("%q", f.Name), row.is)
			return
		}
	}
	switch {
	case o.open.has(c.version):
		c.mistyped(o, f)
	case known:
		c.otherVersion(o, f)
	case !o.noExtensions && extensionName.MatchString(f.Name):
		c.found.Extensions = append(c.found.Extensions, Extension{name, f})
	default:
		c.mistakeInName(f, fmt.Sprintf("%q is not a field of %s", f.Name, o.title), source.DidYouMean(f.Name, c.fieldNames(o)))
	}
}

// mistyped warns of a field that an object may have, but whose name is nearly that of a field of the
// specification: it is probably meant, and what it says is ignored.
func (c *checker) mistyped(o object, f source.Field) {
	if hint := source.Nearest(f.Name, c.fieldNames(o)); hint != "" && !source.IsExtension(f.Name) {
		c.problems.Add(f.Problem(source.Warning, fmt.Sprintf("%q is not a field of %s, so it is ignored", f.Name, o.title), hint))
	}
}

// extensionName matches the names that extensions may have.
var extensionName = regexp.MustCompile(`^x-[\w.-]+$`)

// otherVersion reports a field that an object has, but not in the contract's version.
func (c *checker) otherVersion(o object, f source.Field) {
	first := v31
	for _, row := range o.fields {
		if row.name == f.Name {
			first = min(first, row.in.from)
		}
	}
	message, hint := fmt.Sprintf("%q of %s is gone since AsyncAPI 3.0", f.Name, o.title), o.moved[f.Name]
	if c.version < first {
		message = fmt.Sprintf("%q of %s came with AsyncAPI %s, this contract is %s", f.Name, o.title, first, c.version)
		if hint == "" && first.Major() == c.version.Major() {
			hint = fmt.Sprintf("set asyncapi to \"%s.0\"", first)
		}
	}
	c.mistakeInName(f, message, hint)
}

// fieldNames returns the names that an object may have in the contract's version.
func (c *checker) fieldNames(o object) []string {
	var names []string
	for _, row := range o.fields {
		if row.in.has(c.version) {
			names = append(names, row.name)
		}
	}
	return names
}

// missing reports the required fields that an object does not have.
func (c *checker) missing(v *source.Value, o object) {
	for _, row := range o.fields {
		if row.presence == required && row.in.has(c.version) && v.Get(row.name) == nil && !v.HasNearly(row.name, c.fieldNames(o)) {
			c.mistake(v, fmt.Sprintf("%s must have %q", o.title, row.name), "")
		}
	}
	if o.anyOf.in.has(c.version) && !slices.ContainsFunc(o.anyOf.fields, func(name string) bool { return v.Get(name) != nil }) {
		c.mistake(v, fmt.Sprintf("%s must have \"%s\"", o.title, strings.Join(o.anyOf.fields, "\" or \"")), "")
	}
}

func (c *checker) array(v *source.Value, name string, s valueType) {
	seen := map[string]bool{}
	for _, item := range v.Items {
		if s.items != nil {
			c.value(item, "an item of "+name, *s.items)
		}
		if !s.unique {
			continue
		}
		key := item
		if s.uniqueBy != "" {
			key = c.refs.Field(item, s.uniqueBy)
		}
		if key == nil {
			continue
		}
		content := string(key.AppendJSON(nil))
		if seen[content] {
			c.mistake(key, fmt.Sprintf("%s appears twice in %s", content, name), "remove one of them")
		}
		seen[content] = true
	}
}

func (c *checker) string(v *source.Value, name string, s valueType) {
	switch {
	case s.choices != nil && !slices.Contains(s.choices, v.Text):
		c.mistake(v, fmt.Sprintf("%s must be one of %s, found %q", name, strings.Join(s.choices, ", "), v.Text), source.Nearest(v.Text, s.choices))
	case s.format != nil && !s.format.ok(v.Text):
		c.mistake(v, fmt.Sprintf("%s must be %s, found %q", name, s.format.what, v.Text), s.format.hint)
	}
}
