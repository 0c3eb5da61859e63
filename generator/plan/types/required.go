package types

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/scampgen/scampgen/asyncapi/schema"
	"github.com/scampgen/scampgen/asyncapi/source"
)

// warnOfRequired warns of names that s requires and does not describe, and that are nearly those of
// properties that it does not require: messages would need a member that nobody knows. v is the view
// of s.
func (t *Builder) warnOfRequired(s, v *schema.Schema) {
	required := setOf(v.Required)
	var optional []string
	for _, p := range v.Properties {
		if !required[p.Name] {
			optional = append(optional, p.Name)
		}
	}
	for _, p := range requiredOnly(v) {
		near := nearProperty(p.Name, optional)
		if near == "" {
			continue
		}
		if at := requiredAt(s, p.Name, map[*schema.Schema]bool{}); !t.warned[at] {
			t.warned[at] = true
			t.report.Warn(at, fmt.Sprintf("%q is required, but the schema does not describe it", p.Name), near)
		}
	}
}

// nearProperty returns a hint with the property that a required name most likely means, "" when
// there is none.
func nearProperty(name string, properties []string) string {
	for _, p := range properties {
		if letters(p) == letters(name) {
			return fmt.Sprintf("did you mean %q?", p)
		}
	}
	return source.NearestWithin(name, properties, func(property string) int { return max(1, len(property)/4) })
}

// letters returns the letters and digits of a name in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// requiredAt returns where s, or a schema of its allOf, requires a name; the location of s when that
// is not known.
func requiredAt(s *schema.Schema, name string, seen map[*schema.Schema]bool) source.Location {
	seen[s] = true
	if list := s.Source.Get("required"); list != nil {
		for _, v := range list.Items {
			if v.Text == name {
				return v.Location()
			}
		}
	}
	for _, part := range s.AllOf {
		if !seen[part] {
			if at := requiredAt(part, name, seen); at != part.Location {
				return at
			}
		}
	}
	return s.Location
}
