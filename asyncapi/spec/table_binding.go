package spec

import (
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// bindingsObjects are the places for bindings and what the bindings of protocols other than
// amqp look like. Those of amqp the decoder reads, and reports what is wrong with them. Fields are those of all versions of a
// binding together, where versions do not contradict one another.
var bindingsObjects = union(httpBindings, kafkaBindings, mqttBindings, ibmmqBindings, awsBindings, otherBindings, map[string]object{
	"server bindings": {
		title: "server bindings", open: only2,
		fields: slices.Concat([]field{
			{"ibmmq", always, optional, protocolBinding("ibmmq server")},
			{"jms", always, optional, protocolBinding("jms server")},
			{"kafka", always, optional, protocolBinding("kafka server")},
			{"mqtt", always, optional, protocolBinding("mqtt server")},
			{"pulsar", always, optional, protocolBinding("pulsar server")},
			{"ros2", since(v31), optional, protocolBinding("ros2 server")},
			{"solace", always, optional, protocolBinding("solace server")},
		}, free("anypointmq", "googlepubsub", "http", "nats", "sns", "sqs", "ws")),
	},
	"channel bindings": {
		title: "channel bindings", open: only2,
		fields: slices.Concat([]field{
			{"anypointmq", always, optional, protocolBinding("anypointmq channel")},
			{"googlepubsub", always, optional, protocolBinding("googlepubsub channel")},
			{"ibmmq", always, optional, protocolBinding("ibmmq channel")},
			{"jms", always, optional, protocolBinding("jms channel")},
			{"kafka", always, optional, protocolBinding("kafka channel")},
			{"pulsar", always, optional, protocolBinding("pulsar channel")},
			{"sns", always, optional, protocolBinding("sns channel")},
			{"sqs", always, optional, protocolBinding("sqs channel")},
			{"ws", always, optional, protocolBinding("ws channel")},
		}, free("http", "mqtt", "nats", "ros2", "solace")),
	},
	"operation bindings": {
		title: "operation bindings", open: only2,
		fields: slices.Concat([]field{
			{"http", always, optional, protocolBinding("http operation")},
			{"kafka", always, optional, protocolBinding("kafka operation")},
			{"mqtt", always, optional, protocolBinding("mqtt operation")},
			{"nats", always, optional, protocolBinding("nats operation")},
			{"ros2", since(v31), optional, protocolBinding("ros2 operation")},
			{"sns", always, optional, protocolBinding("sns operation")},
			{"solace", always, optional, protocolBinding("solace operation")},
			{"sqs", always, optional, protocolBinding("sqs operation")},
		}, free("anypointmq", "googlepubsub", "ibmmq", "jms", "pulsar", "ws")),
	},
	"message bindings": {
		title: "message bindings", open: only2,
		fields: slices.Concat([]field{
			{"anypointmq", always, optional, protocolBinding("anypointmq message")},
			{"googlepubsub", always, optional, protocolBinding("googlepubsub message")},
			{"http", always, optional, protocolBinding("http message")},
			{"ibmmq", always, optional, protocolBinding("ibmmq message")},
			{"jms", always, optional, protocolBinding("jms message")},
			{"kafka", always, optional, protocolBinding("kafka message")},
			{"mqtt", always, optional, protocolBinding("mqtt message")},
		}, free("nats", "pulsar", "ros2", "sns", "solace", "sqs", "ws")),
	},
})

// protocolBinding is the place of a protocol's binding.
func protocolBinding(object string) valueType {
	return valueType{kinds: of(source.Object), object: object, refs: allowed, role: isBinding}
}

// free returns rows for protocols whose bindings have no fields of their own or, as amqp's, are checked elsewhere.
func free(protocols ...string) []field {
	var rows []field
	for _, name := range append(protocols, "amqp", "amqp1", "mercure", "mqtt5", "redis", "stomp") {
		rows = append(rows, field{name, always, optional, valueType{kinds: anything.kinds, role: isBinding}})
	}
	return rows
}

// versionOf returns the rows of bindingVersion: any text before 3.0, then one of those that the specification has.
func versionOf(versions ...string) []field {
	return []field{
		{"bindingVersion", only2, optional, text},
		{"bindingVersion", only3, optional, choice(versions...)},
	}
}

// objectSchema is the place of the schema of an object in a binding. It is not decoded.
var objectSchema = valueType{kinds: of(source.Object, source.Bool), role: isObjectSchema}
