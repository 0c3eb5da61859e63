package plan

import (
	"slices"
	"strings"
)

// maxShortString is how long an AMQP name or routing key may be, in bytes.
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

// bindingKey returns the key that binds a queue to a topic exchange for the messages of an
// address: a word with a parameter in it becomes "*".
func bindingKey(address string) string {
	const parameter = "\x00"
	for _, name := range parameters(address) {
		address = strings.ReplaceAll(address, "{"+name+"}", parameter)
	}
	words := strings.Split(address, ".")
	for i, word := range words {
		if strings.Contains(word, parameter) {
			words[i] = "*"
		}
	}
	return strings.Join(words, ".")
}

// isPlainKey says whether key is one fixed routing key: no pattern, no parameters.
func isPlainKey(key string) bool {
	return key != "" && !isPattern(key) && len(parameters(key)) == 0
}

// isPattern says whether key has a wildcard of a topic exchange in it.
func isPattern(key string) bool {
	return slices.ContainsFunc(strings.Split(key, "."), func(word string) bool { return word == "*" || word == "#" })
}
