package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// head2 and head3 begin contracts that lack nothing else. They have four lines.
const (
	head2 = "asyncapi: 2.6.0\ninfo: {title: Orders, version: 1.0.0}\nchannels: {}\n\n"
	head3 = "asyncapi: 3.0.0\ninfo: {title: Orders, version: 1.0.0}\n\n\n"
	// open2 has room for channels.
	open2 = "asyncapi: 2.6.0\ninfo: {title: Orders, version: 1.0.0}\n\nchannels:\n"
)

func TestCheckFields(t *testing.T) {
	tests := map[string]struct{ contract, want string }{
		"nothing wrong": {head3, ""},
		"unknown field": {
			head3 + "channel: {}\n",
			`5:1: /channel: "channel" is not a field of a contract; did you mean "channels"?`,
		},
		"unknown field of a close name": {
			"asyncapi: 3.0.0\ninfo:\n  titel: Orders\n  title: Orders\n  version: 1.0.0\n",
			`3:3: /info/titel: "titel" is not a field of info; did you mean "title"?`,
		},
		"missing": {
			"asyncapi: 3.0.0\ninfo:\n  title: Orders\n",
			`3:3: /info: info must have "version"`,
		},
		"missing at the top": {
			"asyncapi: 2.6.0\n",
			"1:1: a contract must have \"info\"\n1:1: a contract must have \"channels\"",
		},
		"wrong kind": {
			"asyncapi: 3.0.0\ninfo: {title: 5, version: 1.0.0}\nchannels: []\n",
			"2:15: /info/title: \"title\" must be a string, found number\n3:11: /channels: \"channels\" must be an object, found array",
		},
		"wrong kind of several": {
			head3 + "channels:\n  orders: {address: 5}\n",
			`6:21: /channels/orders/address: "address" must be a string or null, found number`,
		},
		"wrong kind under a name": {
			head3 + "channels:\n  orders:\n",
			`6:10: /channels/orders: "orders" must be an object, found null`,
		},
		"wrong kind in a list": {
			head2 + "tags: [{name: a}, b]\n",
			`5:19: /tags/1: an item of "tags" must be an object, found string`,
		},
		"wrong choice": {
			head3 + "channels:\n  orders: {}\noperations:\n  place: {action: sent, channel: {$ref: '#/channels/orders'}}\n",
			`8:19: /operations/place/action: "action" must be one of send, receive, found "sent"; did you mean "send"?`,
		},
		"field of a later version": {
			"asyncapi: 2.0.0\ninfo: {title: Orders, version: 1.0.0}\nchannels:\n  orders: {servers: []}\n",
			`4:12: /channels/orders/servers: "servers" of a channel came with AsyncAPI 2.2, this contract is 2.0; set asyncapi to "2.2.0"`,
		},
		"field of 3.0": {
			head2 + "operations: {}\n",
			`5:1: /operations: "operations" of a contract came with AsyncAPI 3.0, this contract is 2.6; before 3.0 they are "publish" and "subscribe" of a channel`,
		},
		"field that is gone": {
			head3 + "channels:\n  orders:\n    publish: {}\nservers:\n  main: {host: localhost, protocol: amqp, url: amqp://localhost}\n",
			`7:5: /channels/orders/publish: "publish" of a channel is gone since AsyncAPI 3.0; write an operation under operations, with "action: receive"
9:43: /servers/main/url: "url" of a server is gone since AsyncAPI 3.0; it is "host" and "pathname" now`,
		},
		"all at once, in the order of the file": {
			"asyncapi: 3.0.0\ninfo: {title: Orders}\nservers:\n  main: {hots: localhost, protocol: 5}\n",
			`2:7: /info: info must have "version"
4:10: /servers/main/hots: "hots" is not a field of a server; did you mean "host"?
4:37: /servers/main/protocol: "protocol" must be a string, found number`,
		},
		"extensions": {
			head3 + "x-team: orders\nx-a.b: 1\nx-: 1\n",
			`7:1: /x-: "x-" is not a field of a contract; there are "asyncapi", "channels", "components", "defaultContentType", "id", "info", "operations" and "servers"`,
		},
		"no extension where none may be": {
			open2 + "  orders:\n    publish:\n      message:\n        examples: [{payload: 1, x-a: 1}]\n",
			`8:33: /channels/orders/publish/message/examples/0/x-a: "x-a" is not a field of an example of a message; there are "headers", "name", "payload" and "summary"`,
		},
		"one of two fields": {
			open2 + "  orders:\n    publish:\n      message:\n        examples: [{name: a}]\n",
			`8:20: /channels/orders/publish/message/examples/0: an example of a message must have "headers" or "payload"`,
		},
		"instead of a message several": {
			open2 + "  orders:\n    publish:\n      message:\n        oneOf: [{name: a}]\n        name: b\n",
			`9:9: /channels/orders/publish/message/name: "name" is not a field of a message with "oneOf"; there is "oneOf"`,
		},
		"reference where none may be": {
			head2 + "tags:\n  - $ref: '#/x-tag'\nx-tag: {name: a}\n",
			`6:5: /tags/0: an item of "tags" must be written here itself, found a reference; replace the reference with what it leads to`,
		},
		"no reference where one must be": {
			head3 + "channels:\n  orders: {}\noperations:\n  place: {action: send, channel: {}}\n",
			`8:34: /operations/place/channel: warning: "channel" must be a reference, found object; write {$ref: "#/..."}`,
		},
		"what a reference leads to, reported where it stands and once": {
			head3 + "channels:\n  a: {$ref: '#/components/channels/c'}\n  b: {$ref: '#/components/channels/c'}\ncomponents:\n  channels:\n    c: {adress: a}\n",
			`10:9: /components/channels/c/adress: "adress" is not a field of a channel; did you mean "address"?`,
		},
		"twice in a set": {
			head2 + "servers:\n  main: {url: localhost, protocol: amqp, variables: {a: {enum: [x, y, x]}}}\n",
			`6:71: /servers/main/variables/a/enum/2: "x" appears twice in "enum"; remove one of them`,
		},
		"tags twice by name": {
			head2 + "tags: [{name: a}, {name: b}, {name: a, description: d}]\n",
			`5:37: /tags/2/name: "a" appears twice in "tags"; remove one of them`,
		},
		"tags since 3.0 may share a name": {
			"asyncapi: 3.0.0\ninfo: {title: Orders, version: 1.0.0, tags: [{name: a}, {name: a, description: d}]}\n",
			"",
		},
		"names of components": {
			head3 + "components:\n  messages:\n    Order Placed: {}\n",
			`7:5: /components/messages/Order Placed: warning: the name "Order Placed" must be of letters, digits, ".", "-" and "_"`,
		},
		"boolean payload since 3.0": {
			head3 + "channels:\n  orders: {messages: {m: {payload: true}}}\n",
			`6:36: /channels/orders/messages/m/payload: "payload" must not be a boolean`,
		},
		"headers of no object": {
			open2 + "  orders:\n    publish:\n      message:\n        headers: {type: string}\n",
			`8:25: /channels/orders/publish/message/headers/type: the type of headers must be "object"`,
		},
		"security scheme of no type": {
			head3 + "components:\n  securitySchemes:\n    a: {type: basic}\n    b: {}\n",
			`7:15: /components/securitySchemes/a/type: "type" must be one of userPassword, apiKey, X509, symmetricEncryption, asymmetricEncryption, httpApiKey, http, oauth2, openIdConnect, plain, scramSha256, scramSha512, gssapi, found "basic"
8:8: /components/securitySchemes/b: a security scheme must have "type"`,
		},
		"security scheme by its type": {
			head3 + "components:\n  securitySchemes:\n    a: {type: apiKey, in: header}\n    b: {type: http, scheme: basic, bearerFormat: JWT}\n    c: {type: http, scheme: bearer, bearerFormat: JWT}\n    d: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a', scopes: {}}}}\n",
			`7:27: /components/securitySchemes/a/in: "in" must be one of user, password, found "header"
8:36: /components/securitySchemes/b/bearerFormat: "bearerFormat" is not a field of a security scheme of type http; there are "description", "scheme" and "type"
10:41: /components/securitySchemes/d/flows/implicit: the implicit flow must have "availableScopes"
10:73: /components/securitySchemes/d/flows/implicit/scopes: "scopes" of the implicit flow is gone since AsyncAPI 3.0; they are "availableScopes" now`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, problemsOf(t, test.contract)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckFormat(t *testing.T) {
	tests := map[string]struct {
		format      *format
		good, wrong []string
	}{
		"uri": {
			uri,
			[]string{"https://example.com/a?b#c", "urn:com:example", "mailto:a@b.c", "https://[::1]:80/%20", "x:"},
			[]string{"", "example.com", "/a", "https://exa mple.com", "https://a/{b}", "https://a/ü", "https://a:b:c/", "a#b#c", "://a"},
		},
		"email": {
			email,
			[]string{"a@b.cd", "a.b+c@sub.example.com"},
			[]string{"", "a", "a@b", "a@b.", "a b@c.de", "@b.cd", "a..b@c.de", "A <a@b.cd>"},
		},
		"runtime expression": {
			runtimeExpression,
			[]string{"$message.header#/correlationId", "$message.payload#/a/b~1c", "$message.header#"},
			[]string{"", "correlationId", "$message.headers#/a", "message.header#/a"},
		},
		"address": {
			addressTemplate,
			[]string{"orders", "user/{id}", "a.b-c_d:*!$", "größe", "{+path}", "{a,b}", "a%20b", "saga.#", "?a=b"},
			[]string{"", "a b", "{user-id}", "{a.b}", "{", "a}", "{}", "a%2", "a\\b", "<a>"},
		},
		"component": {componentKey, []string{"a.B-c_1", "a.b.C$D", "in-queue:_:[Handle,Other]:Message", "user/signedup", "List<Order>", "List«Order»", "Order`1", "A+B"}, []string{"", "a b", "a#b", "ä"}},
		"server":    {serverName, []string{"main-1_a"}, []string{"", "a.b", "a b"}},
	}
	for name, test := range tests {
		for _, s := range test.good {
			if !test.format.ok(s) {
				t.Errorf("%s: %q is refused", name, s)
			}
		}
		for _, s := range test.wrong {
			if test.format.ok(s) {
				t.Errorf("%s: %q is accepted", name, s)
			}
		}
	}
}

// Every object that the tables name is there, and no two rows of a field hold for one version.
func TestObjects(t *testing.T) {
	used := map[string]bool{"contract": true}
	var walk func(s valueType)
	walk = func(s valueType) {
		used[s.object] = true
		for _, inner := range []*valueType{s.values, s.items} {
			if inner != nil {
				walk(*inner)
			}
		}
	}
	for name, o := range objects {
		for i, f := range o.fields {
			walk(f.is)
			for _, g := range o.fields[:i] {
				if f.name == g.name && f.in.from <= g.in.to && g.in.from <= f.in.to {
					t.Errorf("%s: two rows of %q hold for one version", name, f.name)
				}
			}
			if f.in.from > f.in.to {
				t.Errorf("%s: %q is in no version", name, f.name)
			}
		}
		for _, i := range o.variants {
			used[i.object] = true
		}
		for moved := range o.moved {
			if !hasRow(o, moved) {
				t.Errorf("%s: %q has moved but is no row", name, moved)
			}
		}
	}
	delete(used, "")
	for name := range used {
		if _, ok := objects[name]; !ok {
			t.Errorf("no object %q", name)
		}
	}
	for name := range objects {
		if !used[name] {
			t.Errorf("object %q is not used", name)
		}
	}
}

func hasRow(o object, name string) bool {
	for _, f := range o.fields {
		if f.name == name {
			return true
		}
	}
	return false
}
