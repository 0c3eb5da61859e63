package asyncapi

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/internal/docpage"
)

// content compares models by what they say, not by where it stands.
var content = cmp.Options{
	cmpopts.IgnoreTypes(source.Location{}, source.Position{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Source" || p.Last().String() == ".Dialect" }, cmp.Ignore()),
	cmp.Transformer("json", func(v *source.Value) string {
		if v == nil {
			return ""
		}
		return string(v.AppendJSON(nil))
	}),
}

// bindingContract returns a contract of a version with the amqp bindings of a channel, operation
// and message.
func bindingContract(version, channel, operation, message string) string {
	text := "-- contract.yaml --\nasyncapi: " + version + "\ninfo: {title: t, version: '1'}\n"
	bindings := func(amqp string) string {
		if amqp == "" {
			return "{}"
		}
		return "{amqp: " + amqp + "}"
	}
	if version[0] == '2' {
		return text + fmt.Sprintf("channels:\n  c:\n    bindings: %s\n    publish:\n      bindings: %s\n      message:\n        bindings: %s\n",
			bindings(channel), bindings(operation), bindings(message))
	}
	return text + fmt.Sprintf("channels:\n  c:\n    bindings: %s\n    messages:\n      m:\n        bindings: %s\noperations:\n  o:\n    action: receive\n    channel: {$ref: '#/channels/c'}\n    bindings: %s\n",
		bindings(channel), bindings(message), bindings(operation))
}

func TestChannelBinding(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name, version, binding string
		want                   *ChannelBinding
		problems               []string
	}{
		{
			name: "all fields", version: "2.6.0",
			binding: "{is: routingKey, exchange: {name: e, type: topic, durable: true, autoDelete: false, vhost: /v}, queue: {name: q, durable: true, exclusive: false, autoDelete: true, vhost: w}, bindingVersion: 0.2.0, x-a: 1}",
			want: &ChannelBinding{
				Is: "routingKey", Extensions: source.Extensions{"x-a": {Kind: source.Number, Text: "1"}},
				Exchange: &ExchangeBinding{Name: "e", HasName: true, Type: "topic", Durable: &yes, AutoDelete: &no, VirtualHost: "/v"},
				Queue:    &QueueBinding{Name: "q", HasName: true, Durable: &yes, Exclusive: &no, AutoDelete: &yes, VirtualHost: "w"},
			},
		},
		{
			name: "arguments", version: "3.0.0",
			binding: "{is: queue, queue: {name: '', arguments: {x-max-length: 5}, x-prefetch-count: 3}}",
			want: &ChannelBinding{Is: "queue", Queue: &QueueBinding{
				HasName: true, Arguments: numberIn("x-max-length", "5"), Extensions: source.Extensions{"x-prefetch-count": {Kind: source.Number, Text: "3"}},
			}},
		},
		{
			name: "arguments as an extension", version: "2.0.0",
			binding: "{exchange: {x-arguments: {alternate-exchange: 5}}}",
			want:    &ChannelBinding{Exchange: &ExchangeBinding{Arguments: numberIn("alternate-exchange", "5"), Extensions: source.Extensions{"x-arguments": numberIn("alternate-exchange", "5")}}},
		},
		{
			name: "arguments in both fields", version: "2.0.0",
			binding: "{queue: {x-arguments: {x-max-length: 6}, arguments: {x-max-length: 5}}}",
			want:    &ChannelBinding{Queue: &QueueBinding{Arguments: numberIn("x-max-length", "5"), Extensions: source.Extensions{"x-arguments": numberIn("x-max-length", "6")}}},
		},
		{
			name: "Ruby", version: "2.0.0",
			binding: "{':is': ':routing_key', binding_version: 0.1.0, exchange: {auto_delete: true, type: ':fanout'}}",
			want:    &ChannelBinding{Is: "routingKey", Exchange: &ExchangeBinding{Type: "fanout", AutoDelete: &yes}},
			problems: []string{
				`contract.yaml:5:23: /channels/c/bindings/amqp/:is: warning: ":is" is read as "is"; write "is"`,
				`contract.yaml:5:30: /channels/c/bindings/amqp/:is: warning: ":routing_key" is read as "routingKey"; write "routingKey"`,
				`contract.yaml:5:46: /channels/c/bindings/amqp/binding_version: warning: "binding_version" is read as "bindingVersion"; write "bindingVersion"`,
				`contract.yaml:5:81: /channels/c/bindings/amqp/exchange/auto_delete: warning: "auto_delete" is read as "autoDelete"; write "autoDelete"`,
				`contract.yaml:5:106: /channels/c/bindings/amqp/exchange/type: warning: ":fanout" is read as "fanout"; write "fanout"`,
			},
		},
		{
			name: "names alone", version: "2.6.0", binding: "{queue: q, exchange: e}",
			want: &ChannelBinding{Exchange: &ExchangeBinding{Name: "e", HasName: true}, Queue: &QueueBinding{Name: "q", HasName: true}},
			problems: []string{
				`contract.yaml:5:30: /channels/c/bindings/amqp/queue: warning: a string is read as the name of the queue; write {name: q}`,
				`contract.yaml:5:43: /channels/c/bindings/amqp/exchange: warning: a string is read as the name of the exchange; write {name: e}`,
			},
		},
		{
			name: "wrong in 2.x", version: "2.6.0", binding: "{is: 7, queue: {name: 1, durabel: true, durable: 'yes'}, exchange: {type: x-delayed-message}, zzz: 1}",
			want: &ChannelBinding{Queue: &QueueBinding{}, Exchange: &ExchangeBinding{Type: "x-delayed-message"}},
			problems: []string{
				`contract.yaml:5:27: /channels/c/bindings/amqp/is: warning: "is" must be one of queue, routingKey, found number`,
				`contract.yaml:5:44: /channels/c/bindings/amqp/queue/name: warning: "name" must be a string, found number`,
				`contract.yaml:5:47: /channels/c/bindings/amqp/queue/durabel: warning: "durabel" is not a field of a queue and is ignored; did you mean "durable"?`,
				`contract.yaml:5:71: /channels/c/bindings/amqp/queue/durable: warning: "durable" must be a boolean, found string`,
				`contract.yaml:5:96: /channels/c/bindings/amqp/exchange/type: warning: "type" must be one of topic, direct, fanout, default, headers, found "x-delayed-message"`,
				`contract.yaml:5:116: /channels/c/bindings/amqp/zzz: warning: "zzz" is not a field of the amqp channel binding and is ignored; there are "bindingVersion", "exchange", "is" and "queue"`,
			},
		},
		{
			name: "wrong in 3.x", version: "3.0.0", binding: "{is: routing_key, queue: {durabel: true, durable: 'yes'}, bindingVersion: 0.2.0, zzz: 1}",
			want: &ChannelBinding{Queue: &QueueBinding{}},
			problems: []string{
				`contract.yaml:5:27: /channels/c/bindings/amqp/is: "is" must be one of queue, routingKey, found "routing_key"; did you mean "routingKey"?`,
				`contract.yaml:5:48: /channels/c/bindings/amqp/queue/durabel: warning: "durabel" is not a field of a queue and is ignored; did you mean "durable"?`,
				`contract.yaml:5:72: /channels/c/bindings/amqp/queue/durable: "durable" must be a boolean, found string`,
				`contract.yaml:5:96: /channels/c/bindings/amqp/bindingVersion: "bindingVersion" must be 0.3.0, found "0.2.0"; leave bindingVersion out`,
				`contract.yaml:5:103: /channels/c/bindings/amqp/zzz: "zzz" is not a field of the amqp channel binding; there are "bindingVersion", "exchange", "is" and "queue"`,
			},
		},
		{
			name: "both in 3.x", version: "3.1.0", binding: "{is: queue, queue: {}, exchange: {}}",
			want:     &ChannelBinding{Is: "queue", Queue: &QueueBinding{}, Exchange: &ExchangeBinding{}},
			problems: []string{`contract.yaml:5:22: /channels/c/bindings/amqp: the amqp channel binding has both "exchange" and "queue"; version 0.3.0 takes one; keep "exchange" and name the queue that is bound to it in "x-queue"`},
		},
		{
			name: "neither in 3.x", version: "3.1.0", binding: "{is: queue}",
			want:     &ChannelBinding{Is: "queue"},
			problems: []string{`contract.yaml:5:27: /channels/c/bindings/amqp/is: "is: queue" needs the field "queue"`},
		},
		{
			name: "an extension is not a mistyped field", version: "3.1.0", binding: "{is: queue, x-queue: 7}",
			want:     &ChannelBinding{Is: "queue", Extensions: source.Extensions{"x-queue": {Kind: source.Number, Text: "7"}}},
			problems: []string{`contract.yaml:5:27: /channels/c/bindings/amqp/is: "is: queue" needs the field "queue"`},
		},
		{
			name: "a mistyped field is one problem", version: "3.1.0", binding: "{is: queue, quene: {name: q}}",
			want:     &ChannelBinding{Is: "queue"},
			problems: []string{`contract.yaml:5:34: /channels/c/bindings/amqp/quene: "quene" is not a field of the amqp channel binding; did you mean "queue"?`},
		},
		{
			name: "a long name", version: "3.1.0", binding: "{is: queue, queue: {name: " + strings.Repeat("é", 128) + "}}",
			want:     &ChannelBinding{Is: "queue", Queue: &QueueBinding{Name: strings.Repeat("é", 128), HasName: true}},
			problems: []string{`contract.yaml:5:48: /channels/c/bindings/amqp/queue/name: "name" must be a string of 255 bytes at most, found 256 bytes`},
		},
		{
			name: "no object", version: "2.6.0", binding: "[]",
			problems: []string{`contract.yaml:5:22: /channels/c/bindings/amqp: warning: "amqp" must be an object, found array`},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, problems := loadArchive(t, bindingContract(tt.version, tt.binding, "", ""), source.Options{})
			checkProblems(t, problems, tt.problems...)
			if diff := cmp.Diff(tt.want, d.Channels[0].AMQP, content); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// numberIn returns an object with a field that is a number.
func numberIn(name, number string) *source.Value {
	return &source.Value{Kind: source.Object, Fields: []source.Field{{Name: name, Value: &source.Value{Kind: source.Number, Text: number}}}}
}

func TestOperationBinding(t *testing.T) {
	yes, no := true, false
	expiration, priority := 100000, 9
	tests := []struct {
		name, version, binding string
		want                   *OperationBinding
		problems               []string
	}{
		{
			name: "all fields", version: "2.0.0",
			binding: "{expiration: 1e5, userId: guest, cc: [a, b], bcc: [c], priority: 9, deliveryMode: 2, mandatory: false, replyTo: r, timestamp: true, ack: false, bindingVersion: latest}",
			want: &OperationBinding{
				Expiration: &expiration, UserID: "guest", CC: []string{"a", "b"}, BCC: []string{"c"}, Priority: &priority,
				Persistent: &yes, Mandatory: &no, ReplyTo: "r", Timestamp: &yes, Ack: &no,
			},
		},
		{
			name: "topology", version: "2.6.0",
			binding: "{exchange: {name: e, type: direct}, queue: {name: q}, routingKey: k, cc: k2}",
			want: &OperationBinding{
				Exchange: &ExchangeBinding{Name: "e", HasName: true, Type: "direct"}, Queue: &QueueBinding{Name: "q", HasName: true},
				RoutingKeys: []string{"k"}, CC: []string{"k2"},
			},
			problems: []string{`contract.yaml:7:97: /channels/c/publish/bindings/amqp/cc: warning: "cc" must be an array of strings, found string; write ["k2"]`},
		},
		{
			name: "Ruby", version: "2.0.0", binding: "{routing_key: [a, b], delivery_mode: 1, reply_to: r, app_id: x}",
			want: &OperationBinding{RoutingKeys: []string{"a", "b"}, Persistent: &no, ReplyTo: "r"},
			problems: []string{
				`contract.yaml:7:25: /channels/c/publish/bindings/amqp/routing_key: warning: "routing_key" is read as "routingKey"; write "routingKey"`,
				`contract.yaml:7:46: /channels/c/publish/bindings/amqp/delivery_mode: warning: "delivery_mode" is read as "deliveryMode"; write "deliveryMode"`,
				`contract.yaml:7:64: /channels/c/publish/bindings/amqp/reply_to: warning: "reply_to" is read as "replyTo"; write "replyTo"`,
				`contract.yaml:7:77: /channels/c/publish/bindings/amqp/app_id: warning: "app_id" is not a field of the amqp operation binding and is ignored; a program sets it with runtime.WithAppID`,
			},
		},
		{
			name: "our routing keys", version: "3.0.0", binding: "{x-routing-key: a}",
			want: &OperationBinding{RoutingKeys: []string{"a"}, Extensions: source.Extensions{"x-routing-key": {Kind: source.String, Text: "a"}}},
		},
		{
			name: "wrong in 3.x", version: "3.0.0",
			binding: "{expiration: -1, userId: 1, cc: a, bcc: [1], priority: 1.5, deliveryMode: 3, mandatory: 1, replyTo: r, routingKey: k, exchange: {}}",
			want:    &OperationBinding{CC: []string{"a"}},
			problems: []string{
				`contract.yaml:13:35: /operations/o/bindings/amqp/expiration: "expiration" must be an integer from 0 to 4294967295, found -1`,
				`contract.yaml:13:47: /operations/o/bindings/amqp/userId: "userId" must be a string, found number`,
				`contract.yaml:13:54: /operations/o/bindings/amqp/cc: "cc" must be an array of strings, found string; write ["a"]`,
				`contract.yaml:13:63: /operations/o/bindings/amqp/bcc/0: item 0 of "bcc" must be a string, found number`,
				`contract.yaml:13:77: /operations/o/bindings/amqp/priority: "priority" must be an integer from 0 to 255, found 1.5`,
				`contract.yaml:13:96: /operations/o/bindings/amqp/deliveryMode: "deliveryMode" must be an integer from 1 to 2, found 3; 1 is transient, 2 is persistent`,
				`contract.yaml:13:110: /operations/o/bindings/amqp/mandatory: "mandatory" must be a boolean, found number`,
				`contract.yaml:13:113: /operations/o/bindings/amqp/replyTo: "replyTo" is not a field of the amqp operation binding; version 0.3.0 has removed it: use the operation's "reply"`,
				`contract.yaml:13:125: /operations/o/bindings/amqp/routingKey: "routingKey" is not a field of the amqp operation binding; write "x-routing-key"`,
				`contract.yaml:13:140: /operations/o/bindings/amqp/exchange: "exchange" is not a field of the amqp operation binding; it belongs to the channel's binding`,
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, problems := loadArchive(t, bindingContract(tt.version, "", tt.binding, ""), source.Options{})
			checkProblems(t, problems, tt.problems...)
			if diff := cmp.Diff(tt.want, d.Operations[0].AMQP, content); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessageBinding(t *testing.T) {
	d, problems := loadArchive(t, bindingContract("3.0.0", "", "", "{contentEncoding: gzip, messageType: order, bindingVersion: 0.3.0, x-a: 1, type: x}"), source.Options{})
	checkProblems(t, problems, `contract.yaml:8:101: /channels/c/messages/m/bindings/amqp/type: "type" is not a field of the amqp message binding; write "messageType" into the amqp binding of the message`)
	want := &MessageBinding{ContentEncoding: "gzip", MessageType: "order", Extensions: source.Extensions{"x-a": {Kind: source.Number, Text: "1"}}}
	if diff := cmp.Diff(want, d.Channels[0].Messages[0].AMQP, content); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBindingsOfOthers(t *testing.T) {
	d := mustLoad(t, `
-- contract.yaml --
asyncapi: 3.0.0
info: {title: t, version: '1'}
channels:
  c: {bindings: {kafka: {topic: {$ref: 'https://example.com'}}, amqp: {$ref: '#/components/x-amqp'}}}
  d: {bindings: {$ref: '#/components/channelBindings/b'}}
components:
  channelBindings: {b: {amqp: {is: queue, queue: {name: b}}, mqtt: {$ref: '#/nowhere'}}}
  x-amqp: {is: queue, queue: {name: a}}
`)
	if a, b := d.Channels[0].AMQP.Queue.Name, d.Channels[1].AMQP.Queue.Name; a != "a" || b != "b" {
		t.Errorf("got the queues %q and %q", a, b)
	}
}

// docs/contract.md has a row for each field of the bindings, and no other, and each row here is whole.
func TestDocumentedBindings(t *testing.T) {
	fields := docpage.Part(t, "../docs/contract.md", "fields")
	known := map[string]bool{}
	for _, of := range []struct {
		object string
		table  *source.Table
		later  *source.Table // of 3.x
	}{
		{"server", serverTable, serverTable},
		{"channel", channelTable2.Table, channelTable3.Table},
		{"exchange", exchangeTable.Table, exchangeTable.Table},
		{"queue", queueTable.Table, queueTable.Table},
		{"operation", operationTable2.Table, operationTable3.Table},
		{"message", messageTable2.Table, messageTable3.Table},
	} {
		for _, row := range of.table.Rows {
			versions := "2"
			if slices.ContainsFunc(of.later.Rows, func(later source.Row) bool { return later.Name == row.Name }) {
				versions = "all"
			}
			field := fmt.Sprintf("| `amqp %s.%s` | %s |", of.object, row.Name, versions)
			known[field] = true
			if row.Doc == "" || !strings.Contains(fields, field) {
				t.Errorf("%s of %s has no line about it, or docs/contract.md no row %s", row.Name, of.table.Title, field)
			}
		}
	}
	for _, field := range regexp.MustCompile("\\| `amqp [^|]+ \\| \\w+ \\|").FindAllString(fields, -1) {
		if !known[field] {
			t.Errorf("docs/contract.md has the row %s, and there is no such field", field)
		}
	}
}
