package spec

import (
	"cmp"
	"regexp"
	"strings"
)

var parameter = regexp.MustCompile(`\{([^{}]*)\}`)

// Parameters returns the names in braces of an address or URL, each once.
func Parameters(address string) []string {
	var names []string
	seen := map[string]bool{}
	for _, m := range parameter.FindAllStringSubmatch(address, -1) {
		if name := m[1]; !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// WithParameters replaces the names in braces by values. A name without a value is left as it is.
func WithParameters(address string, values map[string]string) string {
	return parameter.ReplaceAllStringFunc(address, func(braced string) string {
		return cmp.Or(values[strings.Trim(braced, "{}")], braced)
	})
}
