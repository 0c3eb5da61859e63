package spec

var serverObjects = map[string]object{
	"server": {
		title: "a server",
		fields: []field{
			{"url", only2, required, text},
			{"host", only3, required, text},
			{"pathname", only3, optional, text},
			{"protocol", always, required, text},
			{"protocolVersion", always, optional, text},
			{"title", only3, optional, text},
			{"summary", only3, optional, text},
			{"description", always, optional, text},
			{"variables", fromTo(v20, v23), optional, mapOf(inline("server variable"))},
			{"variables", since(v24), optional, mapOf(orReference("server variable"))},
			{"security", only2, optional, securityRequirements},
			{"security", only3, optional, listOf(orReference("security scheme"))},
			{"tags", fromTo(v25, v26), optional, tags2},
			{"tags", only3, optional, tags3},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("server bindings")},
		},
		moved: map[string]string{
			"url":      "it is \"host\" and \"pathname\" now",
			"host":     "before 3.0 it is part of \"url\"",
			"pathname": "before 3.0 it is part of \"url\"",
		},
	},
	"server variable": {
		title: "a server variable",
		fields: []field{
			{"enum", always, optional, setOf(text)},
			{"default", always, optional, text},
			{"description", always, optional, text},
			{"examples", always, optional, texts},
		},
	},
}

// securityRequirements are those of 2.x: names of security schemes, each with the scopes wanted.
// rule_security.go has more of them.
var securityRequirements = listOf(mapOf(setOf(text)))
