package plan_test

import (
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator/plan"
	"github.com/scampgen/scampgen/generator/plan/topology"
)

// A producer belongs to where messages are published, a consumer to its queue.
func TestSubscribers(t *testing.T) {
	cases := []struct{ name, contract, want string }{
		{
			"two operations that receive: one producer, which declares both queues", `
channels:
  placed:
    address: orders.{region}.confirmed
    parameters: {region: {}}
    messages: {Placed: {payload: {type: object}}}
    bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}}
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing}}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: shipping}}}`,
			`package billing queue billing, consumer only
  Placed -> nowhere
  declare exchange shop topic durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "orders.*.confirmed"
package ordersregionconfirmed, producer only
  Placed -> "shop" "orders.{region}.confirmed"
  declare exchange shop topic durable=true
  declare queue billing durable=true
  declare queue shipping durable=true
  declare binding "billing" from shop by "orders.*.confirmed"
  declare binding "shipping" from shop by "orders.*.confirmed"
package shipping queue shipping, consumer only
  Placed -> nowhere
  declare exchange shop topic durable=true
  declare queue shipping durable=true
  declare binding "shipping" from shop by "orders.*.confirmed"`,
		},
		{
			"an operation that sends, and one queue: one package", `
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}}
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing}}}`,
			`package billing queue billing
  Placed -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"`,
		},
		{
			"the queue of the channel and one of an operation", `
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: billing}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: shipping}}}`,
			`package billing queue billing, consumer only
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"
package placed, producer only
  Placed -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare queue shipping durable=true
  declare binding "billing" from shop by "placed"
  declare binding "shipping" from shop by "placed"
package shipping queue shipping, consumer only
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue shipping durable=true
  declare binding "shipping" from shop by "placed"`,
		},
		{
			"two channels of a fanout exchange: each queue takes the messages of both", `
channels:
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: all, type: fanout}, x-queue: first}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: all, type: fanout}, x-queue: second}}}`,
			`package a, producer only
  A -> "all" "a"
  declare exchange all fanout durable=true
  declare queue first durable=true
  declare queue second durable=true
  declare binding "first" from all by "a"
  declare binding "second" from all by "b"
package b, producer only
  B -> "all" "b"
  declare exchange all fanout durable=true
  declare queue first durable=true
  declare queue second durable=true
  declare binding "first" from all by "a"
  declare binding "second" from all by "b"
package first queue first, consumer only
  A -> nowhere
  B -> nowhere
  declare exchange all fanout durable=true
  declare queue first durable=true
  declare binding "first" from all by "a"
package second queue second, consumer only
  A -> nowhere
  B -> nowhere
  declare exchange all fanout durable=true
  declare queue second durable=true
  declare binding "second" from all by "b"`,
		},
		{
			"a pattern takes the messages of another channel, whose producer declares its queue too", `
channels:
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}, x-queue: billing}}}
  log: {address: 'order.#', messages: {Any: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}, x-queue: audit}}}`,
			`package audit queue audit, consumer only
  Any -> nowhere
  declare exchange shop topic durable=true
  declare queue audit durable=true
  declare binding "audit" from shop by "order.#"
package billing queue billing, consumer only
  Placed -> nowhere
  declare exchange shop topic durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "order.placed"
package orderplaced, producer only
  Placed -> "shop" "order.placed"
  declare exchange shop topic durable=true
  declare queue audit durable=true
  declare queue billing durable=true
  declare binding "audit" from shop by "order.#"
  declare binding "billing" from shop by "order.placed"`,
		},
		{
			"only a pattern takes the messages: whoever wants them still brings a queue", `
channels:
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}}
  log: {address: '#', messages: {Any: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}, x-queue: audit}}}`,
			`package audit queue audit, consumer only
  Any -> nowhere
  declare exchange shop topic durable=true
  declare queue audit durable=true
  declare binding "audit" from shop by "#"
package orderplaced
  Placed -> "shop" "order.placed"
  declare exchange shop topic durable=true
  declare queue audit durable=true
  declare binding "audit" from shop by "#"
  consumer exchange shop topic durable=true
  consumer queue given
  consumer binding "" from shop by "order.placed"`,
		},
		{
			"x-bindings of queues: their consumers take the messages", `
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: a, x-bindings: [{exchange: shop, routingKey: placed}]}}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: b, x-bindings: [{exchange: shop, routingKey: placed}]}}}}`,
			`package a queue a
  A -> "" "a"
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue a durable=true
  declare binding "a" from shop by "placed"
package b queue b
  B -> "" "b"
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue b durable=true
  declare binding "b" from shop by "placed"
package placed, producer only
  Placed -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue a durable=true
  declare queue b durable=true
  declare binding "a" from shop by "placed"
  declare binding "b" from shop by "placed"`,
		},
		{
			"two channels with one address: one producer, and both messages for both queues", `
channels:
  a: {address: k, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: first}}}
  b: {address: k, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: second}}}`,
			`package first queue first, consumer only
  A -> nowhere
  B -> nowhere
  declare exchange shop direct durable=true
  declare queue first durable=true
  declare binding "first" from shop by "k"
package k, producer only
  A -> "shop" "k"
  B -> "shop" "k"
  declare exchange shop direct durable=true
  declare queue first durable=true
  declare queue second durable=true
  declare binding "first" from shop by "k"
  declare binding "second" from shop by "k"
package second queue second, consumer only
  A -> nowhere
  B -> nowhere
  declare exchange shop direct durable=true
  declare queue second durable=true
  declare binding "second" from shop by "k"`,
		},
		{
			"a queue of two channels, one of which leads to another queue too", `
channels:
  moved: {address: moved, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: first}}}
  placed: {address: placed, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: first}}}
operations:
  receive: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: second}}}`,
			`package first queue first
  M -> "shop" "moved"
  P -> nowhere
  declare exchange shop direct durable=true
  declare queue first durable=true
  declare binding "first" from shop by "moved"
  declare binding "first" from shop by "placed"
package placed, producer only
  P -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue first durable=true
  declare queue second durable=true
  declare binding "first" from shop by "moved"
  declare binding "first" from shop by "placed"
  declare binding "second" from shop by "placed"
package second queue second, consumer only
  P -> nowhere
  declare exchange shop direct durable=true
  declare queue second durable=true
  declare binding "second" from shop by "placed"`,
		},
		{
			"who receives may bind with a pattern: who sends uses the address", `
channels:
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}}
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing, x-routing-key: 'order.#'}}}`,
			`package billing queue billing
  Placed -> "shop" "order.placed"
  declare exchange shop topic durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "order.#"`,
		},
		{
			"an exclusive queue is declared by its consumer alone", `
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
operations:
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing}}}
  watch: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: {name: mine, exclusive: true}}}}`,
			`package billing queue billing, consumer only
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"
package mine queue mine, consumer only
  Placed -> nowhere
  declare exchange shop direct durable=true
  consumer exchange shop direct durable=true
  consumer queue mine durable=true
  consumer binding "mine" from shop by "placed"
package placed, producer only
  Placed -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"`,
		},
		{
			"copies go to a further queue", `
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: billing, x-routing-key: placed}}}
  copy: {address: copy, messages: {Copy: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}, x-queue: audit}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {cc: [copy]}}}`,
			`package audit queue audit
  Copy -> "shop" "copy"
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue audit durable=true
  declare binding "audit" from shop by "copy"
package billing queue billing, consumer only
  Placed -> nowhere
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"
package placed, producer only
  Placed -> "shop" "placed" cc ["copy"]
  declare exchange shop direct durable=true
  declare queue audit durable=true
  declare queue billing durable=true
  declare binding "audit" from shop by "copy"
  declare binding "billing" from shop by "placed"`,
		},
		{
			"one key on two exchanges: packages named after the channels", `
channels:
  depotMoved: {address: moved, messages: {D: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: depots, type: topic}}}}
  vanMoved: {address: moved, messages: {V: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: vans, type: topic}}}}`,
			`package depotmoved
  D -> "depots" "moved"
  declare exchange depots topic durable=true
  consumer exchange depots topic durable=true
  consumer queue given
  consumer binding "" from depots by "moved"
package vanmoved
  V -> "vans" "moved"
  declare exchange vans topic durable=true
  consumer exchange vans topic durable=true
  consumer queue given
  consumer binding "" from vans by "moved"`,
		},
		{
			"a queue and an address of one name: the address's package is named after its channel", `
channels:
  placed: {address: orders, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: fanout}}}}
  work: {address: orders, messages: {W: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: orders}}}}`,
			`package orders queue orders
  W -> "" "orders"
  declare queue orders durable=true
package placed
  P -> "shop" "orders"
  declare exchange shop fanout durable=true
  consumer exchange shop fanout durable=true
  consumer queue given
  consumer binding "" from shop by "orders"`,
		},
		{
			"x-go-name of the channel names its producer, that of the queue its consumer", `
channels:
  placed: {x-go-name: placing, address: placed, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
operations:
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: {name: billing, x-go-name: bills}}}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: shipping}}}`,
			`package bills queue billing, consumer only
  P -> nowhere
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare binding "billing" from shop by "placed"
package placing, producer only
  P -> "shop" "placed"
  declare exchange shop direct durable=true
  declare queue billing durable=true
  declare queue shipping durable=true
  declare binding "billing" from shop by "placed"
  declare binding "shipping" from shop by "placed"
package shipping queue shipping, consumer only
  P -> nowhere
  declare exchange shop direct durable=true
  declare queue shipping durable=true
  declare binding "shipping" from shop by "placed"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { compareQueues(t, mustBuild(t, header3+c.contract+"\n").Clients, c.want) })
	}
}

const twoSubscribers = header3 + `
channels:
  placed: {address: placed, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
operations:
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing}}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: shipping}}}
`

func TestSidesOfSubscribers(t *testing.T) {
	for name, c := range map[string]struct {
		options plan.Options
		want    string
	}{
		"producers": {plan.Options{Side: topology.ProducerSide}, "placed"},
		"consumers": {plan.Options{Side: topology.ConsumerSide}, "billing shipping"},
		"a package by the name of its queue": {
			plan.Options{Channels: map[string]topology.ChannelOptions{"billing": {Package: "bills"}}}, "bills placed shipping",
		},
	} {
		p, problems := build(t, twoSubscribers, c.options)
		if problems != nil {
			t.Fatal(problems)
		}
		var got []string
		for _, client := range p.Clients {
			got = append(got, client.Package.Name)
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: the packages are %s, want %s", name, all, c.want)
		}
	}
}

// A consumer of several messages goes by their types, so it has to know all that its queue takes.
func TestMessagesWithoutHandler(t *testing.T) {
	contract := func(messages string) string {
		return header3 + `channels:
  placed: {address: order.placed, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}}
  log: {address: log, messages: {` + messages + `}, bindings: {amqp: {is: queue, queue: {name: audit, x-bindings: [{exchange: shop, routingKey: 'order.*'}]}}}}
`
	}
	for messages, want := range map[string]string{
		"Any: {payload: {type: object}}":                             "",
		"A: {payload: {type: object}}, P: {payload: {type: object}}": "",
		"A: {payload: {type: object}}, B: {payload: {type: object}}": `contract.yaml:6:124: /channels/log/bindings/amqp/queue: warning: queue "audit" also takes the message P of channel "placed", ` +
			`and its consumer has no handler for it; add the message to a channel of the queue`,
	} {
		if _, problems := build(t, contract(messages), plan.Options{}); problems.Error() != want {
			t.Errorf("%s: the problems are %v, want %s", messages, problems, want)
		}
	}
}

// Where dead letters go is known, or a mistake.
func TestDeadLetters(t *testing.T) {
	for name, c := range map[string]struct{ queue, more, want string }{
		"an exchange that no queue is bound to": {
			queue: `x-dead-letter: {exchange: dead}`,
			want: `the dead letters of queue "work" go nowhere: no other queue of the contract takes the key "work" from exchange "dead"; ` +
				`name their queue with x-dead-letter: {exchange: dead, queue: ...}, or write external: true there if the contract has no such queue`,
		},
		"the same as an argument": {
			queue: `arguments: {x-dead-letter-exchange: dead}`,
			want:  `the dead letters of queue "work" go nowhere: no other queue of the contract takes the key "work" from exchange "dead"`,
		},
		"a key that no queue is bound with": {
			queue: `x-dead-letter: {exchange: dead, routingKey: lost}`,
			more: `
  dead: {address: dead, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: dead, type: direct}, x-queue: dead}}}`,
			want: `the dead letters of queue "work" go nowhere: no other queue of the contract takes the key "lost" from exchange "dead"`,
		},
		"the default exchange, and no queue": {
			queue: `arguments: {x-dead-letter-exchange: ''}`,
			want:  `the dead letters of queue "work" go nowhere: no other queue of the contract takes the key "work" from the default exchange`,
		},
		"only external": {queue: `x-dead-letter: {external: true}`, want: `the dead letters go nowhere`},
		"its own queue": {queue: `x-dead-letter: work`, want: `a queue cannot take its own dead letters`},
		"external":      {queue: `x-dead-letter: {exchange: dead, external: true}`},
		"external, with the argument": {
			queue: `arguments: {x-dead-letter-exchange: dead}, x-dead-letter: {external: true}`,
		},
		"a queue beside the argument": {
			queue: `arguments: {x-dead-letter-exchange: dead}, x-dead-letter: {queue: work.dead}`,
		},
		"a queue that a channel binds": {
			queue: `arguments: {x-dead-letter-exchange: dead, x-dead-letter-routing-key: work.failed}`,
			more: `
  dead: {address: work.failed, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: dead, type: topic}, x-queue: dead}}}`,
		},
		"a queue that x-bindings binds": {
			queue: `x-dead-letter: {exchange: dead}`,
			more: `
  dead: {address: dead, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: dead, x-bindings: [{exchange: dead, routingKey: work}]}}}}`,
		},
		"the queue of another's dead letters": {
			queue: `x-dead-letter: {exchange: dead, routingKey: other.dead}`,
			more: `
  other: {address: other, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-dead-letter: {exchange: dead, queue: other.dead}}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			contract := header3 + `channels:
  work: {address: work, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {` + c.queue + `}}}}` + c.more + "\n"
			p, problems := build(t, contract, plan.Options{})
			if c.want != "" {
				if p != nil || !strings.Contains(problems.Error(), c.want) {
					t.Errorf("the problems are %v, want %s", problems, c.want)
				}
				return
			}
			if problems != nil {
				t.Error(problems)
			}
		})
	}
}

// Everything that takes dead letters is declared with the queue, so that the broker has it before the
// first message fails.
func TestDeclaredDeadLetters(t *testing.T) {
	p := mustBuild(t, header3+`channels:
  work: {address: work, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: quorum,
    arguments: {x-dead-letter-exchange: '', x-dead-letter-routing-key: work.dead}}}}}
  late: {address: late, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-dead-letter: {exchange: dead}}}}}
  dead: {address: late, messages: {M: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: dead, type: direct}, x-queue: {name: late.dead, x-dead-letter: last}}}}
`)
	compareQueues(t, p.Clients, `package late queue late
  M -> "" "late"
  declare exchange dead direct durable=true
  declare queue last durable=true
  declare queue late durable=true x-dead-letter-exchange=dead
  declare queue late.dead durable=true x-dead-letter-exchange= x-dead-letter-routing-key=last
  declare binding "late.dead" from dead by "late"
package latedead queue late.dead
  M -> "dead" "late"
  declare exchange dead direct durable=true
  declare queue last durable=true
  declare queue late.dead durable=true x-dead-letter-exchange= x-dead-letter-routing-key=last
  declare binding "late.dead" from dead by "late"
package work queue work
  M -> "" "work"
  declare queue work durable=true x-dead-letter-exchange= x-dead-letter-routing-key=work.dead x-queue-type=quorum
  declare queue work.dead durable=true x-queue-type=quorum`)
}

// What is declared has one name: no parameter can be filled in.
func TestParametersInNames(t *testing.T) {
	for _, c := range []struct{ binding, want string }{
		{`is: queue, queue: {name: 'orders.{region}'}`, `the name of queue "orders.{region}" has the parameter {region}: it is declared once, with one name; ` +
			`write a name without braces, or leave the queue out: then the consumer's constructor has a parameter for it`},
		{`is: routingKey, exchange: {name: 'shop.{region}', type: topic}`, `the name of exchange "shop.{region}" has the parameter {region}: it is declared once, with one name; write a name without braces`},
		{`is: routingKey, exchange: {name: shop, type: topic}, x-queue: 'q.{region}'`, `the name of queue "q.{region}" has the parameter {region}`},
		{`is: queue, queue: {name: q, x-dead-letter: 'dead.{region}'}`, `the name of queue "dead.{region}" has the parameter {region}`},
		{`is: queue, queue: {name: q, x-dead-letter: {exchange: 'dead.{region}', external: true}}`, `the name of exchange "dead.{region}" has the parameter {region}`},
		{`is: queue, queue: {name: q, arguments: {x-dead-letter-exchange: 'dead.{region}'}}`, `the name of exchange "dead.{region}" has the parameter {region}`},
		{`is: queue, queue: {name: q, x-dead-letter: {exchange: dead, queue: d, routingKey: '{region}'}}`, `the routing key "{region}" of dead letters has a parameter`},
		{`is: queue, queue: {name: q, x-bindings: [{exchange: 'shop.{region}'}]}`, `the name of exchange "shop.{region}" has the parameter {region}`},
	} {
		contract := header3 + `channels:
  a: {address: 'orders.{region}', parameters: {region: {}}, messages: {M: {payload: {type: object}}}, bindings: {amqp: {` + c.binding + "}}}\n"
		if p, problems := build(t, contract, plan.Options{}); p != nil || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s: the problems are %v", c.binding, problems)
		}
	}
}

func TestRefusedSubscribers(t *testing.T) {
	for name, c := range map[string]struct{ contract, want string }{
		"two queues and no exchange": {
			`
channels:
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}}
operations:
  place: {action: send, channel: {$ref: '#/channels/placed'}}
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: billing}}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: shipping}}}`,
			`contract.yaml:6:3: /channels/placed: the operations of channel "placed" name several queues, such as "billing" and "shipping", and no exchange: ` +
				`the default exchange gives a message to one queue; give the channel's binding an exchange`,
		},
		"two addresses and channels of one name": {
			`
channels:
  van-moved: {address: moved, messages: {D: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: depots, type: topic}}}}
  vanMoved: {address: moved, messages: {V: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: vans, type: topic}}}}`,
			`contract.yaml:7:3: /channels/vanMoved: channel "vanMoved" and channel "van-moved" at contract.yaml:6:3 have conflicting Go name vanmoved in the output folder; ` +
				`set x-go-name on one of the channels or queues, or write in scampgen.yaml channels: {vanMoved: {package: ...}} or channels: {van-moved: {package: ...}}`,
		},
		"the queues of two subscribers": {
			`
channels:
  placed: {address: placed, messages: {P: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: direct}}}}
operations:
  bill: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: a.b}}}
  ship: {action: receive, channel: {$ref: '#/channels/placed'}, bindings: {amqp: {x-queue: a-b}}}`,
			`contract.yaml:9:92: /operations/ship/bindings/amqp/x-queue: queue "a-b" and queue "a.b" at contract.yaml:8:92 have conflicting Go name ab in the output folder; ` +
				`set x-go-name on one of the channels or queues, or write in scampgen.yaml channels: {a-b: {package: ...}} or channels: {a.b: {package: ...}}`,
		},
	} {
		t.Run(name, func(t *testing.T) { wantProblem(t, header3+c.contract+"\n", c.want) })
	}
}

// A channel whose routing key is not known is apart from one whose routing key is empty.
func TestUnknownKeyBesideTheEmptyOne(t *testing.T) {
	p := mustBuild(t, header3+`channels:
  known: {address: '', messages: {K: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}}
  other: {address: null, messages: {U: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: shop, type: topic}}}}
`)
	compareQueues(t, p.Clients, `package known
  K -> "shop" ""
  declare exchange shop topic durable=true
  consumer exchange shop topic durable=true
  consumer queue given
  consumer binding "" from shop by ""
package other, consumer only
  U -> nowhere
  declare exchange shop topic durable=true
  consumer exchange shop topic durable=true
  consumer queue given`)
}
