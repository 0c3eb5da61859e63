package types

import (
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
)

func schemaDoc(s *schema.Schema) names.Doc {
	return names.Doc{Summary: s.Title, Description: s.Description, Notes: schemaNotes(s), Deprecated: s.Deprecated}
}

// schemaNotes returns notes for the comment: what the contract says about a schema that neither the
// type nor a check expresses.
func schemaNotes(s *schema.Schema) string {
	var notes []string
	if s.ReadOnly {
		notes = append(notes, "Read-only: only the owner of the data sets it.")
	}
	if s.WriteOnly {
		notes = append(notes, "Write-only: the owner of the data does not send it.")
	}
	if s.Default != nil {
		notes = append(notes, "Default: "+JSON(s.Default)+".")
	}
	for _, example := range s.Examples {
		if text := JSON(example); len(text) <= longestExample {
			notes = append(notes, "Example: "+text+".")
			break
		}
	}
	return strings.Join(notes, "\n")
}

// longestExample is the maximum length of an example in a comment, in bytes.
const longestExample = 80
