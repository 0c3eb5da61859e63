package topology

import (
	"slices"
	"strings"
)

// maxShortString is the maximum length of an AMQP name or routing key, in bytes.
const maxShortString = 255

// parameters returns the names in braces in an address, each once: "drone.{id}.state" has "id".
func parameters(address string) []string {
	var names []string
	for rest := address; ; {
		_, after, opens := strings.Cut(rest, "{")
		name, next, closes := strings.Cut(after, "}")
		if !opens || !closes {
			return unique(names)
		}
		names = append(names, name)
		rest = next
	}
}

// bindingKey returns the key that binds a queue to a topic exchange for the messages of an address:
// a word with a parameter becomes "*".
func bindingKey(address string) string {
	const parameter = '\x00' // a dot in a parameter's name parts no words
	words := strings.Split(withoutParameters(address, parameter), ".")
	for i, word := range words {
		if strings.ContainsRune(word, parameter) {
			words[i] = "*"
		}
	}
	return strings.Join(words, ".")
}

// withoutParameters returns an address with each parameter replaced by a character.
func withoutParameters(address string, parameter rune) string {
	var b strings.Builder
	for {
		before, after, opens := strings.Cut(address, "{")
		_, next, closes := strings.Cut(after, "}")
		if !opens || !closes {
			b.WriteString(address)
			return b.String()
		}
		b.WriteString(before)
		b.WriteRune(parameter)
		address = next
	}
}

// isPlainKey reports whether key is one fixed routing key: no pattern, no parameters.
func isPlainKey(key string) bool {
	return key != "" && !isPattern(key) && len(parameters(key)) == 0
}

// isPattern reports whether key has a wildcard of a topic exchange in it.
func isPattern(key string) bool {
	return slices.ContainsFunc(strings.Split(key, "."), func(word string) bool { return word == "*" || word == "#" })
}
