package spec

import (
	"math"
	"slices"
)

var kafkaBindings = map[string]object{
	"kafka server": {
		title: "a kafka server binding",
		fields: slices.Concat([]field{
			{"schemaRegistryUrl", always, optional, text},
			{"schemaRegistryVendor", always, optional, text},
		}, versionOf("0.3.0", "0.4.0", "0.5.0")),
	},
	"kafka channel": {
		title: "a kafka channel binding",
		fields: slices.Concat([]field{
			{"topic", always, optional, text},
			{"partitions", always, optional, integer(1, math.MaxInt64)},
			{"replicas", always, optional, integer(1, math.MaxInt64)},
			{"topicConfiguration", always, optional, one("kafka topic")},
		}, versionOf("0.3.0", "0.4.0", "0.5.0")),
	},
	"kafka topic": {
		title: "a kafka topic configuration", open: always,
		fields: []field{
			{"cleanup.policy", always, optional, listOf(choice("compact", "delete"))},
			{"retention.ms", always, optional, integer(-1, math.MaxInt64)},
			{"retention.bytes", always, optional, integer(-1, math.MaxInt64)},
			{"delete.retention.ms", always, optional, integer(0, math.MaxInt64)},
			{"max.message.bytes", always, optional, integer(0, math.MaxInt64)},
			{"confluent.key.schema.validation", always, optional, boolean},
			{"confluent.key.subject.name.strategy", always, optional, text},
			{"confluent.value.schema.validation", always, optional, boolean},
			{"confluent.value.subject.name.strategy", always, optional, text},
		},
	},
	"kafka operation": {
		title: "a kafka operation binding",
		fields: slices.Concat([]field{
			{"groupId", always, optional, anySchema},
			{"clientId", always, optional, anySchema},
		}, versionOf("0.3.0", "0.4.0", "0.5.0")),
	},
	"kafka message": {
		title: "a kafka message binding",
		fields: slices.Concat([]field{
			{"schemaIdLocation", always, optional, choice("header", "payload")},
			{"schemaIdPayloadEncoding", always, optional, text},
			{"schemaLookupStrategy", always, optional, text},
			{"key", always, optional, anySchema},
		}, versionOf("0.3.0", "0.4.0", "0.5.0")),
	},
}
