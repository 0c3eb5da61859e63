package spec

var messageObjects = map[string]object{
	"message": {
		title:    "a message",
		variants: []variant{{"oneOf", "", always, "messages"}},
		fields: []field{
			{"messageId", fromTo(v24, v26), optional, text},
			{"headers", only2, optional, headersIn(notNull)},
			{"headers", only3, optional, headersIn(notBool)},
			{"payload", only2, optional, notNull},
			{"payload", only3, optional, notBool},
			{"correlationId", always, optional, orReference("correlation ID")},
			{"schemaFormat", only2, optional, text},
			{"contentType", always, optional, text},
			{"name", always, optional, text},
			{"title", always, optional, text},
			{"summary", always, optional, text},
			{"description", always, optional, text},
			{"deprecated", always, optional, boolean},
			{"tags", only2, optional, tags2},
			{"tags", only3, optional, tags3},
			{"externalDocs", only2, optional, inline("externalDocs")},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("message bindings")},
			{"examples", always, optional, listOf(inline("message example"))},
			{"traits", always, optional, listOf(orReference("message trait"))},
		},
		moved: movedInMessages,
	},
	"messages": {
		title:        "a message with \"oneOf\"",
		noExtensions: true,
		fields: []field{
			{"oneOf", only2, required, listOf(orReference("message"))},
		},
		moved: map[string]string{"oneOf": "each message is one of the channel's \"messages\" now"},
	},
	"message trait": {
		title: "a message trait",
		fields: []field{
			{"messageId", fromTo(v24, v26), optional, text},
			{"headers", only2, optional, headersIn(notNull)},
			{"headers", only3, optional, headersIn(notBool)},
			{"correlationId", always, optional, orReference("correlation ID")},
			{"schemaFormat", only2, optional, text},
			{"contentType", always, optional, text},
			{"name", always, optional, text},
			{"title", always, optional, text},
			{"summary", always, optional, text},
			{"description", always, optional, text},
			{"deprecated", always, optional, boolean},
			{"tags", only2, optional, tags2},
			{"tags", only3, optional, tags3},
			{"externalDocs", only2, optional, inline("externalDocs")},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("message bindings")},
			{"examples", fromTo(v20, v25), optional, listOf(anyObject)},
			{"examples", since(v26), optional, listOf(inline("message example"))},
		},
		moved: movedInMessages,
	},
	"message example": {
		title:        "an example of a message",
		noExtensions: true,
		anyOf:        anyOf{since(v21), []string{"headers", "payload"}},
		fields: []field{
			{"name", since(v21), optional, text},
			{"summary", since(v21), optional, text},
			{"headers", always, optional, anyObject},
			{"payload", always, optional, anything},
		},
	},
	"correlation ID": {
		title: "a correlation ID",
		fields: []field{
			{"location", always, required, formatted(runtimeExpression)},
			{"description", always, optional, text},
		},
	},
}

func headersIn(s valueType) valueType {
	s.content = isHeaders
	return s
}

var movedInMessages = map[string]string{
	"messageId":    "it is the message's name in the channel now",
	"schemaFormat": "it stands in the payload now, beside \"schema\"",
}
