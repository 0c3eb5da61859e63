package topology

import (
	"fmt"
	"time"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/names"
	"github.com/scampgen/scampgen/runtime"
)

// describeConsumer reads what the contract says about the consumer of g: the x- keys of the queue
// or, if the contract names none, of the channel's binding, and then the bindings of operations.
func (b *builder) describeConsumer(q *Queue, g *group) {
	e := consumerExtensions(g)
	q.Prefetch = b.read.Int(e, extension.Prefetch)
	q.Retry = b.retry(b.read.Value(e, extension.Retry))
	q.TypeHeader = b.read.Text(e, extension.TypeHeader)
	b.consumerKey(q, b.read.Value(e, extension.Consumer))
	b.consumerOperations(q, g)
	b.checkConsumer(q, g)
}

func consumerExtensions(g *group) source.Extensions {
	if g.queue != nil {
		return g.queue.spec.Extensions
	}
	if binding := g.first().channel.AMQP; binding != nil {
		return binding.Extensions
	}
	return nil
}

// retry reads x-retry: {attempts, delay, maxDelay}.
func (b *builder) retry(v *source.Value) Retry {
	if v == nil {
		return Retry{}
	}
	f := b.read.Object(v, extension.RetryTable)
	r := Retry{
		Attempts: f.Int("attempts"),
		Backoff:  runtime.Backoff{Min: milliseconds(f.Int("delay")), Max: milliseconds(f.Int("maxDelay"))},
	}
	if r.Backoff.Max > 0 && r.Backoff.Min > r.Backoff.Max {
		b.report.Mistake(v.Location(), "delay is longer than maxDelay", "")
	}
	return r
}

func milliseconds(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// consumerKey reads x-consumer: {tag, exclusive, priority, offset, arguments}.
func (b *builder) consumerKey(q *Queue, v *source.Value) {
	if v == nil {
		return
	}
	f := b.read.Object(v, extension.ConsumerTable)
	q.ConsumerTag, q.ConsumesAlone = f.Text("tag"), isTrue(f.Flag("exclusive"))
	q.ConsumerArguments = b.arguments(f.Value("arguments"))
	if offset := f.Value("offset"); offset != nil {
		b.streamOffset(q, offset)
	}
	if priority := f.Value("priority"); priority != nil {
		b.setConsumerArgument(q, argPriority, priority, priority.Int())
	}
}

// setConsumerArgument adds what a key of x-consumer says to the arguments of the consumer.
func (b *builder) setConsumerArgument(q *Queue, name string, key *source.Value, value any) {
	if _, twice := q.ConsumerArguments[name]; twice {
		b.report.Mistake(key.Location(), "the consumer's arguments have "+name+" too", "leave it out of one of them")
		return
	}
	if q.ConsumerArguments == nil {
		q.ConsumerArguments = runtime.Headers{}
	}
	q.ConsumerArguments[name] = value
}

// argPriority is the argument of basic.consume that sets the consumer's priority.
const argPriority = "x-priority"

// consumerOperations reads what the bindings of g's operations say about the consumer. A queue has
// one consumer, so operations that say something else about it are a mistake. What the queue's own
// keys say counts first.
func (b *builder) consumerOperations(q *Queue, g *group) {
	var ack, prefetch, tag, exclusive saying
	for _, e := range g.all() {
		for _, op := range e.operations {
			o := op.AMQP
			if o == nil {
				continue
			}
			if o.Ack != nil && b.isAboutConsumer(op) {
				ack.hear(b, op, "ack", *o.Ack)
			}
			if o.Prefetch > 0 {
				prefetch.hear(b, op, "prefetch", o.Prefetch)
			}
			if o.ConsumerTag != "" {
				tag.hear(b, op, "consumerTag", o.ConsumerTag)
			}
			if o.Exclusive != nil {
				exclusive.hear(b, op, "exclusive", *o.Exclusive)
			}
		}
	}
	q.NoAck = ack.value == false
	if n, ok := prefetch.value.(int); ok && q.Prefetch == 0 {
		q.Prefetch = n
	}
	if text, ok := tag.value.(string); ok && q.ConsumerTag == "" {
		q.ConsumerTag = text
	}
	q.ConsumesAlone = q.ConsumesAlone || exclusive.value == true
	if q.NoAck && g.consumes {
		b.report.Note(ack.by.AMQP.Location, fmt.Sprintf("the consumer of %s does not acknowledge: see \"Without acknowledgements\" in docs/consuming.md for what is lost", b.subject(g)))
	}
}

// isAboutConsumer reports whether the ack of op is that of the consumer. In 2.x it always is:
// contracts do not agree on which of publish and subscribe is the consumer's operation.
func (b *builder) isAboutConsumer(op *asyncapi.Operation) bool {
	if op.Action == asyncapi.Receive || b.doc.Major() == 2 {
		return true
	}
	if !*op.AMQP.Ack {
		b.report.Warn(op.AMQP.Location, "ack is not used: "+names.Called("operation", op.Name)+" sends, and consumers acknowledge",
			"write it into the binding of the operation that receives")
	}
	return false
}

// A saying is what operations say about one thing.
type saying struct {
	value any // nil: nothing
	by    *asyncapi.Operation
}

func (s *saying) hear(b *builder, op *asyncapi.Operation, what string, value any) {
	switch {
	case s.by == nil:
		s.value, s.by = value, op
	case s.value != value:
		b.report.Mistake(op.AMQP.Location, fmt.Sprintf("%s is %v here and %v at %s: the queue has one consumer", what, value, s.value, s.by.AMQP.Position),
			"say the same in both places, or say it in one place only")
	}
}

// checkConsumer reports what a consumer cannot be, or what has no effect on it.
func (b *builder) checkConsumer(q *Queue, g *group) {
	if !g.consumes {
		return
	}
	e := consumerExtensions(g)
	if q.ConsumesAlone && g.queue != nil && g.queue.declared.Arguments[argQueueType] == "quorum" {
		b.report.Mistake(g.queue.spec.Location, "RabbitMQ knows no exclusive consumers of quorum queues",
			"give the queue the argument x-single-active-consumer: true instead")
	}
	if !q.NoAck {
		return
	}
	if v := e[extension.Prefetch]; v != nil {
		b.report.Warn(v.Location(), "the prefetch has no effect, because an operation says ack: false", "leave one of the two out")
	}
	if g.queue != nil && g.queue.rejects != nil {
		b.report.Warn(g.queue.spec.Location, fmt.Sprintf("the consumer does not use the dead letters of queue %q, because an operation says ack: false: what fails is published "+
			"to %q", g.queue.declared.Name, g.queue.declared.Name+".dead"), "leave ack: false out")
	}
}
