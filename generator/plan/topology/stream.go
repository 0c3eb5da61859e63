package topology

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// argOffset is the argument of basic.consume that says where a consumer of a stream begins.
const argOffset = "x-stream-offset"

// wantedOffset ends problems about offsets.
const wantedOffset = "write first, last, next, an offset from 0, a time such as 2026-11-01T00:00:00Z, or an interval such as 7D, 12h, 30m or 10s"

// streamOffset adds the offset of x-consumer to the arguments of the consumer.
func (b *builder) streamOffset(q *Queue, v *source.Value) {
	offset, ok := offsetOf(v)
	if !ok {
		b.report.Mistake(v.Location(), fmt.Sprintf("%s is no offset of a stream", cmp.Or(v.Text, v.Kind.WithArticle())), wantedOffset)
		return
	}
	b.setConsumerArgument(q, argOffset, v, offset)
}

var interval = regexp.MustCompile(`^[0-9]{1,9}[YMDhms]$`)

// offsetOf returns an offset as the broker knows it.
func offsetOf(v *source.Value) (offset any, ok bool) {
	switch v.Kind {
	case source.Number:
		n, err := strconv.Atoi(v.Text)
		return n, err == nil && n >= 0
	case source.String:
		if v.Text == "first" || v.Text == "last" || v.Text == "next" || interval.MatchString(v.Text) {
			return v.Text, true
		}
		t, err := time.Parse(time.RFC3339, v.Text)
		return t.UTC(), err == nil && t.Unix() >= 0
	}
	return nil, false
}

func isStream(q runtime.Queue) bool { return q.Arguments[argQueueType] == "stream" }

// checkStream reports what the consumer of a stream cannot have, as runtime.NewConsumer does. In a
// stream an answer removes nothing and gives nothing back.
func (b *builder) checkStream(q *Queue, g *group) {
	e := consumerExtensions(g)
	if g.queue == nil || !isStream(g.queue.declared) {
		if offset := e[extension.Consumer].Get("offset"); offset != nil {
			b.report.Mistake(offset.Location(), "only the consumer of a stream has an offset", "leave it out, or write x-queue-type: stream")
		}
		return
	}
	refuse := func(where source.Location, what, instead string) {
		b.report.Mistake(where, fmt.Sprintf("queue %q is a stream, and a stream has no %s", g.queue.declared.Name, what), instead)
	}
	if q.NoAck {
		refuse(g.queue.spec.Location, "consumers without acknowledgements", "leave ack: false out of the operations' bindings")
	}
	if q.ConsumesAlone {
		refuse(g.queue.spec.Location, "exclusive consumers: RabbitMQ ignores the flag", "leave exclusive out")
	}
	if q.ConsumerArguments[argPriority] != nil {
		refuse(e[extension.Consumer].Location(), "priorities of consumers: each consumer gets every message", "leave the priority out")
	}
	if q.Retry.Attempts > 0 {
		refuse(e[extension.Retry].Location(), "retries through the broker, which would append the message again for all its consumers",
			"leave x-retry out, and give the consumer runtime.WithMiddleware(runtime.RetryHandler(...)), which calls the handler again")
	}
}
