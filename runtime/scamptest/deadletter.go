package scamptest

import (
	"maps"
	"slices"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

// deadLetter publishes the message of e to the queue's dead-letter exchange with the reason in its
// x-death header. Without such an exchange the message is dropped. As with RabbitMQ 4.3, a message
// that was delivered before counts as delivered again in the next queue.
func (q *queue) deadLetter(e *entry, reason string) {
	if !q.limits.deadLetters {
		return
	}
	dead := *e.message
	dead.Mandatory = false
	dead.Headers = withDeath(e.message, q.Name, reason)
	dead.Exchange = q.limits.deadLetterTo
	dead.Expiration = 0 // otherwise it would expire again in the next queue
	routed := dead
	if q.limits.hasDeadLetterKey {
		dead.RoutingKey = q.limits.deadLetterKey
		routed.RoutingKey, routed.Headers = dead.RoutingKey, maps.Clone(dead.Headers)
		delete(routed.Headers, "CC") // it stays in the message, but leads nowhere
	}
	for _, target := range q.broker.route(&routed) {
		if reason == "rejected" || !inCircle(&dead, target.Name) {
			target.add(&entry{message: &dead, redelivered: e.redelivered})
		}
	}
}

// withDeath returns the headers of m with one more death: first in x-death, with a count for each
// queue and reason. The first death also has headers of its own.
func withDeath(m *runtime.Message, queue, reason string) runtime.Headers {
	headers := receivedTable(m.Headers)
	if headers == nil {
		headers = runtime.Headers{}
	}
	deaths, _ := headers["x-death"].([]any)
	var death runtime.Headers
	i := slices.IndexFunc(deaths, func(earlier any) bool {
		death, ok := earlier.(runtime.Headers)
		return ok && death["queue"] == queue && death["reason"] == reason
	})
	if i >= 0 {
		death = deaths[i].(runtime.Headers)
		deaths = slices.Delete(deaths, i, i+1)
	} else {
		death = newDeath(m, queue, reason)
	}
	count, _ := integer(death["count"])
	death["count"] = count + 1
	headers["x-death"] = slices.Insert(deaths, 0, any(death))
	headers["x-last-death-queue"] = queue
	headers["x-last-death-reason"] = reason
	headers["x-last-death-exchange"] = m.Exchange
	if _, known := headers["x-first-death-queue"]; !known {
		headers["x-first-death-queue"] = queue
		headers["x-first-death-reason"] = reason
		headers["x-first-death-exchange"] = m.Exchange
	}
	return headers
}

func newDeath(m *runtime.Message, queue, reason string) runtime.Headers {
	keys := []any{}
	for _, key := range routingKeys(m) {
		keys = append(keys, key)
	}
	death := runtime.Headers{
		"count":        int64(0),
		"queue":        queue,
		"reason":       reason,
		"time":         receivedTime(time.Now()),
		"exchange":     m.Exchange,
		"routing-keys": keys,
	}
	if m.Expiration > 0 {
		death["original-expiration"] = expirationText(m.Expiration)
	}
	return death
}

// inCircle reports whether a message that comes to queue again has been there before and since then
// was only dead-lettered automatically, without a reject. RabbitMQ drops such a message, which
// would otherwise circulate forever.
func inCircle(m *runtime.Message, queue string) bool {
	deaths, _ := m.Headers["x-death"].([]any)
	for _, d := range deaths {
		death, ok := d.(runtime.Headers)
		if !ok || death["reason"] == "rejected" {
			return false
		}
		if death["queue"] == queue {
			return true
		}
	}
	return false
}
