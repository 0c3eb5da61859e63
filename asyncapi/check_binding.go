package asyncapi

// holdsToVersion says whether a binding is to be held to its specification. Since 3.0 the official tools do so. Before they
// never did, and public contracts are full of what they would have found: only a binding that names
// the version it follows is held to it.
func (c *checker) holdsToVersion(binding *Value) bool {
	version := binding.Get("bindingVersion")
	return c.version >= v30 || version != nil && version.Text != "latest"
}
