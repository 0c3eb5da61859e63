package spec

var operationObjects = map[string]object{
	"operation": {
		title: "an operation",
		fields: []field{
			{"action", only3, required, choice("send", "receive")},
			{"channel", only3, required, referenceTo("channel")},
			{"operationId", only2, optional, text},
			{"message", only2, optional, orReference("message")},
			{"messages", only3, optional, listOf(referenceTo("message"))},
			{"reply", only3, optional, orReference("reply")},
			{"title", only3, optional, text},
			{"summary", always, optional, text},
			{"description", always, optional, text},
			{"security", fromTo(v24, v26), optional, securityRequirements},
			{"security", only3, optional, listOf(orReference("security scheme"))},
			{"tags", only2, optional, tags2},
			{"tags", only3, optional, tags3},
			{"externalDocs", only2, optional, inline("externalDocs")},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("operation bindings")},
			{"traits", always, optional, listOf(orReference("operation trait"))},
		},
		moved: map[string]string{
			"operationId": "it is the operation's name under operations now",
			"message":     "messages stand in the channel now and \"messages\" refers to them",
			"messages":    "before 3.0 it is \"message\"",
		},
	},
	"operation trait": {
		title: "an operation trait",
		fields: []field{
			{"operationId", only2, optional, text},
			{"title", only3, optional, text},
			{"summary", always, optional, text},
			{"description", always, optional, text},
			{"security", fromTo(v24, v26), optional, securityRequirements},
			{"security", only3, optional, listOf(orReference("security scheme"))},
			{"tags", only2, optional, tags2},
			{"tags", only3, optional, tags3},
			{"externalDocs", only2, optional, inline("externalDocs")},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("operation bindings")},
		},
	},
	"reply": {
		title: "a reply",
		fields: []field{
			{"address", only3, optional, orReference("reply address")},
			{"channel", only3, optional, referenceTo("channel")},
			{"messages", only3, optional, listOf(referenceTo("message"))},
		},
	},
	"reply address": {
		title: "a reply address",
		fields: []field{
			{"location", only3, required, formatted(runtimeExpression)},
			{"description", only3, optional, text},
		},
	},
}
