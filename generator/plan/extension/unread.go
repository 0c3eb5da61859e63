package extension

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/scampgen/scampgen/asyncapi/source"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// ReportUnread reports an x- key unless it is one of those that are read where it is. If the key is
// another one of ours, or nearly one, or one that says what the contract can say otherwise, that is
// a warning with what to write. Any other is a note: many tools have keys of their own.
func ReportUnread(r *report.Report, at source.Location, name string, read []string) {
	if slices.Contains(read, name) {
		return
	}
	hint := cmp.Or(string(HolderOf(name)), source.Nearest(name, read), meant[name])
	if _, ok := FindQueueArgument(name); ok && hint == "" {
		hint = inArguments
	}
	if hint == "" {
		r.Note(at, fmt.Sprintf("nothing is generated from %q: scampgen has no such key", name))
		return
	}
	r.Warn(at, fmt.Sprintf("%q is not read here", name), hint)
}

// meant is what to write instead of keys that public contracts have, and instead of arguments of
// RabbitMQ beside "arguments".
var meant = map[string]string{
	"x-prefetch-count":     `write "` + Prefetch + `", in the queue`,
	"x-alternate-exchange": `write "alternate-exchange" into the exchange's "arguments"`,
	"x-priority":           "write " + Consumer + ": {priority: ...}, in the queue",
	"x-consumer-tag":       "write " + Consumer + ": {tag: ...}, in the queue",
	"x-delayed-type":       `write it into the exchange's "arguments"`,
	"x-dead-letter-queue":  `write "` + DeadLetter + `", in the queue`,
}

const inArguments = `write it into the queue's "arguments"`
