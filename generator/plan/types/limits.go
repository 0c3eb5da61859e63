package types

import "github.com/scampgen/scampgen/asyncapi/schema"

// The limits of one type and of what it is made from; docs/contract.md has them. See also the
// budget in package report.
const (
	maxMerging  = 200_000 // members, names and values that the parts of allOf bring together
	maxLevels   = 5_000   // schemas within one another, along references
	maxMembers  = 1_000   // properties and required names of an object
	maxPatterns = 200     // patterns for the members of an object
	maxItems    = 500     // schemas by position in a list
	maxValues   = 10_000  // values of an enum that becomes constants
	maxVariants = 500     // schemas in a choice that becomes a type
	maxPath     = 1_000   // bytes of a path that is made of others
)

// The limits of finding out what tells the variants of unions apart. Beyond them nothing does: the
// variants are tried.
const (
	maxCompared = 2_000_000 // required members that are looked for in other variants
	maxLooks    = 100       // of one variant: those of the variants of unions in it
	maxWithin   = 3         // unions within one another whose values are looked at
	maxLacks    = 500       // members that the signs of a union lack, in all; they save tries, and are worth no more code than this
)

// spendComparing subtracts n from the limit of comparing variants. It returns false when that is
// exceeded.
func (t *Builder) spendComparing(n int) bool {
	if t.looked <= maxCompared {
		t.looked += n
	}
	return t.looked <= maxCompared
}

// spendMerging subtracts n from the limit of what all allOfs may merge. When that is exceeded it
// reports so once, at the part s, and returns false.
func (t *Builder) spendMerging(s *schema.Schema, n int) bool {
	if t.merged > maxMerging {
		return false
	}
	if t.merged += n; t.merged > maxMerging {
		t.report.TooLarge(s.Location, "allOf", maxMerging, "members, names and values are brought together by allOf")
		return false
	}
	return true
}

// isSmall reports whether the view s of a schema is within the limits of one Go type. If not, it
// has reported that.
func (t *Builder) isSmall(s *schema.Schema) bool {
	for _, part := range []struct {
		feature string
		n, most int
		what    string
	}{
		{"properties", len(s.Properties), maxMembers, "properties in an object"},
		{"required", len(s.Required), maxMembers, "required names in an object"},
		{"patternProperties", len(s.PatternProperties), maxPatterns, "patterns for the members of an object"},
		{"items", len(s.PrefixItems), maxItems, "schemas for the items of a list by their places"},
		{"enum", len(s.Enum), maxValues, "values in an enum"},
		{"choice", len(choices(s)), maxVariants, "schemas in a choice"},
	} {
		if part.n > part.most {
			t.report.TooLarge(s.Location, part.feature, part.most, part.what)
			return false
		}
	}
	return true
}
