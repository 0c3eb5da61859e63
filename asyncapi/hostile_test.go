package asyncapi

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/asyncapi/source"
)

// times returns a text n times, with % replaced by the number of each.
func times(n int, text string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(text, "%", strconv.Itoa(i)))
	}
	return b.String()
}

// Contracts in which few bytes stand for much, or in which every name meets every other: reading
// them ends soon, in little memory, and says what is wrong. Where it did not, this test would not
// end.
func TestHostileContracts(t *testing.T) {
	const (
		n         = 10_000
		head2     = "-- contract.yaml --\nasyncapi: 2.6.0\ninfo: {title: t, version: '1'}\n"
		openAPI   = "schemaFormat: 'application/vnd.oai.openapi;version=3.0.0', "
		exhausted = "following references: more than 300000 values after aliases are expanded"
	)
	tests := []struct{ name, contract, want string }{
		{"references to nothing", contract + "components:\n  schemas:\n" + times(n, "    s%: {$ref: '#/components/schemas/zz%'}\n"), `nothing called "zz9999"`},
		{"a long pointer through itself", contract + "components: {schemas: {a: {$ref: '#'}, b: {$ref: '#" + strings.Repeat("/components/schemas/a", n) + "/zz'}}}\n", `nothing called "zz"`},
		{"a long chain of schemas", contract + "components:\n  schemas:\n    s: {}\n" + times(n, "    s%: {properties: {a: {$ref: '#/components/schemas/s1%'}}}\n"), `nothing called "s19999"`},
		{"a long name above many mistakes", contract + "components:\n  schemas:\n    ? " + strings.Repeat("x", 1<<20) + "\n    : {properties: {" + times(n, "s%: {type: x},") + "}}\n", `there is no type "x"`},
		{"operations by messages", contract + "channels: {c: {messages: {" + times(n, "m%: {},") + "}}}\noperations: {" + times(n, "o%: {action: send, channel: {$ref: '#/channels/c'}},") + "}", exhausted},
		{"channels by messages", contract + "channels: {" + times(n, "c%: {$ref: '#/components/channels/x'},") + "}\ncomponents: {channels: {x: {messages: {" + times(n, "m%: {},") + "}}}}", exhausted},
		{"channels by messages in 2.x", head2 + "channels: {" + times(n, "c%: {publish: {message: {$ref: '#/components/messages/x'}}},") + "}\ncomponents: {messages: {x: {oneOf: [" + times(n, "{name: m%},") + "]}}}", exhausted},
		{"channels by fields of a binding", head2 + "channels: {" + times(n, "c%: {bindings: {$ref: '#/components/channelBindings/x'}},") + "}\ncomponents: {channelBindings: {x: {amqp: {" + times(n, "m%: 1,") + "}}}}", `"m9999" is not a field of the amqp channel binding`},
		{"operations by fields of a trait", head2 + "channels: {" + times(n, "c%: {publish: {traits: [{$ref: '#/components/operationTraits/x'}], summary: s, x-a: {b: 1}}},") + "}\ncomponents: {operationTraits: {x: {x-a: {" + times(n, "m%: 1,") + "}}}}", "more than 300000 values"},
		{"channels by extensions", head2 + "channels: {" + times(n, "c%: {$ref: '#/components/channels/x'},") + "}\ncomponents: {channels: {x: {" + times(n, "x-m%: 1,") + "}}}", exhausted},
		{"channels by servers", head2 + "servers: {" + times(n, "s%: {url: a, protocol: amqp},") + "}\nchannels: {" + times(n, "c%: {servers: [s%]},") + "}", ""},
		{"variables by variables", head2 + "servers: {s: {url: '" + times(n, "{v%}") + "', protocol: amqp, variables: {" + times(n, "w%: {default: y},") + "}}}\nchannels: {}", "has no {w9998}"},
		{"unknown fields", contract + times(n, "f%: 1\n"), `"f9999" is not a field`},
		{"names of discriminated schemas", head2 + "channels: {c: {publish: {message: {" + openAPI + "payload: {discriminator: {propertyName: x, mapping: {" + times(n, "p%: Zork%,") + "}}}}}}}\ncomponents: {schemas: {" + times(n, "Zo%: {},") + "}}", `nothing called "Zork9999"`},
		{"names that are no keywords in OpenAPI", head2 + "channels: {c: {publish: {message: {" + openAPI + "payload: {" + times(n, "typ%: 1,") + "}}}}}\n", `"typ9999" is not a keyword of OpenAPI 3.0`},
		{"properties in OpenAPI", head2 + "channels: {c: {publish: {message: {" + openAPI + "payload: {properties: {" + times(n, "p%: {type: string},") + "}}}}}}\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d, problems := loadArchive(t, tt.contract, source.Options{})
			if d == nil {
				t.Fatal(problems)
			}
			if tt.want == "" && problems != "" || !strings.Contains(problems, tt.want) {
				t.Errorf("got %.500s\nwant %s", problems, tt.want)
			}
			if messages := countMessages(d); messages > 2*source.DefaultMaxNodes { // once in the channels, once in the operations
				t.Errorf("the operations have %d messages", messages)
			}
		})
	}
}

func countMessages(d *Document) int {
	n := 0
	for _, c := range d.Channels {
		n += len(c.Messages)
	}
	for _, o := range d.Operations {
		n += len(o.Messages)
	}
	return n
}

func TestPointersAreCutOff(t *testing.T) {
	name := strings.Repeat("x", 600)
	_, problems := loadArchive(t, contract+fmt.Sprintf("components: {schemas: {a: {properties: {%s: {properties: {%s: {type: x}}}}}}}\n", name, name), source.Options{})
	if !strings.Contains(problems, "/components/schemas/a/properties/"+name+"/properties/…: there is no type") {
		t.Error(problems)
	}
}
