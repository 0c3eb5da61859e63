package asyncapi

// bindingsObjects are the places for bindings. Those of amqp are decoded, which reports what is wrong with them.
var bindingsObjects = map[string]object{
	"server bindings":    {title: "server bindings", open: true},
	"channel bindings":   {title: "channel bindings", open: true},
	"operation bindings": {title: "operation bindings", open: true},
	"message bindings":   {title: "message bindings", open: true},
}

func (c *checker) bindingSeverity(v *Value) Severity { return Mistake }
