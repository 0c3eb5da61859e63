package spec

import (
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

var mqttBindings = map[string]object{
	"mqtt server": {
		title: "an mqtt server binding",
		fields: slices.Concat([]field{
			{"clientId", always, optional, text},
			{"cleanSession", always, optional, boolean},
			{"lastWill", always, optional, one("mqtt last will")},
			{"keepAlive", always, optional, anyInteger},
			{"sessionExpiryInterval", always, optional, integerOrSchema(0, math.MaxInt64)},
			{"maximumPacketSize", always, optional, integerOrSchema(1, math.MaxUint32)},
		}, versionOf("0.2.0")),
	},
	"mqtt last will": {
		title: "an mqtt last will", open: always,
		fields: []field{
			{"topic", always, optional, text},
			{"qos", always, optional, integer(0, 2)},
			{"message", always, optional, text},
			{"retain", always, optional, boolean},
		},
	},
	"mqtt operation": {
		title: "an mqtt operation binding",
		fields: slices.Concat([]field{
			{"qos", always, optional, integer(0, 2)},
			{"retain", always, optional, boolean},
			{"messageExpiryInterval", always, optional, integerOrSchema(0, math.MaxUint32)},
		}, versionOf("0.2.0")),
	},
	"mqtt message": {
		title: "an mqtt message binding",
		fields: slices.Concat([]field{
			{"payloadFormatIndicator", always, optional, integer(0, 1)},
			{"contentType", always, optional, text},
			{"responseTopic", always, optional, valueType{kinds: of(source.String, source.Object)}},
			{"correlationData", always, optional, anySchema},
		}, versionOf("0.2.0")),
	},
}

// integerOrSchema is an integer, or the schema of one.
func integerOrSchema(least, most int64) valueType {
	return valueType{kinds: of(source.Number, source.Object), span: &integers{least, most}}
}
