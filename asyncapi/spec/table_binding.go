package spec

// bindingsObjects are the objects that have bindings by protocol. Only the bindings of amqp are
// checked, by the package that reads them.
var bindingsObjects = map[string]object{
	"server bindings":    {title: "server bindings", open: only2, fields: protocols},
	"channel bindings":   {title: "channel bindings", open: only2, fields: protocols},
	"operation bindings": {title: "operation bindings", open: only2, fields: protocols},
	"message bindings":   {title: "message bindings", open: only2, fields: protocols},
}

// protocols are the protocols of the specification.
var protocols = []field{
	{"amqp", always, optional, aBinding},
	{"amqp1", always, optional, aBinding},
	{"anypointmq", always, optional, aBinding},
	{"googlepubsub", always, optional, aBinding},
	{"http", always, optional, aBinding},
	{"ibmmq", always, optional, aBinding},
	{"jms", always, optional, aBinding},
	{"kafka", always, optional, aBinding},
	{"mercure", always, optional, aBinding},
	{"mqtt", always, optional, aBinding},
	{"mqtt5", always, optional, aBinding},
	{"nats", always, optional, aBinding},
	{"pulsar", always, optional, aBinding},
	{"redis", always, optional, aBinding},
	{"ros2", since(v31), optional, aBinding},
	{"sns", always, optional, aBinding},
	{"solace", always, optional, aBinding},
	{"sqs", always, optional, aBinding},
	{"stomp", always, optional, aBinding},
	{"ws", always, optional, aBinding},
}
