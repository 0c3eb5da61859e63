package topology

import (
	"fmt"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// queueDeclaration returns q as every client must declare it.
func (b *builder) queueDeclaration(q *asyncapi.QueueBinding) runtime.Queue {
	b.checkQueueName(q)
	declared := runtime.Queue{
		Name:       q.Name,
		Durable:    q.Durable == nil || *q.Durable,
		Exclusive:  isTrue(q.Exclusive),
		AutoDelete: isTrue(q.AutoDelete),
		Arguments:  b.arguments(q.Arguments),
	}
	kind := b.read.Text(q.Extensions, extension.QueueType)
	if kind != "" {
		b.addArgument(&declared, q, extension.QueueType, argQueueType, kind)
	}
	b.checkType(q, declared)
	b.checkArguments(q, declared)
	return declared
}

// The queue arguments that are read.
const (
	argQueueType          = "x-queue-type" // classic, quorum or stream
	argDeadLetterExchange = "x-dead-letter-exchange"
	argDeadLetterKey      = "x-dead-letter-routing-key"
	argDeadLetterStrategy = "x-dead-letter-strategy" // quorum queues; at-most-once without it
	argOverflow           = "x-overflow"
)

// addArgument adds the argument that one of our keys stands for. If the contract has the argument
// too, it must be equal.
func (b *builder) addArgument(d *runtime.Queue, q *asyncapi.QueueBinding, key, name, value string) {
	given, there := d.Arguments[name]
	switch {
	case !there && d.Arguments == nil:
		d.Arguments = runtime.Headers{name: value}
	case !there:
		d.Arguments[name] = value
	case given != value:
		b.report.Mistake(q.Extensions[key].Location(), fmt.Sprintf("the queue's arguments have another %s", name),
			"leave it out of one of them")
	}
}

func (b *builder) checkQueueName(q *asyncapi.QueueBinding) {
	b.refuseParameters(q.Name, "queue", q.Location)
	b.refuseLineBreaks(q.Name, "queue", q.Location)
	if len(q.Name) > maxShortString {
		b.report.Mistake(q.Location, fmt.Sprintf("the queue's name has %d bytes; AMQP allows %d", len(q.Name), maxShortString), "")
	}
	if strings.HasPrefix(q.Name, "amq.") {
		b.report.Mistake(q.Location, fmt.Sprintf("queue %q: names that begin with \"amq.\" are the broker's own", q.Name), "")
	}
}

func isTrue(flag *bool) bool {
	return flag != nil && *flag
}
