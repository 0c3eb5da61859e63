package topology

import (
	"slices"
	"strings"
)

// maxShortString is the maximum length of an AMQP name or routing key, in bytes.
const maxShortString = 255

// maxCompared is how many words of routing keys are compared, and how many channels are given to the
// consumers of the queues that take their messages: work below a second.
const maxCompared = 10_000_000

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

// compare adds to the comparisons that have been made. It returns false when there are too many.
func (b *builder) compare(n int) bool {
	if b.compared <= maxCompared {
		b.compared += n
	}
	return b.compared <= maxCompared
}

// overlap reports whether there is a routing key that fits both patterns, which are in words. After i
// words of x, row[j] says whether there is one that fits these and the first j words of y.
func overlap(x, y []string) bool {
	row := make([]bool, len(y)+1)
	row[0] = true
	for j := range y {
		row[j+1] = row[j] && y[j] == "#"
	}
	for i := range x {
		next := make([]bool, len(y)+1)
		next[0] = row[0] && x[i] == "#"
		for j := range y {
			if x[i] == "#" || y[j] == "#" {
				next[j+1] = row[j+1] || next[j]
			} else {
				next[j+1] = row[j] && (x[i] == y[j] || x[i] == "*" || y[j] == "*")
			}
		}
		row = next
	}
	return row[len(y)]
}
