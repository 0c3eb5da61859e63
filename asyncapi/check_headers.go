package asyncapi

// headersAt has the schema of headers decoded. In 2.x it must be the schema of an object.
func (c *checker) headersAt(v, target *Value) {
	c.headers(v)
	if kind := c.field(target, "type"); c.version < v30 && kind != nil && kind.Text != "object" {
		c.wrong(kind, "the type of headers must be \"object\"", "")
	}
}
