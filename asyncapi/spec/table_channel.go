package spec

import "github.com/scampgen/scampgen/asyncapi/source"

var channelObjects = map[string]object{
	"channel": {
		title: "a channel",
		fields: []field{
			{"address", only3, optional, valueType{kinds: of(source.String, source.Null)}},
			{"messages", only3, optional, mapOf(orReference("message"))},
			{"title", only3, optional, text},
			{"summary", only3, optional, text},
			{"description", always, optional, text},
			{"servers", fromTo(v22, v26), optional, setOf(text)},
			{"servers", only3, optional, setOf(referenceTo("server"))},
			{"subscribe", only2, optional, inline("operation")},
			{"publish", only2, optional, inline("operation")},
			{"deprecated", only2, optional, boolean},
			{"parameters", always, optional, mapOf(orReference("parameter"))},
			{"tags", only3, optional, tags3},
			{"externalDocs", only3, optional, orReference("externalDocs")},
			{"bindings", always, optional, orReference("channel bindings")},
		},
		moved: map[string]string{
			"publish":   "write an operation under operations, with \"action: receive\"",
			"subscribe": "write an operation under operations, with \"action: send\"",
			"address":   "before 3.0 it is the name of the channel",
			"messages":  "before 3.0 they stand in \"publish\" and \"subscribe\"",
		},
	},
	"parameter": {
		title: "a parameter",
		fields: []field{
			{"description", always, optional, text},
			{"schema", only2, optional, valueType{kinds: notNull.kinds, content: isSchema}},
			{"enum", only3, optional, texts},
			{"default", only3, optional, text},
			{"examples", only3, optional, texts},
			{"location", always, optional, formatted(runtimeExpression)},
		},
		moved: map[string]string{
			"schema":   "a parameter is a string now, with \"enum\", \"default\" and \"examples\"",
			"enum":     "before 3.0 it stands in \"schema\"",
			"default":  "before 3.0 it stands in \"schema\"",
			"examples": "before 3.0 they stand in \"schema\"",
		},
	},
}
