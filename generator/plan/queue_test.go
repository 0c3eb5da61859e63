package plan_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scampgen/scampgen/generator/plan"
)

// The ways in which contracts describe RabbitMQ, as found in public documents. Each
// is a channel; the header is the same for all.
func TestQueues(t *testing.T) {
	cases := []struct {
		name     string
		channels string
		want     string
	}{
		{
			"no binding: the address is the queue on the default exchange",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}}}`,
			`package orderplaced queue order.placed
  Placed -> "" "order.placed"
  declare queue order.placed durable=true`,
		},
		{
			"is queue: the address names it",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: queue, queue: {durable: false, autoDelete: true}}}}`,
			`package orderplaced queue order.placed
  Placed -> "" "order.placed"
  declare queue order.placed durable=false`,
		},
		{
			"is queue: its own name comes before the address",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: queue, queue: {name: orders, arguments: {x-max-length: 10}}}}}`,
			`package orders queue orders
  Placed -> "" "orders"
  declare queue orders durable=true x-max-length=10`,
		},
		{
			"is routingKey: the address is the key, and no queue is named",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: topic, durable: true}}}}`,
			`package orderplaced
  Placed -> "orders" "order.placed"
  declare exchange orders topic durable=true
  consumer exchange orders topic durable=true
  consumer queue given
  consumer binding "" from orders by "order.placed"`,
		},
		{
			"x-queue: the queue behind a routing key",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: topic}, x-queue: shipping}}}`,
			`package shipping queue shipping
  Placed -> "orders" "order.placed"
  declare exchange orders topic durable=true
  declare queue shipping durable=true
  declare binding "shipping" from orders by "order.placed"`,
		},
		{
			"x-queue with all that a queue can have",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: topic}, x-queue: {name: shipping,
      x-queue-type: quorum, x-dead-letter: shipping.dead, x-bindings: [{exchange: orders, routingKey: order.moved}]}}}}`,
			`package shipping queue shipping
  Placed -> "orders" "order.placed"
  declare exchange orders topic durable=true
  declare queue shipping durable=true x-dead-letter-exchange= x-dead-letter-routing-key=shipping.dead x-queue-type=quorum
  declare queue shipping.dead durable=true x-queue-type=quorum
  declare binding "shipping" from orders by "order.moved"
  declare binding "shipping" from orders by "order.placed"`,
		},
		{
			"x-dead-letter through an exchange",
			`
  placed: {address: placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: queue, queue: {x-dead-letter: {exchange: dead, queue: placed.dead}}}}}`,
			`package placed queue placed
  Placed -> "" "placed"
  declare exchange dead direct durable=true
  declare queue placed durable=true x-dead-letter-exchange=dead x-dead-letter-routing-key=placed.dead
  declare queue placed.dead durable=true
  declare binding "placed.dead" from dead by "placed.dead"`,
		},
		{
			"x-dead-letter to a queue that another channel describes",
			`
  placed: {address: placed, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-dead-letter: dead}}}}
  dead: {address: dead, messages: {Placed: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {arguments: {x-max-length: 5}}}}}`,
			`package dead queue dead
  Placed -> "" "dead"
  declare queue dead durable=true x-max-length=5
package placed queue placed
  Placed -> "" "placed"
  declare queue dead durable=true x-max-length=5
  declare queue placed durable=true x-dead-letter-exchange= x-dead-letter-routing-key=dead`,
		},
		{
			"an exclusive queue is the consumer's alone",
			`
  placed: {address: placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: fanout}, x-queue: {name: mine, exclusive: true, durable: false}}}}`,
			`package mine queue mine
  Placed -> "orders" "placed"
  declare exchange orders fanout durable=true
  consumer exchange orders fanout durable=true
  consumer queue mine durable=false
  consumer binding "mine" from orders by "placed"`,
		},
		{
			"the default exchange, written down",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: "", type: direct}}}}`,
			`package orderplaced queue order.placed
  Placed -> "" "order.placed"
  declare queue order.placed durable=true`,
		},
		{
			"parameters: the producer fills them in, the binding has a star",
			`
  state: {address: 'drone.{drone_id}.state', parameters: {drone_id: {}}, messages: {State: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: drones, type: topic}}}}`,
			`package dronedroneidstate
  State -> "drones" "drone.{drone_id}.state"
  declare exchange drones topic durable=true
  consumer exchange drones topic durable=true
  consumer queue given
  consumer binding "" from drones by "drone.*.state"`,
		},
		{
			"parameters on the default exchange: the queue is given",
			`
  inbox: {address: 'inbox-{user}', parameters: {user: {}}, messages: {Note: {payload: {type: object}}}}`,
			`package inboxuser
  Note -> "" "inbox-{user}"
  consumer queue given`,
		},
		{
			"a pattern can be consumed and not published to",
			`
  replies: {address: 'saga.reply.#', messages: {Reply: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: saga, type: topic}}}}`,
			`package sagareply, consumer only
  Reply -> nowhere
  declare exchange saga topic durable=true
  consumer exchange saga topic durable=true
  consumer queue given
  consumer binding "" from saga by "saga.reply.#"`,
		},
		{
			"a fanout exchange needs no address",
			`
  all: {address: null, messages: {Note: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: all, type: fanout}}}}`,
			`package all
  Note -> "all" ""
  declare exchange all fanout durable=true
  consumer exchange all fanout durable=true
  consumer queue given
  consumer binding "" from all by ""`,
		},
		{
			"an exchange without a type, and the broker's own, are not declared",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: there}}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: amq.topic, type: topic}}}}`,
			`package a
  A -> "there" "a"
  consumer queue given
  consumer binding "" from there by "a"
package b
  B -> "amq.topic" "b"
  consumer queue given
  consumer binding "" from amq.topic by "b"`,
		},
		{
			"two channels of one queue are one package",
			`
  placed: {address: order.placed, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: topic}, x-queue: shipping}}}
  moved: {address: order.moved, messages: {Moved: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders}, x-queue: {name: shipping, durable: true}}}}`,
			`package shipping queue shipping
  Moved -> "orders" "order.moved"
  Placed -> "orders" "order.placed"
  declare exchange orders topic durable=true
  declare queue shipping durable=true
  declare binding "shipping" from orders by "order.moved"
  declare binding "shipping" from orders by "order.placed"`,
		},
		{
			"the virtual host / is the default",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q, vhost: /}}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q}}}}`,
			`package q queue q
  A -> "" "q"
  B -> "" "q"
  declare queue q durable=true`,
		},
		{
			"x-routing-key, several",
			`
  placed: {address: orders, messages: {Placed: {payload: {type: object}}},
    bindings: {amqp: {is: routingKey, exchange: {name: orders, type: direct}, x-queue: q, x-routing-key: [placed, audit]}}}`,
			`package q queue q
  Placed -> "orders" "placed"
  declare exchange orders direct durable=true
  declare queue q durable=true
  declare binding "q" from orders by "audit"
  declare binding "q" from orders by "placed"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := mustBuild(t, header3+"channels:"+c.channels+"\n")
			compareQueues(t, p.Clients, c.want)
		})
	}
}

const header3 = "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\nservers: {rabbit: {host: localhost, protocol: amqp}}\n"

const header2 = "asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nservers: {rabbit: {url: localhost, protocol: amqp}}\n"

// What only contracts of 2.x have: bindings that no validator has ever looked at.
func TestQueuesOf2(t *testing.T) {
	cases := []struct{ name, channels, want string }{
		{
			"exchange and queue together",
			`
  order.placed: {publish: {operationId: place, message: {name: Placed, payload: {type: object}}},
    bindings: {amqp: {is: routingKey, queue: {name: shipping}, exchange: {name: orders, type: topic}}}}`,
			`package shipping queue shipping
  Placed -> "orders" "order.placed"
  declare exchange orders topic durable=true
  declare queue shipping durable=true
  declare binding "shipping" from orders by "order.placed"`,
		},
		{
			"the channel's name is no address: cc is the routing key, the exchange is the default one",
			`
  'in-queue:_:HandleMsg': {publish: {bindings: {amqp: {cc: in-queue}}, message: {name: Msg, payload: {type: object}}},
    bindings: {amqp: {is: routingKey, queue: {name: in-queue}, exchange: {type: default, vhost: /}}}}`,
			`package inqueue queue in-queue
  Msg -> "" "in-queue"
  declare queue in-queue durable=true`,
		},
		{
			"topology in the operation's binding",
			`
  identity/created: {subscribe: {message: {name: Created, payload: {type: object}}, bindings: {amqp: {
    exchange: {name: identity, type: topic}, queue: {name: identity.events}, routingKey: identity.user.created.v1}}}}`,
			`package identityevents queue identity.events
  Created -> "identity" "identity.user.created.v1"
  declare exchange identity topic durable=true
  declare queue identity.events durable=true
  declare binding "identity.events" from identity by "identity.user.created.v1"`,
		},
		{
			"two operations with a queue each: a consumer for each, and one producer",
			`
  user.created:
    bindings: {amqp: {is: routingKey, exchange: {name: users, type: topic}}}
    subscribe: {message: {name: Created, payload: {type: object}}, bindings: {amqp: {queue: {name: mail}}}}
    publish: {message: {name: Created, payload: {type: object}}, bindings: {amqp: {queue: {name: audit}}}}`,
			`package audit queue audit, consumer only
  Created -> nowhere
  declare exchange users topic durable=true
  declare queue audit durable=true
  declare binding "audit" from users by "user.created"
package mail queue mail, consumer only
  Created -> nowhere
  declare exchange users topic durable=true
  declare queue mail durable=true
  declare binding "mail" from users by "user.created"
package usercreated, producer only
  Created -> "users" "user.created"
  declare exchange users topic durable=true
  declare queue audit durable=true
  declare queue mail durable=true
  declare binding "audit" from users by "user.created"
  declare binding "mail" from users by "user.created"`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := mustBuild(t, "asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nchannels:"+c.channels+"\n")
			compareQueues(t, p.Clients, c.want)
		})
	}
}

func TestRefusedQueues(t *testing.T) {
	cases := []struct{ name, channels, want string }{
		{
			"a queue that is durable in one place only",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q, durable: true}}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {name: q, durable: false}}}}`,
			`contract.yaml:6:90: /channels/b/bindings/amqp/queue: queue "q" is not durable here, other than at contract.yaml:5:90`,
		},
		{
			"an exchange of two types",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: topic}}}}
  b: {address: b, messages: {B: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: x, type: direct}}}}`,
			`contract.yaml:6:95: /channels/b/bindings/amqp/exchange: exchange "x" is direct here, other than at contract.yaml:5:95`,
		},
		{
			"a fanout exchange without a name",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {type: fanout}}}}`,
			`contract.yaml:5:95: /channels/a/bindings/amqp/exchange: not supported (amqp/exchange-without-name): a fanout exchange without a name cannot be declared`,
		},
		{
			"two addresses, one package",
			`
  a: {address: order.placed, messages: {A: {payload: {type: object}}}}
  b: {address: order_placed, messages: {B: {payload: {type: object}}}}`,
			`contract.yaml:6:3: /channels/b: channel "b" and channel "a" at contract.yaml:5:3 have conflicting Go name orderplaced in the output folder; ` +
				`set x-go-name on one of the channels or queues, or write in scampgen.yaml channels: {b: {package: ...}} or channels: {a: {package: ...}}`,
		},
		{
			"an address that is a keyword",
			`
  a: {address: type, messages: {A: {payload: {type: object}}}}`,
			`contract.yaml:5:3: /channels/a: "type" gives no name for a Go package: it is a Go keyword; set x-go-name on the channel`,
		},
		{
			"an address that begins with a digit",
			`
  a: {address: 1st.order, messages: {A: {payload: {type: object}}}}`,
			`contract.yaml:5:3: /channels/a: "1st.order" gives no name for a Go package: it begins with a digit; set x-go-name on the channel`,
		},
		{
			"the package of the types",
			`
  a: {address: messages, messages: {A: {payload: {type: object}}}}`,
			`contract.yaml:5:3: /channels/a: channel "a" and the package of all message types have conflicting Go name messages in the output folder`,
		},
		{
			"messages that a consumer cannot tell apart",
			`
  a:
    address: a
    messages:
      A: {payload: {type: object}, bindings: {amqp: {messageType: event}}}
      B: {payload: {type: object}, bindings: {amqp: {messageType: event}}}`,
			`contract.yaml:9:7: /channels/a/messages/B: message "B" and message "A" at contract.yaml:8:7 have the same AMQP type "event" on one queue`,
		},
		{
			"messages whose methods meet",
			`
  a:
    address: a
    messages: {Order: {payload: {type: object}}, OrderAsync: {payload: {type: object}}}`,
			`contract.yaml:7:50: /channels/a/messages/OrderAsync: message "OrderAsync" and message "Order" at contract.yaml:7:16 have conflicting Go name PublishOrderAsync in type Producer`,
		},
		{
			"a key of ours with a mistake in it",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: quorun}}}}`,
			`contract.yaml:5:112: /channels/a/bindings/amqp/queue/x-queue-type: "x-queue-type" must be one of classic, quorum, stream, found "quorun"; did you mean "quorum"?`,
		},
		{
			"a key of ours that an argument contradicts",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: quorum, arguments: {x-queue-type: classic}}}}}`,
			`contract.yaml:5:112: /channels/a/bindings/amqp/queue/x-queue-type: the queue's arguments have another x-queue-type; leave it out of one of them`,
		},
		{
			"a retry without attempts",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-retry: {delays: 1}}}}}`,
			`contract.yaml:5:107: /channels/a/bindings/amqp/queue/x-retry: x-retry must have "attempts"`,
		},
		{
			"a retry with an unknown field",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-retry: {attempts: 1, delays: 1}}}}}`,
			`contract.yaml:5:121: /channels/a/bindings/amqp/queue/x-retry/delays: "delays" is not a field of x-retry; did you mean "delay"?`,
		},
		{
			"a retry with a field whose name has a slash",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-retry: {attempts: 1, a/b~: 1}}}}}`,
			`contract.yaml:5:121: /channels/a/bindings/amqp/queue/x-retry/a~1b~0: "a/b~" is not a field of x-retry`,
		},
		{
			"a quorum queue that is not durable",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: quorum, durable: false}}}}`,
			`contract.yaml:5:90: /channels/a/bindings/amqp/queue: RabbitMQ refuses to declare the queue: a quorum queue must be durable; take durable: false out, or write x-queue-type: classic`,
		},
		{
			"a stream's consumer with a wrong offset",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: stream, x-consumer: {offset: begin}}}}}`,
			`contract.yaml:5:141: /channels/a/bindings/amqp/queue/x-consumer/offset: begin is no offset of a stream; write first, last, next, an offset from 0, a time such as 2026-11-01T00:00:00Z, or an interval such as 7D, 12h, 30m or 10s`,
		},
		{
			"a stream's consumer with an offset twice",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: stream, x-consumer: {offset: 1, arguments: {x-stream-offset: 2}}}}}}`,
			`contract.yaml:5:141: /channels/a/bindings/amqp/queue/x-consumer/offset: the consumer's arguments have x-stream-offset too; leave it out of one of them`,
		},
		{
			"an offset of a queue",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-consumer: {offset: first}}}}}`,
			`contract.yaml:5:119: /channels/a/bindings/amqp/queue/x-consumer/offset: only the consumer of a stream has an offset; leave it out, or write x-queue-type: stream`,
		},
		{
			"an exclusive consumer of a stream",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: stream, x-consumer: {exclusive: true}}}}}`,
			`contract.yaml:5:90: /channels/a/bindings/amqp/queue: queue "a" is a stream, and a stream has no exclusive consumers: RabbitMQ ignores the flag; leave exclusive out`,
		},
		{
			"a consumer of a stream with a priority",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {arguments: {x-queue-type: stream}, x-consumer: {priority: 2}}}}}`,
			`contract.yaml:5:145: /channels/a/bindings/amqp/queue/x-consumer: queue "a" is a stream, and a stream has no priorities of consumers: each consumer gets every message; leave the priority out`,
		},
		{
			"retries from a stream",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: stream, x-retry: {attempts: 3}}}}}`,
			`contract.yaml:5:129: /channels/a/bindings/amqp/queue/x-retry: queue "a" is a stream, and a stream has no retries through the broker, which would append the message again for all its consumers; leave x-retry out, and give the consumer runtime.WithMiddleware(runtime.RetryHandler(...)), which calls the handler again`,
		},
		{
			"dead letters of a stream",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-queue-type: stream, x-dead-letter: {queue: lost}}}}}`,
			`contract.yaml:5:135: /channels/a/bindings/amqp/queue/x-dead-letter: queue "a" is a stream, and a stream has no dead letters of its own; leave them out: what fails is published to "a.dead", or where runtime.WithDeadLetterQueue says`,
		},
		{
			"a prefetch of nothing",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-prefetch: 0}}}}`,
			`contract.yaml:5:110: /channels/a/bindings/amqp/queue/x-prefetch: "x-prefetch" must be an integer from 1 to 65535, found 0`,
		},
		{
			"a queue's name with a line break",
			`
  a: {address: "a\nb", messages: {A: {payload: {type: object}}}}`,
			`contract.yaml:5:3: /channels/a: the name of queue "a\nb" has a line break, which RabbitMQ takes out when it is declared; write a name without it`,
		},
		{
			"an exchange's name with a line break",
			`
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: "x\r", type: topic}}}}`,
			`contract.yaml:5:95: /channels/a/bindings/amqp/exchange: the name of exchange "x\r" has a line break, which RabbitMQ takes out when it is declared; write a name without it`,
		},
		{
			"a queue's name that AMQP cannot carry",
			`
  a: {address: ` + strings.Repeat("a", 256) + `, messages: {A: {payload: {type: object}}}}`,
			`contract.yaml:5:3: /channels/a: the queue's name has 256 bytes; AMQP allows 255`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { wantProblem(t, header3+"channels:"+c.channels+"\n", c.want) })
	}
}

// What looks like a mistake and is none.
func TestRightQueues(t *testing.T) {
	for name, channels := range map[string]string{
		"exchanges of one name in two virtual hosts": `
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic, vhost: /x}}}}
  b: {address: b, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: e, type: direct, vhost: /y}}}}`,
		"one delay for all attempts": `
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: queue, queue: {x-retry: {attempts: 3, delay: 5, maxDelay: 5}}}}}`,
		"a prefetch in the binding of a channel without a queue": `
  a: {address: a, messages: {A: {payload: {type: object}}}, bindings: {amqp: {is: routingKey, exchange: {name: e, type: topic}, x-prefetch: 5}}}`,
	} {
		if _, problems := build(t, header3+"channels:"+channels+"\n", plan.Options{}); problems != nil {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func compareQueues(t *testing.T, queues []plan.Client, want string) {
	t.Helper()
	var got []string
	for _, q := range queues {
		got = append(got, describe(q))
	}
	if diff := cmp.Diff(want, strings.Join(got, "\n")); diff != "" {
		t.Errorf("queues (-want +got):\n%s", diff)
	}
}
