package source

// Field returns a field of an object, after references; nil when v is nil or no object, or the
// field is not there.
func (r *Resolver) Field(v *Value, name string) *Value {
	target, ok := r.Resolve(v.Get(name))
	if !ok {
		return nil
	}
	return target
}

// At returns the value under a path of names, after references; nil when there is none.
func (r *Resolver) At(v *Value, names ...string) *Value {
	for _, name := range names {
		v = r.Field(v, name)
	}
	return v
}

// Entries returns the fields of the object in a field, without extensions.
func (r *Resolver) Entries(v *Value, name string) []Field {
	object := r.Field(v, name)
	if object == nil {
		return nil
	}
	var entries []Field
	for _, f := range object.Fields {
		if !IsExtension(f.Name) {
			entries = append(entries, f)
		}
	}
	return entries
}

// Items returns the items of the array in a field.
func (r *Resolver) Items(v *Value, name string) []*Value {
	if array := r.Field(v, name); array != nil {
		return array.Items
	}
	return nil
}

// Text returns the string in a field, "" when it has none.
func (r *Resolver) Text(v *Value, name string) string {
	if text := r.Field(v, name); text != nil && text.Kind == String {
		return text.Text
	}
	return ""
}
