package scamptest

import (
	"slices"
	"strings"

	"github.com/scampgen/scampgen/runtime"
)

// An exchange holds bindings in the order in which they were made.
type exchange struct {
	runtime.Exchange
	bindings []binding
}

type binding struct {
	queue     *queue
	key       string
	arguments runtime.Headers
}

func (b *Broker) addExchange(e runtime.Exchange) {
	b.exchanges[e.Name] = &exchange{Exchange: e}
}

// bind adds a binding unless it is there.
func (e *exchange) bind(added binding) {
	same := func(existing binding) bool {
		return existing.queue == added.queue && existing.key == added.key && equalTables(existing.arguments, added.arguments)
	}
	if !slices.ContainsFunc(e.bindings, same) {
		e.bindings = append(e.bindings, added)
	}
}

// route returns the queues that take a message, each once. The broker is locked.
func (b *Broker) route(m *runtime.Message) []*queue {
	var found []*queue
	for _, key := range routingKeys(m) {
		found = b.routeKey(m.Exchange, key, m.Headers, found, nil)
	}
	return found
}

// routeKey adds to found the queues that name leads to for one routing key. If there are none, it
// tries the alternate exchange; asked holds those that were tried, because they may form a circle.
func (b *Broker) routeKey(name, key string, headers runtime.Headers, found []*queue, asked []string) []*queue {
	if name == "" {
		return addQueue(found, b.queues[key])
	}
	e := b.exchanges[name]
	if e == nil || slices.Contains(asked, name) {
		return found
	}
	matched := false
	for _, to := range e.bindings {
		if to.matches(e.Type, key, headers) {
			matched = true
			found = addQueue(found, to.queue)
		}
	}
	if alternate, ok := e.Arguments["alternate-exchange"].(string); ok && !matched {
		return b.routeKey(alternate, key, headers, found, append(asked, name))
	}
	return found
}

func addQueue(found []*queue, q *queue) []*queue {
	if q == nil || slices.Contains(found, q) {
		return found
	}
	return append(found, q)
}

func (to binding) matches(kind, key string, headers runtime.Headers) bool {
	switch kind {
	case "fanout":
		return true
	case "direct":
		return to.key == key
	case "topic":
		return matchesTopic(topicWords(to.key), topicWords(key))
	}
	return matchesHeaders(to.arguments, headers)
}

// topicWords splits a key at its dots. The empty key has no words.
func topicWords(key string) []string {
	if key == "" {
		return nil
	}
	return strings.Split(key, ".")
}

// matchesTopic reports whether words match a pattern in which * is one word and # is any number of
// words.
func matchesTopic(pattern, words []string) bool {
	for i, want := range pattern {
		if want == "#" {
			for skipped := range len(words) - i + 1 {
				if matchesTopic(pattern[i+1:], words[i+skipped:]) {
					return true
				}
			}
			return false
		}
		if i >= len(words) || want != "*" && want != words[i] {
			return false
		}
	}
	return len(pattern) == len(words)
}

// matchesHeaders reports whether headers have all, or with x-match any one, of the wanted values. A
// wanted nil only requires that the header exists. Names that begin with x- count only in the modes
// all-with-x and any-with-x.
func matchesHeaders(wanted, headers runtime.Headers) bool {
	mode, _ := wanted["x-match"].(string)
	mode, withX := strings.CutSuffix(mode, "-with-x")
	every := mode != "any"
	for name, want := range wanted {
		if name == "x-match" || !withX && strings.HasPrefix(name, "x-") {
			continue
		}
		got, there := headers[name]
		if matched := there && (want == nil || equalValues(got, want)); matched != every {
			return matched
		}
	}
	return every
}

// routingKeys returns the message's key and the keys in its CC and BCC headers.
func routingKeys(m *runtime.Message) []string {
	keys := []string{m.RoutingKey}
	for _, name := range []string{"CC", "BCC"} {
		more, _ := m.Headers[name].([]any)
		for _, key := range more {
			if key, ok := key.(string); ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}
