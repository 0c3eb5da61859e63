package plan

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
)

// Build decides what doc generates. It reports all problems; when one of them is fatal, the plan is
// nil. doc must be free of fatal problems itself.
func Build(doc *asyncapi.Document, o Options) (*Plan, asyncapi.Problems) {
	return &Plan{}, nil
}

func find[T any](list []T, name string, nameOf func(T) string) (int, bool) {
	return slices.BinarySearchFunc(list, name, func(t T, name string) int { return strings.Compare(nameOf(t), name) })
}
