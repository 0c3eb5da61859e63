package spec

import "github.com/scampgen/scampgen/asyncapi/source"

// headersAt notes the schema of headers and checks its type.
func (c *checker) headersAt(v, target *source.Value) {
	c.found.Headers = append(c.found.Headers, v)
	c.objectSchema(target, "headers")
}

// objectSchema reports a schema, of headers or in a binding, whose type is another than object. Since 3.0 the official tools
// do not mind.
func (c *checker) objectSchema(v *source.Value, name string) {
	kind := c.refs.Field(v, "type")
	if c.version < v30 && kind != nil && kind.Text != "object" {
		c.wrong(kind, "the type of "+name+" must be \"object\"", "")
	}
}
