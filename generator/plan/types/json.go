package types

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// JSON returns v as JSON, the members of objects sorted by name.
func JSON(v *source.Value) string {
	switch v.Kind {
	case source.Null:
		return "null"
	case source.Bool, source.Number:
		return v.Text
	case source.String:
		return jsonString(v.Text)
	case source.Array:
		var items []string
		for _, item := range v.Items {
			items = append(items, JSON(item))
		}
		return "[" + strings.Join(items, ",") + "]"
	case source.Object:
		var members []string
		for _, f := range v.Fields {
			members = append(members, jsonString(f.Name)+":"+JSON(f.Value))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	}
	panic("types: a value of a kind that JSON does not have")
}

func jsonString(text string) string {
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("types: a string that has no JSON: " + err.Error())
	}
	return strings.TrimSuffix(encoded.String(), "\n")
}
