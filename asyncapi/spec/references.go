package spec

import (
	"strings"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// nameMaps are the fields whose value is a map with names that the author chooses: "examples" or
// "x-id" in it is one more name without a meaning of its own.
var nameMaps = map[string]bool{
	"properties": true, "patternProperties": true, "definitions": true, "$defs": true, "dependencies": true,
	"channels": true, "operations": true, "messages": true, "servers": true, "parameters": true, "variables": true,
	"schemas": true, "securitySchemes": true, "correlationIds": true, "serverVariables": true,
	"operationTraits": true, "messageTraits": true, "replies": true, "replyAddresses": true,
	"serverBindings": true, "channelBindings": true, "operationBindings": true, "messageBindings": true,
}

// messageValues are the fields that hold values of messages: a "$ref" in them is text.
var messageValues = map[string]bool{"default": true, "const": true, "enum": true, "examples": true, "example": true}

// CheckReferences resolves every reference of a contract, so that a broken one is reported also
// where nothing has followed it. It does not look into extensions, values of messages, bindings of
// other protocols, and payloads in a format that is not read.
func CheckReferences(r *source.Resolver) {
	seen := map[*source.Value]bool{}
	todo := []walkStep{{r.Root(), false}}
	for len(todo) > 0 {
		step := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[step.value] {
			continue
		}
		seen[step.value] = true
		if source.Reference(step.value) != nil {
			if target, ok := r.Resolve(step.value); ok {
				todo = append(todo, walkStep{target, false})
			}
			continue
		}
		for _, f := range step.value.Fields {
			if step.isMap || !isOpaque(step.value, f, r) {
				todo = append(todo, walkStep{f.Value, !step.isMap && nameMaps[f.Name]})
			}
		}
		for _, item := range step.value.Items {
			todo = append(todo, walkStep{item, false})
		}
	}
}

// A walkStep is a value to look into.
type walkStep struct {
	value *source.Value
	isMap bool // its names are the author's
}

// isOpaque reports whether a "$ref" below a field may be something other than a reference.
func isOpaque(in *source.Value, f source.Field, r *source.Resolver) bool {
	return source.IsExtension(f.Name) || messageValues[f.Name] || f.Name != "amqp" && isBindings(in) || r.IsOpaque(in, f)
}

// isBindings reports whether v is an object of bindings by protocol, in place or in components.
func isBindings(v *source.Value) bool {
	return v.Key() == "bindings" || v.Parent() != nil && strings.HasSuffix(v.Parent().Key(), "Bindings")
}
