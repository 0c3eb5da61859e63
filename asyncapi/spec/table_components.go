package spec

var componentsObjects = map[string]object{
	"components": {
		title: "components",
		fields: []field{
			{"schemas", only2, optional, named(componentKey, notNull)},
			{"schemas", only3, optional, named(componentKey, notBool)},
			{"servers", since(v23), optional, named(componentKey, orReference("server"))},
			{"channels", since(v23), optional, named(componentKey, orReference("channel"))},
			{"serverVariables", since(v24), optional, named(componentKey, orReference("server variable"))},
			{"operations", only3, optional, named(componentKey, orReference("operation"))},
			{"messages", always, optional, named(componentKey, orReference("message"))},
			{"securitySchemes", always, optional, named(componentKey, orReference("security scheme"))},
			{"parameters", always, optional, named(componentKey, orReference("parameter"))},
			{"correlationIds", always, optional, named(componentKey, orReference("correlation ID"))},
			{"replies", only3, optional, named(componentKey, orReference("reply"))},
			{"replyAddresses", only3, optional, named(componentKey, orReference("reply address"))},
			{"externalDocs", only3, optional, named(componentKey, orReference("externalDocs"))},
			{"tags", only3, optional, named(componentKey, orReference("tag"))},
			{"operationTraits", always, optional, named(componentKey, orReference("operation trait"))},
			{"messageTraits", always, optional, named(componentKey, orReference("message trait"))},
			{"serverBindings", always, optional, named(componentKey, orReference("server bindings"))},
			{"channelBindings", always, optional, named(componentKey, orReference("channel bindings"))},
			{"operationBindings", always, optional, named(componentKey, orReference("operation bindings"))},
			{"messageBindings", always, optional, named(componentKey, orReference("message bindings"))},
		},
	},
}
