package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// binding holds the binding of a protocol other than amqp against its table. References in it are nobody's concern here: they
// may lead to schemas in any language, anywhere.
func (c *checker) binding(v *source.Value, name string, s valueType) {
	if source.Reference(v) == nil && c.holdsToVersion(v) {
		c.foreign = true
		c.value(v, name, s)
		c.foreign = false
	}
}

// holdsToVersion says whether a binding is to be held to its specification. Since 3.0 the official tools do so. Before they
// never did, and public contracts are full of what they would have found: only a binding that names
// the version it follows is held to it.
func (c *checker) holdsToVersion(binding *source.Value) bool {
	version := binding.Get("bindingVersion")
	return c.version >= v30 || version != nil && version.Text != "latest"
}
