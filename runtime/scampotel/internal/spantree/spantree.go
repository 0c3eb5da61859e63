// Package spantree prints spans as trees.
package spantree

import (
	"fmt"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Text returns spans as trees, each below its parent: its number, name, kind and error, and the
// numbers of the spans that it links to, except its parent. Siblings stand in the order of their
// beginnings.
func Text(spans []sdktrace.ReadOnlySpan) string {
	t := tree{numbers: make(map[trace.SpanID]int), children: make(map[trace.SpanID][]sdktrace.ReadOnlySpan)}
	known := make(map[trace.SpanID]bool)
	for _, span := range spans {
		known[span.SpanContext().SpanID()] = true
	}
	for _, span := range spans {
		parent := span.Parent().SpanID()
		if !known[parent] {
			parent = trace.SpanID{}
		}
		t.children[parent] = append(t.children[parent], span)
	}
	for _, children := range t.children {
		slices.SortStableFunc(children, func(a, b sdktrace.ReadOnlySpan) int { return a.StartTime().Compare(b.StartTime()) })
	}
	t.number(trace.SpanID{})
	t.write(trace.SpanID{}, "")
	return t.text.String()
}

type tree struct {
	numbers  map[trace.SpanID]int
	children map[trace.SpanID][]sdktrace.ReadOnlySpan // by parent; those without one by the zero id
	text     strings.Builder
}

func (t *tree) number(parent trace.SpanID) {
	for _, span := range t.children[parent] {
		id := span.SpanContext().SpanID()
		t.numbers[id] = len(t.numbers) + 1
		t.number(id)
	}
}

func (t *tree) write(parent trace.SpanID, indent string) {
	for i, span := range t.children[parent] {
		branch, below := "├─ ", "│  "
		if i == len(t.children[parent])-1 {
			branch, below = "└─ ", "   "
		}
		if !parent.IsValid() {
			branch, below = "", ""
		}
		id := span.SpanContext().SpanID()
		fmt.Fprintf(&t.text, "%s%s%d %s (%s)%s\n", indent, branch, t.numbers[id], span.Name(), span.SpanKind(), t.notes(span))
		t.write(id, indent+below)
	}
}

func (t *tree) notes(span sdktrace.ReadOnlySpan) string {
	var notes strings.Builder
	if status := span.Status(); status.Code == codes.Error {
		notes.WriteString(" error: " + status.Description)
	}
	for _, link := range span.Links() {
		if link.SpanContext.SpanID() == span.Parent().SpanID() {
			continue
		}
		role := "link"
		for _, attribute := range link.Attributes {
			role = attribute.Value.AsString()
		}
		fmt.Fprintf(&notes, " [%s: %d]", role, t.numbers[link.SpanContext.SpanID()])
	}
	return notes.String()
}
