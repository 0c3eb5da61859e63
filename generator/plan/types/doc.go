package types

import (
	"strings"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/generator/plan/names"
)

func schemaDoc(s *schema.Schema) names.Doc {
	return names.Doc{Summary: s.Title, Description: s.Description, Notes: schemaNotes(s), Deprecated: s.Deprecated}
}

// schemaNotes says what the contract says about a schema that is neither type nor check.
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

// longestExample is how many bytes an example has at most that is shown in a comment.
const longestExample = 80
