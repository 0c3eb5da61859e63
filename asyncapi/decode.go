package asyncapi

// decode brings a contract of any version to the model.
func decode(root *Value, refs *resolver, problems *Problems) *Document {
	d := &Document{Position: root.Position}
	if version := root.Get("asyncapi"); version != nil && version.Kind == String {
		d.Version = version.Text
	}
	return d
}
