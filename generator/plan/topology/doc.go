package topology

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// doc returns what the contract says about g: the words of its first channel that has any, or of its
// only operation, then a line for each other channel and operation with words of its own. It is
// deprecated if all channels are.
func (g *group) doc() names.Doc {
	channels, operations := g.described()
	first, others := channels[0], slices.Concat(channels, operations)
	if i := slices.IndexFunc(channels, described.hasWords); i >= 0 {
		first = channels[i]
	} else if len(operations) == 1 {
		first = operations[0]
	}
	doc := names.DocOf(first.texts)
	if channel := names.DocOf(channels[0].texts); doc.Tags+doc.URL == "" {
		doc.Tags, doc.URL = channel.Tags, channel.URL
	}
	doc.Deprecated = !slices.ContainsFunc(channels, func(d described) bool { return !d.texts.Deprecated })
	said := doc.Summary + "\n" + doc.Description
	for _, other := range others {
		if word := other.word(); word != "" && !strings.Contains(said, word) {
			said += "\n" + word
			doc.Notes += fmt.Sprintf("- The %s: %s\n", other.name, word)
		}
	}
	return doc
}

// A described is a channel or an operation with what the contract says about it.
type described struct {
	name  string // channel "orders"
	texts asyncapi.Texts
}

// described returns the channels and the operations of g.
func (g *group) described() (channels, operations []described) {
	for _, e := range g.all() {
		channels = append(channels, described{names.Called("channel", e.channel.Name), e.channel.Texts})
		for _, op := range e.operations {
			name := cmp.Or(op.Name, path.Base(op.Path)) // 2.x: publish, subscribe
			operations = append(operations, described{names.Called("operation", name), op.Texts})
		}
	}
	return channels, operations
}

func (d described) hasWords() bool {
	return d.texts.Title+d.texts.Summary+d.texts.Description != ""
}

// word returns what is said about d in one line, "" when that is nothing.
func (d described) word() string {
	word, _, _ := strings.Cut(strings.TrimSpace(cmp.Or(d.texts.Summary, d.texts.Title, d.texts.Description)), "\n")
	return strings.TrimSpace(word)
}
