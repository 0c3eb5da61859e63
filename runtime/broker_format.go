package runtime

import (
	"fmt"
	"net/url"
	"slices"
)

// Format prints the Broker as package fmt does, with "xxxxx" in the place of each password, so that a log has none.
func (b Broker) Format(state fmt.State, verb rune) {
	type plain Broker // without this method
	b.URL = withoutPassword(b.URL)
	b.URLs = slices.Clone(b.URLs)
	for i, address := range b.URLs {
		b.URLs[i] = withoutPassword(address)
	}
	fmt.Fprintf(state, fmt.FormatString(state, verb), plain(b))
}

// withoutPassword returns an address as it may be printed. Of one that cannot be parsed nobody knows where its password is.
func withoutPassword(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Opaque != "" || parsed.Host == "" {
		return "xxxxx"
	}
	return parsed.Redacted()
}
