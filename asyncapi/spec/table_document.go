package spec

import "maps"

// objects are the objects of the specification.
var objects = union(
	documentObjects, componentsObjects, serverObjects, channelObjects, operationObjects, messageObjects, securityObjects,
	bindingsObjects,
)

func union(parts ...map[string]object) map[string]object {
	all := map[string]object{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

var documentObjects = map[string]object{
	"contract": {
		title: "a contract",
		fields: []field{
			{"asyncapi", always, required, text},
			{"id", always, optional, formatted(uri)},
			{"info", always, required, inline("info")},
			{"servers", fromTo(v20, v22), optional, named(serverName, inline("server"))},
			{"servers", since(v23), optional, named(serverName, orReference("server"))},
			{"defaultContentType", always, optional, text},
			{"channels", only2, required, named(addressTemplate, orReference("channel"))},
			{"channels", only3, optional, mapOf(orReference("channel"))},
			{"operations", only3, optional, mapOf(orReference("operation"))},
			{"components", always, optional, inline("components")},
			{"tags", only2, optional, tags2},
			{"externalDocs", only2, optional, inline("externalDocs")},
		},
		moved: map[string]string{
			"tags":         "they stand in info now",
			"externalDocs": "they stand in info now",
			"operations":   "before 3.0 they are \"publish\" and \"subscribe\" of a channel",
		},
	},
	"info": {
		title: "info",
		fields: []field{
			{"title", always, required, text},
			{"version", always, required, text},
			{"description", always, optional, text},
			{"termsOfService", always, optional, formatted(uri)},
			{"contact", always, optional, inline("contact")},
			{"license", always, optional, inline("license")},
			{"tags", only3, optional, tags3},
			{"externalDocs", only3, optional, orReference("externalDocs")},
		},
		moved: map[string]string{
			"tags":         "before 3.0 they stand at the top of the contract",
			"externalDocs": "before 3.0 they stand at the top of the contract",
		},
	},
	"contact": {
		title: "a contact",
		fields: []field{
			{"name", always, optional, text},
			{"url", always, optional, formatted(uri)},
			{"email", always, optional, formatted(email)},
		},
	},
	"license": {
		title: "a license",
		fields: []field{
			{"name", always, required, text},
			{"url", always, optional, formatted(uri)},
		},
	},
	"tag": {
		title: "a tag",
		fields: []field{
			{"name", always, required, text},
			{"description", always, optional, text},
			{"externalDocs", only2, optional, inline("externalDocs")},
			{"externalDocs", only3, optional, orReference("externalDocs")},
		},
	},
	"externalDocs": {
		title: "externalDocs",
		fields: []field{
			{"url", always, required, formatted(uri)},
			{"description", always, optional, text},
		},
	},
}

// tags2 are the tags of any object before 3.0, tags3 those since.
var (
	tags2 = setBy("name", inline("tag"))
	tags3 = setOf(orReference("tag"))
)
