package spec

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/scampgen/scampgen/asyncapi/source"
)

func TestRules(t *testing.T) {
	tests := map[string]struct{ contract, want string }{
		"variable of a server not defined": {
			head2 + "servers:\n  main: {url: '{host}:{port}', protocol: amqp, variables: {prot: {}, host: {}}}\n",
			`6:59: /servers/main/variables: "variables" does not define {port} of the url; add what is missing, or take it out of the url
6:60: /servers/main/variables/prot: the url has no {prot}; did you mean "port"?`,
		},
		"variables of a server missing altogether": {
			head2 + "servers:\n  main: {url: '{host}', protocol: amqp}\n",
			`6:9: /servers/main: "variables" does not define {host} of the url; add what is missing, or take it out of the url`,
		},
		"operationId of the last trait": {
			open2 + "  a: {publish: {operationId: x, traits: [{operationId: y}, {operationId: z}]}}\n  b: {publish: {operationId: z}}\n  c: {publish: {operationId: y}}\n",
			`6:30: /channels/b/publish/operationId: operationId "z" is not unique: it is also at 5:74`,
		},
		"query and fragment in an address": {
			open2 + "  saga.#: {}\n  orders?id=1: {}\n",
			`5:3: /channels/saga.#: the name of a channel must have no "?" and no "#", found "saga.#"; write what the # stands for as a {parameter}
6:3: /channels/orders?id=1: the name of a channel must have no "?" and no "#", found "orders?id=1"; write what the # stands for as a {parameter}`,
		},
		"query and fragment in a name": {
			head3 + "channels:\n  saga.#: {address: saga.#}\n",
			`6:3: /channels/saga.#: the name of a channel must have no "?" and no "#", found "saga.#"; give the channel another name and let "address" have it`,
		},
		"parameters of a channel": {
			open2 + "  orders/{id}:\n    parameters: {ib: {}}\n  users/{id}: {}\n  carts: {parameters: {id: {}}}\n",
			`6:17: /channels/orders~1{id}/parameters: "parameters" does not define {id} of the address; add what is missing, or take it out of the address
6:18: /channels/orders~1{id}/parameters/ib: the address has no {ib}; did you mean "id"?`,
		},
		"parameters of an address": {
			head3 + "channels:\n  orders: {address: 'orders.{id}', parameters: {}}\n  users: {address: 'users.{id}'}\n  carts: {address: null, parameters: {id: {}}}\n",
			`6:48: /channels/orders/parameters: "parameters" does not define {id} of the address; add what is missing, or take it out of the address
8:39: /channels/carts/parameters/id: the address has no {id}`,
		},
		"servers of a channel": {
			open2 + "  orders: {servers: [main, mian]}\nservers:\n  main: {url: localhost, protocol: amqp}\n",
			`5:28: /channels/orders/servers/1: there is no server "mian"; did you mean "main"?`,
		},
		"servers of a channel by reference": {
			head3 + "channels:\n  orders: {servers: [{$ref: '#/components/servers/main'}]}\ncomponents:\n  servers:\n    main: {host: localhost, protocol: amqp}\n",
			`6:22: /channels/orders/servers/0: a server of a channel must be one of the contract's: #/servers/..., found #/components/servers/main; list the server under servers too and refer to it there`,
		},
		"operationId twice": {
			open2 + "  orders:\n    publish: {operationId: place}\n    subscribe: {operationId: place}\n  carts:\n    publish: {operationId: empty}\n",
			`6:28: /channels/orders/publish/operationId: operationId "place" is not unique: it is also at 7:30`,
		},
		"operationId twice by a trait": {
			open2 + "  orders:\n    publish: {operationId: place}\n  carts:\n    publish: {traits: [{operationId: place}]}\n",
			`8:38: /channels/carts/publish/traits/0/operationId: operationId "place" is not unique: it is also at 6:28`,
		},
		"messageId twice": {
			open2 + "  orders:\n    publish: {message: {oneOf: [{messageId: m, name: a}, {messageId: m, name: b}]}}\n",
			`6:70: /channels/orders/publish/message/oneOf/1/messageId: messageId "m" is not unique: it is also at 6:45`,
		},
		"messageId of a message used twice": {
			open2 + "  a:\n    publish: {message: {$ref: '#/components/messages/m'}}\n    subscribe: {message: {$ref: '#/components/messages/m'}}\ncomponents:\n  messages: {m: {messageId: m}}\n",
			"",
		},
		"channel of an operation": {
			head3 + "components:\n  channels: {orders: {}}\noperations:\n  place: {action: send, channel: {$ref: '#/components/channels/orders'}}\n",
			`8:34: /operations/place/channel: the channel of an operation must be one of the contract's: #/channels/..., found #/components/channels/orders; list the channel under channels too and refer to it there`,
		},
		"message of an operation": {
			head3 + "channels:\n  orders: {messages: {m: {$ref: '#/components/messages/m'}}}\noperations:\n  place: {action: send, channel: {$ref: '#/channels/orders'}, messages: [{$ref: '#/channels/orders/messages/m'}, {$ref: '#/components/messages/m'}]}\ncomponents:\n  messages: {m: {}}\n",
			`8:114: /operations/place/messages/1: a message of an operation must be one of its channel: #/channels/orders/messages/..., found #/components/messages/m; list the message in the channel and refer to it there`,
		},
		"message of an operation without a reference to its channel": {
			head3 + "channels:\n  orders: {messages: {m: {}}}\noperations:\n  place: {action: send, channel: {address: a}, messages: [{$ref: '#/channels/orders/messages/m'}]}\n",
			`8:34: /operations/place/channel: warning: "channel" must be a reference, found object; write {$ref: "#/..."}
8:59: /operations/place/messages/0: a message of an operation must be one of its channel, which is no reference here; refer to the channel`,
		},
		"security": {
			open2 + `  orders:
    publish: {security: [{oauth: [write, reed]}, {basic: [read]}, {oath: []}]}
components:
  securitySchemes:
    basic: {type: userPassword}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a.b', scopes: {read: r, write: w}}}}
`,
			`6:42: /channels/orders/publish/security/0/oauth/1: the security scheme "oauth" has no scope "reed"; did you mean "read"?
6:58: /channels/orders/publish/security/1/basic: the security scheme "basic" has no scopes: the list must be empty; write []
6:68: /channels/orders/publish/security/2/oath: there is no security scheme "oath"; did you mean "oauth"?`,
		},
		"security of a server": {
			head2 + "servers:\n  main: {url: localhost, protocol: amqp, security: [{basic: []}]}\n",
			`6:54: /servers/main/security/0/basic: there is no security scheme "basic"`,
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

func TestBindingsOfOtherProtocols(t *testing.T) {
	tests := map[string]struct{ contract, want string }{
		"are not looked into": {
			head3 + "channels:\n  orders: {bindings: {kafka: {partitions: 0, schema: {$ref: './no.avsc'}}, ws: 5, mqtt: {$ref: './no.yaml'}}}\n",
			"",
		},
		"are not looked into before 3.0": {
			open2 + "  orders: {bindings: {kafka: {partitions: 0, bindingVersion: 9.9.9}, mqtt: none}}\n",
			"",
		},
		"no protocol": {
			head3 + "channels:\n  orders: {bindings: {kafak: {}, ampq: {}}}\n",
			`6:23: /channels/orders/bindings/kafak: "kafak" is not a field of channel bindings; did you mean "kafka"?
6:34: /channels/orders/bindings/ampq: "ampq" is not a field of channel bindings; did you mean "amqp"?`,
		},
		"a protocol of a later version": {
			head3 + "channels:\n  orders: {bindings: {ros2: {}}}\n",
			`6:23: /channels/orders/bindings/ros2: "ros2" of channel bindings came with AsyncAPI 3.1, this contract is 3.0; set asyncapi to "3.1.0"`,
		},
		"before 3.0 any protocol": {open2 + "  orders: {bindings: {rosso: {}, ros2: {}, x-amqq: {}}}\n", ""},
		"nearly a protocol before 3.0": {
			open2 + "  orders: {bindings: {ampq: {}, AMQP: {}}, publish: {bindings: {kafak: {}}}}\n",
			`5:23: /channels/orders/bindings/ampq: warning: "ampq" is not a field of channel bindings, so it is ignored; did you mean "amqp"?
5:33: /channels/orders/bindings/AMQP: warning: "AMQP" is not a field of channel bindings, so it is ignored; did you mean "amqp"?
5:65: /channels/orders/publish/bindings/kafak: warning: "kafak" is not a field of operation bindings, so it is ignored; did you mean "kafka"?`,
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

// A contract that is wrong in many places with many or long names is refused as soon as one with few.
func TestDidYouMeanOfMuch(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	if hint := source.DidYouMean(long, []string{long + "b"}); hint != "" {
		t.Errorf("got %.40q", hint)
	}
	many := make([]string, 10_000)
	many[9_999] = "main"
	if hint := source.DidYouMean("mian", many); hint != "" {
		t.Errorf("got %.40q", hint)
	}
}
