package asyncapi

import "github.com/scampgen/scampgen/asyncapi/source"

// headersAt has the schema of headers decoded.
func (c *checker) headersAt(v, target *source.Value) {
	c.headers(v)
	c.objectSchema(target, "headers")
}

// objectSchema reports a schema, of headers or in a binding, whose type is another than object. Since 3.0 the official tools
// do not mind.
func (c *checker) objectSchema(v *source.Value, name string) {
	kind := c.field(v, "type")
	if c.version < v30 && kind != nil && kind.Text != "object" {
		c.wrong(kind, "the type of "+name+" must be \"object\"", "")
	}
}
