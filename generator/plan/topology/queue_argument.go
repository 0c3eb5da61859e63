package topology

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/runtime"
)

// refuses begins warnings of what the broker answers with 406: the clients would never start.
const refuses = "RabbitMQ refuses to declare the queue: "

// queueTypes are the types of queues. Of others, which plug-ins may have, nothing is known.
var queueTypes = []string{"classic", "quorum", "stream"}

// checkArguments reports arguments that RabbitMQ ignores, because their names are mistyped, and those
// that it refuses. They are warnings: an argument may be that of a plug-in, or of another version.
func (b *builder) checkArguments(q *asyncapi.QueueBinding, declared runtime.Queue) {
	if q.Arguments == nil || q.Arguments.Kind != source.Object {
		return
	}
	queueType, isGiven := declared.Arguments[argQueueType].(string)
	if !isGiven {
		queueType = "classic"
	}
	for _, f := range q.Arguments.Fields {
		argument, known := extension.FindQueueArgument(f.Name)
		switch instead := extension.WriteInstead(f.Name); {
		case known && b.checkArgument(f.Value, argument):
			b.checkQueueHas(f, argument, queueType, isGiven)
		case !known && instead != "":
			b.report.Warn(f.Location(), fmt.Sprintf("%q is no argument of queues that RabbitMQ knows, and has no effect", f.Name), instead)
		}
	}
	if key := q.Arguments.Get(argDeadLetterKey); key != nil && q.Arguments.Get(argDeadLetterExchange) == nil && q.Extensions[extension.DeadLetter] == nil {
		b.report.Warn(key.Location(), fmt.Sprintf("%sit has %s without %s", refuses, argDeadLetterKey, argDeadLetterExchange),
			fmt.Sprintf("add %s; \"\" is the default exchange", argDeadLetterExchange))
	}
}

// checkArgument reports whether RabbitMQ takes a value.
func (b *builder) checkArgument(v *source.Value, argument extension.QueueArgument) bool {
	wrong := &source.Report{}
	source.Reader{Report: wrong}.Read(v, argument.Is)
	for _, p := range wrong.Problems() {
		b.report.Warn(v.Location(), refuses+p.Message, p.Hint)
	}
	if argument.Name == "x-max-age" && v.Kind == source.String && !age.MatchString(v.Text) {
		b.report.Warn(v.Location(), fmt.Sprintf("%s%q is no age", refuses, v.Text), "write a number and one of Y, M, D, h, m and s, such as 7D")
	}
	return wrong.Added() == 0
}

var age = regexp.MustCompile(`^[0-9]+[YMDhms]$`)

// checkQueueHas reports an argument that queues of a type do not have.
func (b *builder) checkQueueHas(f source.Field, argument extension.QueueArgument, queueType string, isGiven bool) {
	if f.Name == "x-overflow" && f.Value.Text == "reject-publish-dlx" && queueType == "quorum" {
		b.report.Warn(f.Value.Location(), "a quorum queue has no x-overflow: reject-publish-dlx, and drops its first message instead", "write reject-publish")
	}
	if argument.Allows(queueType) || !slices.Contains(queueTypes, queueType) {
		return
	}
	if isGiven {
		b.report.Warn(f.Location(), fmt.Sprintf("%sa %s queue has no %s", refuses, queueType, f.Name), "take it out, or change "+argQueueType)
		return
	}
	b.report.Warn(f.Location(), fmt.Sprintf("%sit has %s without %s, and a classic queue has no such argument", refuses, f.Name, argQueueType),
		fmt.Sprintf("take it out, or write %s: %s", extension.QueueType, argument.Of[0]))
}

// checkType reports properties that queues of a type do not have.
func (b *builder) checkType(q *asyncapi.QueueBinding, declared runtime.Queue) {
	queueType, _ := declared.Arguments[argQueueType].(string)
	if !slices.Contains([]string{"quorum", "stream"}, queueType) {
		return
	}
	for _, wrong := range []struct {
		is         bool
		what, hint string
	}{
		{!declared.Durable, "must be durable", "take durable: false out"},
		{declared.Exclusive, "cannot be exclusive", "take exclusive: true out"},
		{declared.AutoDelete && queueType == "quorum", "cannot be deleted automatically", "take autoDelete: true out, or give the queue the argument x-expires"},
		{declared.AutoDelete && queueType == "stream", "cannot be deleted automatically", "take autoDelete: true out; the argument x-max-age limits what a stream keeps"},
	} {
		if wrong.is {
			b.report.Mistake(q.Location, fmt.Sprintf("%sa %s queue %s", refuses, queueType, wrong.what), wrong.hint+", or write "+extension.QueueType+": classic")
		}
	}
}
