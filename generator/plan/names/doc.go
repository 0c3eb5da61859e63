package names

import (
	"cmp"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
)

// A Doc is what the contract says about a thing, in the contract's own words, which may be any
// text. Only the function comment of package templates may write it to source.
type Doc struct {
	Summary     string // one line: the title or summary
	Description string // paragraphs
	Notes       string // sentences of scampgen's about the default, the examples and the like, one a line
	Tags        string // with commas between them
	URL         string // where to read more
	Deprecated  bool
}

// DocOf returns the words of a contract as a Doc.
func DocOf(t asyncapi.Texts) Doc {
	return Doc{
		Summary: cmp.Or(t.Summary, t.Title), Description: t.Description,
		Tags: strings.Join(t.Tags, ", "), URL: t.URL, Deprecated: t.Deprecated,
	}
}
