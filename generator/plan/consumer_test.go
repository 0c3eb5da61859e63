package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/generator/plan"
)

// What contracts say about the consumer of a queue, in its x- keys and in bindings of operations.
func TestConsumers(t *testing.T) {
	const message = `messages: {A: {payload: {type: object}}}`
	v3 := func(channel, operations string) string {
		return header3 + "channels:\n  a: {address: a, " + message + ", bindings: {amqp: " + channel + "}}\noperations:\n" + operations
	}
	v2 := func(binding string) string {
		return "asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nchannels:\n  a: {publish: {message: {name: A, payload: {type: object}}, bindings: {amqp: " + binding + "}}}\n"
	}
	receive := "  get: {action: receive, channel: {$ref: '#/channels/a'}, bindings: {amqp: %s}}\n"
	send := "  put: {action: send, channel: {$ref: '#/channels/a'}, bindings: {amqp: %s}}\n"
	for name, test := range map[string]struct{ contract, want string }{
		"acknowledges":                      {v3("{queue: {}, is: queue}", fmt.Sprintf(receive, "{ack: true}")), ""},
		"ack: false":                        {v3("{queue: {}, is: queue}", fmt.Sprintf(receive, "{ack: false}")), "no ack"},
		"ack: false of 2.x":                 {v2("{ack: false}"), "no ack"},
		"ack: false once":                   {v3("{queue: {}, is: queue}", fmt.Sprintf(receive, "{ack: false}")+"  more: {action: receive, channel: {$ref: '#/channels/a'}}\n"), "no ack"},
		"ack: false of who sends":           {v3("{queue: {}, is: queue}", fmt.Sprintf(send, "{ack: false}")), "; ack is not used"},
		"ack: true of who sends":            {v3("{queue: {}, is: queue}", fmt.Sprintf(send, "{ack: true}")), ""},
		"ack and no ack":                    {v3("{queue: {}, is: queue}", fmt.Sprintf(receive, "{ack: false}")+"  more: {action: receive, channel: {$ref: '#/channels/a'}, bindings: {amqp: {ack: true}}}\n"), "; ack is true here and false at contract.yaml:7:70"},
		"no ack, and dead letters":          {v3("{is: queue, queue: {x-dead-letter: a.away}}", fmt.Sprintf(receive, "{ack: false}")), `no ack; the consumer does not use the dead letters of queue "a"`},
		"no ack, and a prefetch":            {v3("{is: queue, queue: {x-prefetch: 5}}", fmt.Sprintf(receive, "{ack: false}")), "prefetch 5 no ack; the prefetch has no effect"},
		"x-consumer":                        {v3("{is: queue, queue: {x-consumer: {tag: t, exclusive: true, priority: -1, arguments: {x: y}}}}", " {}"), "tag t alone map[x:y x-priority:-1]"},
		"x-consumer without a queue":        {v3("{is: routingKey, exchange: {name: e, type: topic}, x-consumer: {priority: 3}}", " {}"), "map[x-priority:3]"},
		"x-consumer: two priorities":        {v3("{is: queue, queue: {x-consumer: {priority: 3, arguments: {x-priority: 3}}}}", " {}"), "; the consumer's arguments have x-priority too"},
		"x-consumer: a long tag":            {v3("{is: queue, queue: {x-consumer: {tag: "+strings.Repeat("t", 249)+"}}}", " {}"), `; "tag" must be a string of 248 bytes at most`},
		"x-consumer: exclusive and quorum":  {v3("{is: queue, queue: {x-queue-type: quorum, x-consumer: {exclusive: true}}}", " {}"), "; RabbitMQ knows no exclusive consumers of quorum queues"},
		"2.x operation":                     {v2("{prefetch: 1, consumer_tag: t, exclusive: true}"), `prefetch 1 tag t alone`},
		"2.x operation, and x-prefetch":     {strings.Replace(v2("{prefetch: 1}"), "a: {", "a: {bindings: {amqp: {is: queue, queue: {x-prefetch: 7}}}, ", 1), "prefetch 7"},
		"2.x operations that disagree":      {strings.Replace(v2("{prefetch: 1}"), "a: {", "a: {subscribe: {message: {name: A}, bindings: {amqp: {prefetch: 2}}}, ", 1), "; prefetch is 2 here and 1 at"},
		"retries of a consumer without ack": {v3("{is: queue, queue: {x-retry: {attempts: 2}}}", fmt.Sprintf(receive, "{ack: false}")), "retry 2 no ack"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := build(t, test.contract, plan.Options{})
			want, problem, _ := strings.Cut(test.want, "; ")
			var got string
			if p != nil && len(p.Clients) > 0 && !problems.Fatal() {
				got = consumerOf(p.Clients[0])
			}
			if got != want {
				t.Errorf("the consumer is %q, wanted %q", got, want)
			}
			if says := problems.Error(); problem == "" && says != "" || !strings.Contains(says, problem) {
				t.Errorf("problems: %s\nwanted: %s", says, problem)
			}
		})
	}
}

// consumerOf is what a consumer is, where that is not the default.
func consumerOf(c plan.Client) string {
	var said []string
	add := func(is bool, what ...any) {
		if is {
			said = append(said, strings.TrimSpace(fmt.Sprintln(what...)))
		}
	}
	add(c.Retry.Attempts > 0, "retry", c.Retry.Attempts)
	add(c.Prefetch > 0, "prefetch", c.Prefetch)
	add(c.ConsumerTag != "", "tag", c.ConsumerTag)
	add(c.ConsumesAlone, "alone")
	add(len(c.ConsumerArguments) > 0, map[string]any(c.ConsumerArguments))
	add(c.NoAck, "no ack")
	return strings.Join(slices.Clip(said), " ")
}
