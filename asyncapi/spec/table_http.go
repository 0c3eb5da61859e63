package spec

import "slices"

var httpMethods = choice("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE")

// httpBindings are those of HTTP and WebSockets.
var httpBindings = map[string]object{
	"http operation": {
		title:   "an http operation binding",
		instead: []instead{{"bindingVersion", "0.1.0", only2, "http operation 0.1.0"}},
		fields: slices.Concat([]field{
			{"type", only2, optional, choice("request", "response")},
			{"method", always, optional, httpMethods},
			{"query", always, optional, objectSchema},
		}, versionOf("0.2.0", "0.3.0")),
	},
	"http operation 0.1.0": {
		title: "an http operation binding 0.1.0",
		fields: slices.Concat([]field{
			{"type", only2, required, choice("request", "response")},
			{"method", always, optional, httpMethods},
			{"query", always, optional, objectSchema},
		}, versionOf()),
	},
	"http message": {
		title: "an http message binding",
		fields: slices.Concat([]field{
			{"statusCode", always, optional, number},
			{"headers", always, optional, objectSchema},
		}, versionOf("0.2.0", "0.3.0")),
	},
	"ws channel": {
		title: "a ws channel binding",
		fields: slices.Concat([]field{
			{"method", always, optional, choice("GET", "POST")},
			{"query", always, optional, objectSchema},
			{"headers", always, optional, objectSchema},
		}, versionOf("0.1.0")),
	},
}
