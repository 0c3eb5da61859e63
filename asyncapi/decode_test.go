package asyncapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// mustLoad loads an archive that has no problems but those wanted.
func mustLoad(t *testing.T, archive string, problems ...string) *Document {
	t.Helper()
	d, got := loadArchive(t, archive, source.Options{})
	checkProblems(t, got, problems...)
	if d == nil {
		t.Fatal("no document")
	}
	return d
}

// outline writes channels and operations in short, one a line.
func outline(d *Document) string {
	var b strings.Builder
	for _, c := range d.Channels {
		fmt.Fprintf(&b, "channel %s %s", c.Name, c.Path)
		if c.HasAddress {
			fmt.Fprintf(&b, " address=%s", c.Address)
		}
		for _, p := range c.Parameters {
			fmt.Fprintf(&b, " parameter=%s", p.Name)
			if p.Type != "" {
				fmt.Fprintf(&b, ":%s", p.Type)
			}
			for _, v := range p.Enum {
				fmt.Fprintf(&b, "|%s", v.Text)
			}
			if p.Default != nil {
				fmt.Fprintf(&b, "=%s", p.Default.Text)
			}
			if p.ValueAt != "" {
				fmt.Fprintf(&b, "@%s", p.ValueAt)
			}
		}
		for _, s := range c.Servers {
			fmt.Fprintf(&b, " server=%s", s.Name)
		}
		fmt.Fprintf(&b, " messages=%s\n", messageNames(c.Messages))
	}
	for _, o := range d.Operations {
		fmt.Fprintf(&b, "%s %s %s", []string{"send", "receive"}[o.Action], o.Name, o.Path)
		if o.Channel != nil {
			fmt.Fprintf(&b, " channel=%s", o.Channel.Name)
		}
		fmt.Fprintf(&b, " messages=%s", messageNames(o.Messages))
		if o.Reply != nil {
			fmt.Fprintf(&b, " reply=%s %s", o.Reply.Address, messageNames(o.Reply.Messages))
			if o.Reply.Channel != nil {
				fmt.Fprintf(&b, " on %s", o.Reply.Channel.Name)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func messageNames(messages []*Message) string {
	names := []string{}
	for _, m := range messages {
		names = append(names, m.Name)
	}
	return strings.Join(names, ",")
}

func TestDecode2(t *testing.T) {
	d := mustLoad(t, `
-- contract.yaml --
asyncapi: 2.6.0
id: urn:orders
info: {title: Orders, version: 1.2.3, description: {$ref: about.md}}
defaultContentType: application/json
x-team: shipping
servers:
  main: {url: 'amqp://user:secret@host:5672/shop', protocol: amqp}
  other: {url: 'kafka:9092', protocol: kafka}
channels:
  order.{region}.{kind}.{region}:
    description: all orders
    servers: [main]
    parameters: {region: {schema: {type: string}}, kind: {schema: {type: string}}}
    subscribe:
      operationId: sendOrder
      summary: an order goes out
      message:
        oneOf:
          - $ref: '#/components/messages/OrderPlaced'
          - name: OrderCancelled
            payload: {type: object}
          - messageId: orderLost
            contentType: text/plain
    publish:
      message: {$ref: '#/components/messages/OrderPlaced'}
  nothing: {}
  elsewhere: {$ref: 'channels.yaml#/elsewhere'}
components:
  messages:
    OrderPlaced:
      name: wire.name
      title: Order placed
      correlationId: {location: '$message.header#/id'}
      headers: {type: object}
      payload: {type: [object, array]}
      examples: [{name: one, payload: {a: 1}, headers: {h: 2}}, {name: two, payload: {$ref: example.json}}]
    Unused: {payload: {type: string}}
-- channels.yaml --
elsewhere:
  publish: {message: {$ref: '#/Far'}}
Far: {payload: {type: string}}
-- about.md --
# Orders: what they are
-- example.json --
[7]
`)
	want := `channel order.{region}.{kind}.{region} /channels/order.{region}.{kind}.{region} address=order.{region}.{kind}.{region} parameter=region:string parameter=kind:string server=main messages=OrderPlaced,OrderCancelled,orderLost
channel nothing /channels/nothing address=nothing messages=
channel elsewhere /channels/elsewhere address=elsewhere messages=Far
send sendOrder /channels/order.{region}.{kind}.{region}/subscribe channel=order.{region}.{kind}.{region} messages=OrderPlaced,OrderCancelled,orderLost
receive  /channels/order.{region}.{kind}.{region}/publish channel=order.{region}.{kind}.{region} messages=OrderPlaced
receive  /elsewhere/publish channel=elsewhere messages=Far
`
	if diff := cmp.Diff(want, outline(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := []string{d.Version, d.ID, d.Title, d.InfoVersion, d.Description, d.DefaultContentType, d.Extensions["x-team"].Text}; !slices.Equal(got,
		[]string{"2.6.0", "urn:orders", "Orders", "1.2.3", "# Orders: what they are\n", "application/json", "shipping"}) {
		t.Errorf("got the document's fields %q", got)
	}
	m := d.Channels[0].Messages[0]
	if m != d.Operations[1].Messages[0] {
		t.Error("a message referred to twice is two")
	}
	if got := []string{m.Path, m.WireName, m.Title, m.ContentType, m.CorrelationID, m.Payload.Types[0], m.Headers.Types[0]}; !slices.Equal(got,
		[]string{"/components/messages/OrderPlaced", "wire.name", "Order placed", "application/json", "$message.header#/id", "object", "object"}) {
		t.Errorf("got the message's fields %q", got)
	}
	if e := m.Examples; len(e) != 2 || e[0].Name != "one" || e[0].Payload.Get("a").Text != "1" || e[0].Headers.Get("h").Text != "2" || e[1].Payload.Items[0].Text != "7" {
		t.Errorf("got the examples %v", e)
	}
	if got := d.Channels[0].Messages[2]; got.ContentType != "text/plain" || got.Payload != nil || got.Headers != nil {
		t.Errorf("got the message %+v", got)
	}
	if o := d.Operations[0]; o.Summary != "an order goes out" || d.Channels[0].Description != "all orders" {
		t.Errorf("got the operation %+v", o)
	}
}

func TestDecode3(t *testing.T) {
	d := mustLoad(t, `
-- contract.yaml --
asyncapi: 3.0.0
info: {title: Orders, version: 1.2.3}
servers:
  main: {host: 'host:5672', pathname: /shop, protocol: amqp}
channels:
  orders:
    address: order.{region}
    parameters: {region: {}}
    servers: [{$ref: '#/servers/main'}]
    messages:
      placed: {$ref: '#/components/messages/OrderPlaced'}
      cancelled: {name: wire, payload: {type: string}}
  replies: {address: null, messages: {done: {payload: {}}}}
  unknown: {}
  shared: {$ref: '#/components/channels/shared'}
operations:
  sendAll: {action: send, channel: {$ref: '#/channels/orders'}}
  sendOne: {action: send, channel: {$ref: '#/channels/orders'}, messages: [{$ref: '#/channels/orders/messages/cancelled'}]}
  sendNone: {action: send, channel: {$ref: '#/channels/orders'}, messages: []}
  ask:
    action: receive
    channel: {$ref: '#/channels/shared'}
    reply:
      address: {location: '$message.header#/replyTo'}
      channel: {$ref: '#/channels/replies'}
  askLocal:
    $ref: '#/components/operations/askLocal'
components:
  channels: {shared: {address: shared, messages: {placed: {$ref: '#/components/messages/OrderPlaced'}}}}
  operations: {askLocal: {action: receive, channel: {$ref: '#/channels/shared'}, reply: {$ref: '#/components/replies/r'}}}
  replies: {r: {channel: {$ref: '#/channels/orders'}, messages: [{$ref: '#/channels/orders/messages/placed'}]}}
  messages:
    OrderPlaced: {payload: {schemaFormat: application/schema+json;version=draft-07, schema: {type: object}}}
`)
	want := `channel orders /channels/orders address=order.{region} parameter=region server=main messages=OrderPlaced,cancelled
channel replies /channels/replies messages=done
channel unknown /channels/unknown messages=
channel shared /channels/shared address=shared messages=OrderPlaced
send sendAll /operations/sendAll channel=orders messages=OrderPlaced,cancelled
send sendOne /operations/sendOne channel=orders messages=cancelled
send sendNone /operations/sendNone channel=orders messages=
receive ask /operations/ask channel=shared messages=OrderPlaced reply=$message.header#/replyTo done on replies
receive askLocal /operations/askLocal channel=shared messages=OrderPlaced reply= OrderPlaced on orders
`
	if diff := cmp.Diff(want, outline(d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if d.Operations[2].Messages == nil {
		t.Error("no messages are nil, not an empty list")
	}
	placed := d.Channels[0].Messages[0]
	if placed.SchemaFormat.Text != "application/schema+json;version=draft-07" || placed.Payload.Types[0] != "object" {
		t.Errorf("got the message %+v", placed)
	}
	if got := placed.Position.String(); !strings.HasSuffix(got, "contract.yaml:33:5") {
		t.Errorf("the message stands at %s", got)
	}
	if got := d.Channels[0].Position.String(); !strings.HasSuffix(got, "contract.yaml:6:3") {
		t.Errorf("the channel stands at %s", got)
	}
}

func TestMessageNames(t *testing.T) {
	d := mustLoad(t, `
-- contract.yaml --
asyncapi: 3.0.0
info: {title: t, version: '1'}
channels:
  c:
    messages:
      inline: {name: wire}
      component: {$ref: '#/components/messages/Component'}
      file: {$ref: messages.yaml#/InFile}
      inMap: {$ref: messages.yaml#/x/messages/InMap}
      whole: {$ref: whole.yaml}
components: {messages: {Component: {name: wire}}}
-- messages.yaml --
InFile: {name: wire}
x: {messages: {InMap: {}}}
-- whole.yaml --
name: wire
`)
	if got, want := messageNames(d.Channels[0].Messages), "inline,Component,InFile,InMap,whole"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTraits(t *testing.T) {
	const messages = `
components:
  messages:
    m:
      title: own
      contentType: own/type
      headers: {type: object, properties: {a: {type: string}, b: {type: string}}}
      bindings: {amqp: {contentEncoding: gzip}}
      payload: {type: string}
      traits:
        - $ref: '#/components/messageTraits/one'
        - summary: second
          description: second
  messageTraits:
    one:
      title: trait
      summary: first
      headers: {type: object, properties: {b: {type: integer}, c: {type: integer}}}
      bindings: {amqp: {contentEncoding: none, messageType: t}}
      contentType: null
`
	tests := []struct {
		version                                  string
		title, summary, contentType, b, encoding string
		problems                                 []string
	}{
		{
			version: "2.6.0", title: "trait", summary: "second", contentType: "", b: "integer", encoding: "none",
			problems: []string{`contract.yaml:22:20: /components/messageTraits/one/contentType: "contentType" must be a string, found null`},
		},
		{
			version: "3.0.0", title: "own", summary: "second", contentType: "own/type", b: "string", encoding: "gzip",
			problems: []string{`contract.yaml:22:20: /components/messageTraits/one/contentType: "contentType" must be a string, found null`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.version, func(t *testing.T) {
			channels := "channels: {c: {messages: {m: {$ref: '#/components/messages/m'}}}}"
			if tt.version[0] == '2' {
				channels = "channels: {c: {publish: {message: {$ref: '#/components/messages/m'}}}}"
			}
			d, problems := loadArchive(t, "-- contract.yaml --\nasyncapi: "+tt.version+"\ninfo: {title: t, version: '1'}\n"+channels+messages, source.Options{})
			checkProblems(t, problems, tt.problems...)
			m := d.Channels[0].Messages[0]
			got := []string{m.Title, m.Summary, m.Description, m.ContentType, m.AMQP.ContentEncoding, m.AMQP.MessageType}
			if want := []string{tt.title, tt.summary, "second", tt.contentType, tt.encoding, "t"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			var properties []string
			for _, p := range m.Headers.Properties {
				properties = append(properties, p.Name+" "+p.Schema.Types[0])
			}
			if want := []string{"a string", "b " + tt.b, "c integer"}; !slices.Equal(slices.Sorted(slices.Values(properties)), want) {
				t.Errorf("got the headers %q, want %q", properties, want)
			}
			if m.Path != "/components/messages/m" || m.Headers.Path == "" {
				t.Errorf("got the paths %q and %q", m.Path, m.Headers.Path)
			}
		})
	}
}

// The examples of a trait stand beside those of the message: those of a 2.x message, which the trait's
// would replace by JSON Merge Patch, are still checked and tested.
func TestTraitsKeepExamples(t *testing.T) {
	const traits = "traits: [{examples: [{name: one, payload: 1}], headers: {examples: [{a: 1}]}}, {examples: [{name: two, payload: 1}]}]"
	for _, tt := range []struct{ version, message, want, headers string }{
		{"2.6.0", "publish: {message: {examples: [{name: own, payload: 1}], headers: {type: object, examples: [{b: 1}]}, " + traits + "}}", "own one two", "2"},
		{"2.6.0", "publish: {message: {headers: {type: object}, " + traits + "}}", "one two", "1"},
		{"3.0.0", "messages: {m: {examples: [{name: own, payload: 1}], headers: {type: object, examples: [{b: 1}]}, " + traits + "}}", "own", "1"},
		{"3.0.0", "messages: {m: {headers: {type: object}, " + traits + "}}", "two", "1"},
	} {
		m := mustLoad(t, "-- contract.yaml --\nasyncapi: "+tt.version+"\ninfo: {title: t, version: '1'}\nchannels: {c: {"+tt.message+"}}\n").Channels[0].Messages[0]
		var names []string
		for _, e := range m.Examples {
			names = append(names, e.Name)
		}
		if got, headers := strings.Join(names, " "), strconv.Itoa(len(m.Headers.Examples)); got != tt.want || headers != tt.headers {
			t.Errorf("%s: %s: got %q and %s of headers, want %q and %s", tt.version, tt.message, got, headers, tt.want, tt.headers)
		}
	}
}

// Traits that have what the object has, recursively, end: the merge follows each pair of objects once.
// Null in a trait of 2.x, or in the object that has traits in 3.x, removes a field.
func TestTraitsRemoveFields(t *testing.T) {
	for version, message := range map[string]string{
		"2.6.0": "publish: {message: {summary: s, title: t, x-a: 1, traits: [{x-a: null}]}}",
		"3.0.0": "messages: {m: {summary: s, title: t, x-a: null, traits: [{x-a: 1}]}}",
	} {
		d := mustLoad(t, "-- contract.yaml --\nasyncapi: "+version+"\ninfo: {title: t, version: '1'}\nchannels: {c: {"+message+"}}\n")
		if m := d.Channels[0].Messages[0]; m.Extensions["x-a"] != nil || m.Title != "t" || m.Summary != "s" {
			t.Errorf("%s: got %+v", version, m)
		}
	}
}

func TestRecursiveTraits(t *testing.T) {
	for _, version := range []string{"2.6.0", "3.0.0"} {
		d, problems := loadArchive(t, "-- contract.yaml --\nasyncapi: "+version+`
info: {title: t, version: '1'}
channels: {}
components:
  messages:
    m: {headers: {$ref: '#/components/schemas/A'}, traits: [{headers: {$ref: '#/components/schemas/B'}}]}
  schemas:
    A: {type: object, properties: {next: {$ref: '#/components/schemas/A'}}}
    B: {type: object, properties: {next: {$ref: '#/components/schemas/B'}}}
`, source.Options{})
		checkProblems(t, problems)
		if len(d.Schemas) != 2 {
			t.Errorf("%s: got %d schemas", version, len(d.Schemas))
		}
	}
}

func TestServers(t *testing.T) {
	tests := []struct {
		version, server         string
		protocol, host, virtual string
		problem                 string
	}{
		{version: "2.6.0", server: "{url: 'amqp://user:pass@host:5672/shop', protocol: amqp}", protocol: "amqp", host: "host:5672", virtual: "shop"},
		{version: "2.6.0", server: "{url: 'guest:guest@localhost:5672', protocol: AMQP}", protocol: "amqp", host: "localhost:5672"},
		{version: "2.6.0", server: "{url: 'amqps://host/%2Fa%20b', protocol: amqps}", protocol: "amqps", host: "host", virtual: "/a b"},
		{version: "2.6.0", server: "{url: 'amqp://host/?heartbeat=10', protocol: amqp}", protocol: "amqp", host: "host"},
		{version: "2.6.0", server: "{url: 'host', protocol: amqp}", protocol: "amqp", host: "host"},
		{version: "2.6.0", server: "{url: 'wss://host/chat', protocol: wss}", protocol: "wss", host: "host"},
		{
			version: "2.6.0", server: "{url: '{host}:{port}/{vhost}', protocol: amqp, variables: {host: {default: h}, port: {enum: ['1', '2']}, vhost: {}}}",
			protocol: "amqp", host: "{host}:{port}", virtual: "{vhost}",
		},
		{
			version: "2.6.0", server: "{url: 'host', protocol: ':amqp'}", protocol: "amqp", host: "host",
			problem: "contract.yaml:3:38: /servers/s/protocol: warning: the protocol :amqp is read as amqp; write amqp",
		},
		{
			version: "2.6.0", server: "{url: 'host', protocol: amqp, bindings: {amqp: {virtualHost: shop}}}", protocol: "amqp", host: "host", virtual: "shop",
			problem: "contract.yaml:3:75: /servers/s/bindings/amqp/virtualHost: warning: the amqp server binding has no fields; this is read as the virtual host; write it into the server's address",
		},
		{version: "3.0.0", server: "{host: 'host:5672', pathname: /shop, protocol: amqp}", protocol: "amqp", host: "host:5672", virtual: "shop"},
		{version: "3.0.0", server: "{host: 'host:5672', protocol: amqp}", protocol: "amqp", host: "host:5672"},
		{version: "3.0.0", server: "{host: '{h}', pathname: '/{v}', protocol: amqp, variables: {h: {default: x}, v: {default: y}}}", protocol: "amqp", host: "{h}", virtual: "y"},
	}
	for _, tt := range tests {
		d, problems := loadArchive(t, fmt.Sprintf("-- contract.yaml --\nasyncapi: %s\ninfo: {title: t, version: '1'}\nservers: {s: %s}\nchannels: {}\n", tt.version, tt.server), source.Options{})
		if problems != tt.problem {
			t.Errorf("%s: problems:\n%s\nwant:\n%s", tt.server, problems, tt.problem)
		}
		s := d.Servers[0]
		if s.Protocol != tt.protocol || s.Host != tt.host || s.VirtualHost != tt.virtual {
			t.Errorf("%s: got %s, %s, %s", tt.server, s.Protocol, s.Host, s.VirtualHost)
		}
	}
}

// The words about the parts of a contract stand in different places in 2.x and 3.x.
func TestTexts(t *testing.T) {
	want := Texts{Tags: []string{"a", "b"}, URL: "https://example.com"}
	const said = "tags: [{name: a}, {name: b}], externalDocs: {url: 'https://example.com'}"
	for _, contract := range []string{
		"asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\n" + strings.ReplaceAll(said, ", e", "\ne") +
			"\nservers: {s: {url: h, protocol: amqp, tags: [{name: a}, {name: b}]}}\nchannels: {c: {deprecated: true, publish: {" + said + ", message: {" + said + "}}}}\n",
		"asyncapi: 3.0.0\ninfo: {title: t, version: '1', " + said + "}\nservers: {s: {host: h, protocol: amqp, " + said + "}}\nchannels: {c: {" + said + ", messages: {m: {" + said +
			"}}}}\noperations: {o: {action: receive, channel: {$ref: '#/channels/c'}, " + said + "}}\n",
	} {
		d, problems := loadArchive(t, "-- contract.yaml --\n"+contract, source.Options{})
		if problems != "" {
			t.Fatal(problems)
		}
		contractTexts := d.Texts
		contractTexts.Title = ""
		server, channel := d.Servers[0].Texts, d.Channels[0].Texts
		if d.Major() == 2 { // has no such fields there
			server.URL = want.URL
			if !channel.Deprecated {
				t.Error("the channel is not deprecated")
			}
			channel = want
		}
		for what, got := range map[string]Texts{
			"contract": contractTexts, "server": server, "channel": channel, "operation": d.Operations[0].Texts, "message": d.Channels[0].Messages[0].Texts,
		} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", what, d.Version, diff)
			}
		}
	}
}
