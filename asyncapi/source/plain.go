package source

import "encoding/json"

// Plain returns v in the types of encoding/json, with numbers as json.Number.
func (v *Value) Plain() any {
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case Number:
		return json.Number(v.Text)
	case String:
		return v.Text
	case Array:
		return PlainList(v.Items)
	case Object:
		m := make(map[string]any, len(v.Fields))
		for _, f := range v.Fields {
			m[f.Name] = f.Value.Plain()
		}
		return m
	case Null:
	}
	return nil
}

// PlainList returns values in the types of encoding/json.
func PlainList(values []*Value) []any {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v.Plain())
	}
	return list
}
