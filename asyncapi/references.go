package asyncapi

import "strings"

// nameMaps are the fields whose object has names chosen by the contract's author: a field "examples" or "x-id" in it
// is one more name and has no meaning of its own.
var nameMaps = map[string]bool{
	"properties": true, "patternProperties": true, "definitions": true, "$defs": true, "dependencies": true,
	"channels": true, "operations": true, "messages": true, "servers": true, "parameters": true, "variables": true,
	"schemas": true, "securitySchemes": true, "correlationIds": true, "serverVariables": true,
	"operationTraits": true, "messageTraits": true, "replies": true, "replyAddresses": true,
	"serverBindings": true, "channelBindings": true, "operationBindings": true, "messageBindings": true,
}

// messageValues are the fields that hold values of messages: a "$ref" in them is text.
var messageValues = map[string]bool{"default": true, "const": true, "enum": true, "examples": true, "example": true}

// check resolves every reference in v, so that those that nothing has followed are reported too. It does not look
// into extensions, values of messages, bindings of other protocols, and payloads whose format is none of ours.
func (r *resolver) check(v *Value) {
	seen := map[*Value]bool{}
	todo := []walkStep{{v, false}}
	for len(todo) > 0 {
		step := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[step.value] {
			continue
		}
		seen[step.value] = true
		if reference(step.value) != nil {
			if target, ok := r.resolve(step.value); ok {
				todo = append(todo, walkStep{target, false})
			}
			continue
		}
		for _, f := range step.value.Fields {
			if step.isMap || !r.isOpaque(step.value, f) {
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
	value *Value
	isMap bool // its names are the author's
}

// isOpaque says whether a field may hold what looks like a reference and is none.
func (r *resolver) isOpaque(in *Value, f Field) bool {
	return isExtension(f.Name) || messageValues[f.Name] || f.Name != "amqp" && r.isBindings(in) || isForeignSchema(in, f)
}

// isForeignSchema says whether a field holds a schema whose format is named and not read.
func isForeignSchema(in *Value, f Field) bool {
	if f.Name != "payload" && f.Name != "schema" {
		return false
	}
	format := in.Get("schemaFormat")
	if format == nil || format.Kind != String {
		return false
	}
	_, ok := schemaDialect(format.Text)
	return !ok
}

// isBindings says whether v is an object of bindings by protocol, in place or in components.
func (r *resolver) isBindings(v *Value) bool {
	at := r.parents[v]
	return at.name == "bindings" || at.in != nil && strings.HasSuffix(r.parents[at.in].name, "Bindings")
}
