package plan

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/extension"
	"github.com/scampgen/scampgen/generator/plan/report"
)

// noteUnused notes what the contract says that nothing is generated from: fields of the
// specification, and x- keys that are not read where they are. Keys of ours, and names that are
// nearly theirs, get a warning.
func noteUnused(doc *asyncapi.Document, r *report.Report) {
	for _, u := range doc.Unused {
		r.Note(u.Location, fmt.Sprintf("nothing is generated from %q: %s", u.Field, u.Why))
	}
	for _, e := range doc.OtherExtensions {
		extension.ReportUnread(r, e.Field.Location(), e.Field.Name, readKeys[e.Object])
	}
	for s := range doc.AllSchemas() {
		for _, name := range slices.Sorted(maps.Keys(s.Extensions)) {
			extension.ReportUnread(r, s.Extensions[name].Location(), name, schemaKeys)
		}
	}
	used := usedMessages(doc)
	for m := range doc.AllMessages() {
		if !used[m] {
			r.Note(m.Location, "no channel has this message: nothing is generated from it")
		}
	}
}

// readKeys are the x- keys of objects of the specification.
var readKeys = map[string][]string{
	"channel": {extension.GoName}, "parameter": {extension.GoName, extension.EnumNames}, "message": {extension.GoName}, "message trait": {extension.GoName}, "server": {extension.GoName},
	"server variable": {extension.GoName, extension.EnumNames},
}

var schemaKeys = extension.KeysOf(extension.OfNamed, extension.OfSchema, extension.OfHeader, extension.OfEnum)

// usedMessages are the messages of channels, operations and replies.
func usedMessages(doc *asyncapi.Document) map[*asyncapi.Message]bool {
	used := map[*asyncapi.Message]bool{}
	add := func(list []*asyncapi.Message) {
		for _, m := range list {
			used[m] = true
		}
	}
	for _, c := range doc.Channels {
		add(c.Messages)
	}
	for _, op := range doc.Operations {
		add(op.Messages)
		if op.Reply != nil {
			add(op.Reply.Messages)
		}
	}
	return used
}
