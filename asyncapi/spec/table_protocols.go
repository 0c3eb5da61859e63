package spec

import (
	"math"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// otherBindings are those of protocols with few fields.
var otherBindings = map[string]object{
	"anypointmq channel": {
		title: "an anypointmq channel binding",
		fields: slices.Concat([]field{
			{"destination", always, optional, text},
			{"destinationType", always, optional, choice("exchange", "queue", "fifo-queue")},
		}, versionOf("0.0.1")),
	},
	"anypointmq message": {
		title:  "an anypointmq message binding",
		fields: slices.Concat([]field{{"headers", always, optional, anySchema}}, versionOf("0.0.1")),
	},
	"googlepubsub channel": {
		title: "a googlepubsub channel binding",
		fields: slices.Concat([]field{
			{"topic", only2, optional, text},
			{"labels", always, optional, someMap},
			{"messageRetentionDuration", always, optional, text},
			{"messageStoragePolicy", always, optional, one("googlepubsub storage policy")},
			{"schemaSettings", only2, optional, one("googlepubsub schema settings")},
			{"schemaSettings", only3, required, one("googlepubsub schema settings")},
		}, versionOf("0.2.0")),
	},
	"googlepubsub storage policy": {
		title: "a message storage policy", strict: true,
		fields: []field{{"allowedPersistenceRegions", always, optional, texts}},
	},
	"googlepubsub schema settings": {
		title: "schema settings", open: always,
		fields: []field{
			{"encoding", always, required, text},
			{"name", always, required, text},
			{"firstRevisionId", always, optional, text},
			{"lastRevisionId", always, optional, text},
		},
	},
	"googlepubsub message": {
		title: "a googlepubsub message binding",
		fields: slices.Concat([]field{
			{"attributes", always, optional, someMap},
			{"orderingKey", always, optional, text},
			{"schema", always, optional, one("googlepubsub schema")},
		}, versionOf("0.2.0")),
	},
	"googlepubsub schema": {
		title: "a googlepubsub schema", open: always,
		fields: []field{{"name", always, required, text}},
	},
	"jms server": {
		title: "a jms server binding",
		fields: slices.Concat([]field{
			{"jmsConnectionFactory", always, required, text},
			{"properties", always, optional, listOf(one("jms property"))},
			{"clientID", always, optional, text},
		}, versionOf("0.0.1")),
	},
	"jms property": {
		title: "a jms property", open: always,
		fields: []field{
			{"name", always, required, text},
			{"value", always, required, valueType{kinds: of(source.String, source.Bool, source.Number, source.Null)}},
		},
	},
	"jms channel": {
		title: "a jms channel binding",
		fields: slices.Concat([]field{
			{"destination", always, optional, text},
			{"destinationType", always, optional, choice("queue", "fifo-queue")},
		}, versionOf("0.0.1")),
	},
	"jms message": {
		title:  "a jms message binding",
		fields: slices.Concat([]field{{"headers", always, optional, anySchema}}, versionOf("0.0.1")),
	},
	"nats operation": {
		title:  "a nats operation binding",
		fields: slices.Concat([]field{{"queue", always, optional, shorter(255)}}, versionOf("0.1.0")),
	},
	"pulsar server": {
		title:  "a pulsar server binding",
		fields: slices.Concat([]field{{"tenant", always, optional, text}}, versionOf("0.1.0")),
	},
	"pulsar channel": {
		title: "a pulsar channel binding",
		fields: slices.Concat([]field{
			{"namespace", always, required, text},
			{"persistence", always, required, choice("persistent", "non-persistent")},
			{"compaction", always, optional, integer(0, math.MaxInt64)},
			{"geo-replication", always, optional, texts},
			{"retention", always, optional, one("pulsar retention")},
			{"ttl", always, optional, anyInteger},
			{"deduplication", always, optional, boolean},
		}, versionOf("0.1.0")),
	},
	"pulsar retention": {
		title: "a retention", strict: true,
		fields: []field{
			{"time", always, optional, integer(0, math.MaxInt64)},
			{"size", always, optional, integer(0, math.MaxInt64)},
		},
	},
	"ros2 server": {
		title: "a ros2 server binding", open: always,
		fields: []field{
			{"domainId", always, optional, integer(0, 231)},
			{"rmwImplementation", always, optional, text},
			{"bindingVersion", always, optional, choice("0.1.0")},
		},
	},
	"ros2 operation": {
		title: "a ros2 operation binding",
		fields: []field{
			{"node", always, required, text},
			{"role", always, required, choice(
				"publisher", "action_client", "service_client", "subscriber", "action_server", "service_server",
			)},
			{"qosPolicies", always, optional, someMap},
			{"bindingVersion", always, optional, choice("0.1.0")},
		},
	},
	"solace server": {
		title: "a solace server binding",
		fields: slices.Concat([]field{
			{"msgVpn", always, optional, text},
			{"msvVpn", always, optional, text}, // so in 0.2.0
			{"clientName", always, optional, shorter(160)},
		}, versionOf("0.2.0", "0.3.0", "0.4.0")),
	},
	"solace operation": {
		title: "a solace operation binding",
		fields: slices.Concat([]field{
			{"destinations", always, optional, listOf(one("solace destination"))},
			{"timeToLive", always, optional, anyInteger},
			{"priority", always, optional, integer(0, 255)},
			{"dmqEligible", always, optional, boolean},
		}, versionOf("0.2.0", "0.3.0", "0.4.0")),
	},
	"solace destination": {
		title: "a solace destination", open: always,
		fields: []field{
			{"destinationType", always, optional, choice("queue", "topic")},
			{"deliveryMode", always, optional, choice("direct", "persistent")},
			{"queue", always, optional, someMap},
			{"topicSubscriptions", always, optional, texts},
		},
	},
}

var anyInteger = integer(math.MinInt64, math.MaxInt64)
