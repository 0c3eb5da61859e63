package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/topology"
	"github.com/scampgen/scampgen/runtime"
)

func TestBodies(t *testing.T) {
	bodies := map[plan.Body]string{plan.BodyJSON: "json", plan.BodyText: "text", plan.BodyBytes: "bytes"}
	cases := []struct{ name, message, want string }{
		{"JSON by its content type", `{contentType: application/json, payload: {type: object}}`, "json M application/json"},
		{"JSON by a suffix", `{contentType: application/cloudevents+json; charset=utf-8, payload: {type: object}}`, "json M application/cloudevents+json; charset=utf-8"},
		{"a payload and no content type", `{payload: {type: string}}`, "json M application/json"},
		{"a payload that says nothing", `{payload: {}}`, "json raw application/json"},
		{"JSON of any kind", `{contentType: application/json}`, "json raw application/json"},
		{"nothing at all", `{}`, "bytes application/octet-stream"},
		{"only a header", `{headers: {type: object}}`, "bytes application/octet-stream"},
		{"text", `{contentType: text/plain, payload: {type: string}}`, "text text/plain"},
		{"text that is not", `{contentType: text/plain, payload: {type: object}}`, "json M text/plain"},
		{"an image", `{contentType: image/png, payload: {type: string, format: binary}}`, "bytes image/png"},
		{"XML", `{contentType: application/xml, payload: {type: object, properties: {a: {type: string}}}}`, "bytes application/xml"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := mustBuild(t, header3+"channels:\n  a: {address: a, messages: {M: "+c.message+"}}\n")
			m := p.Clients[0].Messages[0]
			got := bodies[m.Body]
			if m.Body == plan.BodyJSON {
				got += " " + describeRef(m.Type)
			}
			if got += " " + m.Publication.ContentType; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What cannot be read, or is not JSON, becomes bytes, and the contract's author is told.
func TestPayloadsThatBecomeBytes(t *testing.T) {
	cases := []struct{ name, message, want string }{
		{
			"a format that is not read", "{payload: {schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: {type: record}}}",
			`contract.yaml:5:58: /channels/a/messages/M/payload/schemaFormat: warning: schemas in the format "application/vnd.apache.avro;version=1.9.0" are not read: the payload becomes bytes; leave the payload out and give the message a contentType, or describe JSON`,
		},
		{
			"a later JSON Schema", "{payload: {schemaFormat: 'application/schema+json;version=2020-12', schema: {type: string}}}",
			`contract.yaml:5:58: /channels/a/messages/M/payload/schemaFormat: warning: schemas in the format "application/schema+json;version=2020-12" are not read: the payload becomes bytes; leave the payload out and give the message a contentType, or describe JSON`,
		},
		{
			"XML", "{contentType: application/xml, payload: {type: object}}",
			`contract.yaml:5:47: /channels/a/messages/M/contentType: warning: content of type application/xml is not JSON: the payload becomes bytes; leave the payload out, or send JSON`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, problems := build(t, header3+"channels:\n  a: {address: a, messages: {M: "+c.message+"}}\n", plan.Options{})
			if diff := cmp.Diff(c.want, problems.Error()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if got := p.Clients[0].Messages[0].Body; got != plan.BodyBytes {
				t.Errorf("got the body %v", got)
			}
		})
	}
}

// What an operation's binding says comes to the publication of each of its messages.
func TestPublications(t *testing.T) {
	p := mustBuild(t, `asyncapi: 2.6.0
info: {title: t, version: "1"}
channels:
  order.placed:
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: topic}}}
    subscribe:
      bindings: {amqp: {expiration: 1500, userId: shop, cc: [audit, mail], bcc: [spy], priority: 7, deliveryMode: 1, mandatory: false, replyTo: r, timestamp: true}}
      message:
        name: order_placed
        contentType: application/json
        bindings: {amqp: {contentEncoding: gzip, messageType: placed.v1}}
        payload: {type: object}
`)
	want := runtime.Publication{
		Name: "order_placed", Exchange: "orders", RoutingKey: "audit", Type: "placed.v1", ContentType: "application/json", ContentEncoding: "gzip",
		UserID: "shop", ReplyTo: "r", Priority: 7, Expiration: 1500 * time.Millisecond, Transient: true, Optional: true, Timestamp: true, CC: []string{"mail"}, BCC: []string{"spy"},
	}
	if diff := cmp.Diff(want, p.Clients[0].Messages[0].Publication); diff != "" {
		t.Errorf("publication (-want +got):\n%s", diff)
	}
}

// Where the operation that receives and the one that sends say different things, it is the sender's that counts.
func TestPublicationOfTheSender(t *testing.T) {
	p := mustBuild(t, header3+`channels: {a: {address: a, messages: {M: {payload: {type: object}}}}}
operations:
  read: {action: receive, channel: {$ref: "#/channels/a"}, bindings: {amqp: {priority: 1, userId: reader}}}
  write: {action: send, channel: {$ref: "#/channels/a"}, bindings: {amqp: {priority: 2}}}
`)
	if got := p.Clients[0].Messages[0].Publication; got.Priority != 2 || got.UserID != "reader" {
		t.Errorf("got %+v", got)
	}
}

// The type on the wire is messageType, else name, else the key, in both major versions. The Go name
// comes from the key, if there is one.
func TestWireNames(t *testing.T) {
	const payload, binding = "payload: {type: object}", "bindings: {amqp: {messageType: t.v1}}, "
	for _, c := range []struct{ name, contract, want string }{
		{"3: messageType", header3 + "channels: {a: {address: a, messages: {ParcelMoved: {name: parcel.moved.v1, " + binding + payload + "}}}}", "ParcelMoved t.v1"},
		{"3: name", header3 + "channels: {a: {address: a, messages: {ParcelMoved: {name: parcel.moved.v1, " + payload + "}}}}", "ParcelMoved parcel.moved.v1"},
		{"3: key", header3 + "channels: {a: {address: a, messages: {parcel_moved: {" + payload + "}}}}", "ParcelMoved parcel_moved"},
		{"3: x-go-name", header3 + "channels: {a: {address: a, messages: {M: {name: parcel.moved.v1, x-go-name: Moved, " + payload + "}}}}", "Moved parcel.moved.v1"},
		{
			"3: a component", header3 + `channels: {a: {address: a, messages: {ParcelMoved: {$ref: "#/components/messages/ParcelMoved"}}}}
components: {messages: {ParcelMoved: {name: parcel.moved.v1, ` + payload + "}}}", "ParcelMoved parcel.moved.v1",
		},
		{
			"3: a trait", header3 + `channels: {a: {address: a, messages: {ParcelMoved: {traits: [{name: parcel.moved.v1}], ` + payload + "}}}}", "ParcelMoved parcel.moved.v1",
		},
		{"3: what the converter names", header3 + "channels: {a: {address: a, messages: {publish.message: {name: parcel.moved.v1, " + payload + "}}}}", "A parcel.moved.v1"},
		{"2: messageType", header2 + "channels: {a: {publish: {message: {name: parcel.moved.v1, " + binding + payload + "}}}}", "ParcelMovedV1 t.v1"},
		{"2: name", header2 + "channels: {a: {publish: {message: {name: parcel.moved.v1, " + payload + "}}}}", "ParcelMovedV1 parcel.moved.v1"},
		{
			"2: a component", header2 + `channels: {a: {publish: {message: {$ref: "#/components/messages/ParcelMoved"}}}}
components: {messages: {ParcelMoved: {name: parcel.moved.v1, ` + payload + "}}}", "ParcelMoved parcel.moved.v1",
		},
		{"2: neither", header2 + "channels: {a: {publish: {operationId: moveParcel, message: {" + payload + "}}}}", "MoveParcel MoveParcel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mustBuild(t, c.contract+"\n").Clients[0].Messages[0]
			if got := m.GoName + " " + m.Publication.Type; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A type that no AMQP property can hold is a mistake, not a publish that always fails.
func TestLongWireName(t *testing.T) {
	_, problems := build(t, header3+"channels: {a: {address: a, messages: {M: {name: "+strings.Repeat("x", 256)+", payload: {type: object}}}}}\n", plan.Options{})
	if got, want := problems.Error(), "contract.yaml:4:39: /channels/a/messages/M: the AMQP type has 256 bytes; AMQP allows 255; give it a shorter messageType in its amqp binding, "+
		`or write in scampgen.yaml messages: {"#/channels/a/messages/M": {type: ...}}`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMessageNames(t *testing.T) {
	cases := []struct{ name, channel, want string }{
		{"its own", `{subscribe: {operationId: op, message: {name: order-placed, payload: {type: object}}}}`, "OrderPlaced"},
		{"x-go-name", `{subscribe: {message: {name: 1st, x-go-name: First, payload: {type: object}}}}`, "First"},
		{"the payload's", `{subscribe: {operationId: op, message: {payload: {$ref: "#/components/schemas/order"}}}}`, "Order"},
		{"the operation's", `{subscribe: {operationId: placeOrder, message: {payload: {type: object}}}}`, "PlaceOrder"},
		{"the channel's", `{subscribe: {message: {payload: {type: object}}}}`, "UserSignedup"},
		{"two without any", `{subscribe: {message: {payload: {type: object}}}, publish: {message: {payload: {type: array}}}}`, "UserSignedupReceived UserSignedupSent"},
		{"one message of both operations", `{subscribe: {message: {name: m, payload: {type: object}}}, publish: {message: {name: m, payload: {type: object}, summary: s}}}`, "M"},
		{"several", `{subscribe: {message: {oneOf: [{name: b, payload: {type: object}}, {name: a, payload: {type: string}}]}}}`, "A B"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := mustBuild(t, `asyncapi: 2.6.0
info: {title: t, version: "1"}
channels:
  user/signedup: `+c.channel+`
components: {schemas: {order: {type: object}}}
`)
			var names []string
			for _, m := range p.Clients[0].Messages {
				names = append(names, m.GoName)
			}
			if got := strings.Join(names, " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// Contracts that are not, or not only, for RabbitMQ.
func TestOtherProtocols(t *testing.T) {
	cases := []struct{ name, contract, want string }{
		{
			"none of the servers speaks amqp", `
servers: {k: {host: h, protocol: kafka}}
channels: {a: {address: a, messages: {M: {payload: {type: object}}}}}`,
			`[a]
contract.yaml:3:11: /servers/k: warning: the servers speak kafka, not amqp: each channel becomes a queue on the default exchange; add a server with the protocol amqp
note: contract.yaml:3:11: /servers/k: server "k" speaks kafka: no function connects to it`,
		},
		{
			"a channel of another server", `
servers: {k: {host: h, protocol: kafka}, r: {host: h, protocol: amqps}}
channels:
  a: {address: a, messages: {M: {payload: {type: object}}}}
  b: {address: b, servers: [{$ref: "#/servers/k"}], messages: {M: {payload: {type: object}}}}`,
			`[a]
note: contract.yaml:3:11: /servers/k: server "k" speaks kafka: no function connects to it
note: contract.yaml:6:3: /channels/b: channel "b" is left out: none of its servers speaks amqp`,
		},
		{
			"a channel of another server with an amqp binding", `
servers: {k: {host: h, protocol: kafka}, r: {host: h, protocol: amqps}}
channels:
  a: {address: a, messages: {M: {payload: {type: object}}}}
  b: {address: b, servers: [{$ref: "#/servers/k"}], messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: b}}}}`,
			`[a]
contract.yaml:6:3: /channels/b: warning: channel "b" is left out: none of its servers speaks amqp, though it has an amqp binding; add a server that does to its servers, or remove the binding
note: contract.yaml:3:11: /servers/k: server "k" speaks kafka: no function connects to it`,
		},
		{
			"an amqp binding where no server speaks amqp", `
servers: {k: {host: h, protocol: kafka}}
channels:
  a: {address: a, messages: {M: {payload: {type: object}}}}
  b: {address: b, servers: [{$ref: "#/servers/k"}], messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: b}}}}`,
			`[a b]
note: contract.yaml:3:11: /servers/k: server "k" speaks kafka: no function connects to it`,
		},
		{
			"no channel on any server", `
servers: {r: {host: h, protocol: amqps}}`,
			`[]
contract.yaml: warning: the contract gives no producer and no consumer; add a channel with a server that speaks amqp; generate -v says why each channel is left out`,
		},
		{"no server at all", `
channels: {a: {address: a, messages: {M: {payload: {type: object}}}}}`, `[a]`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, problems := build(t, "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}"+c.contract+"\n", plan.Options{})
			var names []string
			for _, q := range p.Clients {
				names = append(names, q.Package.Name)
			}
			got := fmt.Sprint(names)
			for _, problem := range problems {
				got += "\n" + problem.String()
			}
			for _, note := range p.Notes {
				got += "\nnote: " + note.String()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("packages and problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSides(t *testing.T) {
	contract := header3 + `channels:
  a: {address: a, messages: {M: {payload: {type: object}}}}
  b: {address: b, messages: {M: {payload: {type: object}}}}
  c: {address: "c.#", messages: {M: {payload: {type: object}}}}
`
	cases := []struct {
		name    string
		options plan.Options
		want    []string
	}{
		{"both", plan.Options{}, []string{"a producer consumer", "b producer consumer", "c consumer"}},
		{"producers", plan.Options{Side: topology.ProducerSide}, []string{"a producer", "b producer"}},
		{"consumers", plan.Options{Side: topology.ConsumerSide}, []string{"a consumer", "b consumer", "c consumer"}},
		{
			"one channel",
			plan.Options{Channels: map[string]topology.ChannelOptions{"a": {Side: topology.ConsumerSide, Package: "first"}}},
			[]string{"b producer consumer", "c consumer", "first consumer"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, problems := build(t, contract, c.options)
			if p == nil {
				t.Fatal(problems)
			}
			var got []string
			for _, q := range p.Clients {
				line := q.Package.Name + map[bool]string{true: " producer"}[q.HasProducer()] + map[bool]string{true: " consumer"}[q.HasConsumer()]
				got = append(got, line)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The packages of messages, of servers and of queues have different names.
func TestPackagesClash(t *testing.T) {
	const contract = `asyncapi: 3.0.0
info: {title: t, version: '1'}
servers: {r: {host: h, protocol: amqp}}
channels: {a: {address: servers, messages: {M: {payload: {type: object}}}}}
`
	for _, c := range []struct {
		options plan.Options
		want    string
	}{
		{plan.Options{}, `contract.yaml:4:12: /channels/a: channel "a" and the package of the contract's servers have conflicting Go name servers in the output folder; ` +
			`set x-go-name on one of the channels or queues, or write in scampgen.yaml channels: {a: {package: ...}}`},
		{plan.Options{ServersPackage: "messages"}, "contract.yaml: the package of the servers cannot be called messages: that is the package of all message types; " +
			"set servers-package or messages-package in scampgen.yaml"},
		{plan.Options{ServersPackage: "brokers"}, ""},
		{plan.Options{NoServers: true}, ""},
	} {
		p, problems := build(t, contract, c.options)
		got := ""
		if len(problems) > 0 {
			got = problems.Error()
		}
		if got != c.want {
			t.Errorf("%+v: got\n%s\nwant\n%s", c.options, got, c.want)
		}
		if c.want == "" && (len(p.Servers) == 0) != c.options.NoServers {
			t.Errorf("%+v: got %d servers", c.options, len(p.Servers))
		}
	}
}

// A channel without messages carries bytes of any kind: there are clients, and the contract's author
// is told. What the bindings say counts.
func TestChannelsWithoutMessages(t *testing.T) {
	const warning = ": warning: the channel has no message: its messages are bytes of any kind, []byte in Go; " +
		"give it a message: with a payload for a type, or with contentType: application/octet-stream if bytes are right"
	const a, b = "[a -> /a T:\"\" application/octet-stream A]", "[b -> /b T:\"\" application/octet-stream B]"
	for _, c := range []struct {
		name, contract string
		want           []string
	}{
		{"3", header3 + "channels: {a: {address: a}}", []string{a, "contract.yaml:4:12: /channels/a" + warning}},
		{"2", header2 + "channels: {a: {publish: {operationId: b}}}", []string{a, "contract.yaml:4:12: /channels/a" + warning}},
		{"2 and no operation", header2 + "channels: {a: {}}", []string{a, "contract.yaml:4:12: /channels/a" + warning}},
		{
			"the default content type", header3 + "defaultContentType: application/json\nchannels: {a: {address: a}}",
			[]string{"[a -> /a T:\"\" application/json A]", "contract.yaml:5:12: /channels/a" + warning},
		},
		{
			"beside one with a message", header3 + "channels: {a: {address: a}, b: {address: b, messages: {B: {contentType: application/octet-stream}}}}",
			[]string{a, "[b -> /b T:\"B\" application/octet-stream B]", "contract.yaml:4:12: /channels/a" + warning},
		},
		{
			"no Go name", header3 + "channels: {1st: {address: 1.st, x-go-name: first}}",
			[]string{"[first -> /1.st T:\"\" application/octet-stream Message1St]", "contract.yaml:4:12: /channels/1st" + warning},
		},
		{
			"two of one queue", header3 + `channels:
  x: {address: k.x, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic}, x-queue: q}}}
  y: {address: k.y, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic}, x-queue: q}}}`,
			[]string{
				"[q -> e/k.x T:\"\" application/octet-stream KX -> e/k.y T:\"\" application/octet-stream KY]",
				"contract.yaml:5:3: /channels/x" + warning, "contract.yaml:6:3: /channels/y" + warning,
			},
		},
		{
			"one of two of a queue", header3 + `channels:
  x: {address: k.x, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic}, x-queue: q}}}
  y: {address: k.y, messages: {Y: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic}, x-queue: q}}}`,
			[]string{
				"[q -> e/k.y T:\"Y\" application/json Y]",
				`contract.yaml:5:3: /channels/x: warning: channel "x" has no message, so no producer publishes to it; give it a message`,
			},
		},
		{
			"an operation with an empty list", header3 + `channels: {a: {address: a, messages: {A: {contentType: application/octet-stream}}}}
operations: {o: {action: send, channel: {$ref: "#/channels/a"}, messages: [], bindings: {amqp: {priority: 7}}}}`,
			[]string{"[a -> /a T:\"A\" application/octet-stream A priority 7]"},
		},
		{
			"an operation of a channel without messages", header2 + "channels: {b: {publish: {bindings: {amqp: {priority: 7}}}}}",
			[]string{strings.Replace(b, "B]", "B priority 7]", 1), "contract.yaml:4:12: /channels/b" + warning},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, problems := build(t, c.contract+"\n", plan.Options{})
			if p == nil {
				t.Fatal(problems)
			}
			var got []string
			for _, q := range p.Clients {
				line := "[" + q.Package.Name
				for _, m := range q.Messages {
					if m.Body != plan.BodyBytes && m.GoName != "Y" {
						t.Errorf("%s is not bytes", m.GoName)
					}
					line += fmt.Sprintf(" -> %s/%s T:%q %s %s", m.Publication.Exchange, m.Publication.RoutingKey, m.Publication.Type, m.Publication.ContentType, m.GoName)
					if m.Publication.Priority > 0 {
						line += fmt.Sprintf(" priority %d", m.Publication.Priority)
					}
				}
				got = append(got, line+"]")
			}
			for _, problem := range problems {
				got = append(got, problem.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("packages and problems (-want +got):\n%s", diff)
			}
		})
	}
}

// A message without a payload has no type; the contract's author is told unless its content type
// needs none.
func TestMessagesWithoutPayload(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"{}", "/channels/a/messages/M: warning: the message has no payload: it is bytes of any kind, []byte in Go; " +
			"give it a payload for a type, or contentType: application/octet-stream if bytes are right"},
		{"{contentType: application/json}", "/channels/a/messages/M: warning: the message has no payload: it is any JSON value, payload.Raw in Go; give it a payload for a type"},
		{"{contentType: image/png}", ""},
		{"{contentType: text/plain}", ""},
		{"{payload: {}}", ""},
	} {
		_, problems := build(t, header3+"channels: {a: {address: a, messages: {M: "+c.message+"}}}\n", plan.Options{})
		if got := problems.Error(); got != c.want && !strings.HasSuffix(got, ": "+c.want) {
			t.Errorf("%s: got %q, want %q", c.message, got, c.want)
		}
	}
}
