package asyncapi

// headersAt has the schema of headers decoded. In 2.x it must be the schema of an object.
func (c *checker) headersAt(v, target *Value) {
	c.headers(v)
	if c.version < v30 {
		c.objectSchema(target, "headers")
	}
}

// objectSchema reports a schema whose type is another than object.
func (c *checker) objectSchema(v *Value, name string) {
	if kind := c.field(v, "type"); kind != nil && kind.Text != "object" {
		c.wrong(kind, "the type of "+name+" must be \"object\"", "")
	}
}
