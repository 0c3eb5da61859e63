package source

import "strings"

// Extensions are the "x-" fields of an object, by name.
type Extensions map[string]*Value

// IsExtension reports whether a field of a name is an extension.
func IsExtension(name string) bool { return strings.HasPrefix(name, "x-") }

// Extensions returns the extensions of v, as they are written; nil when v is nil or has none.
func (v *Value) Extensions() Extensions {
	if v == nil {
		return nil
	}
	var found Extensions
	for _, f := range v.Fields {
		if IsExtension(f.Name) {
			if found == nil {
				found = Extensions{}
			}
			found[f.Name] = f.Value
		}
	}
	return found
}
