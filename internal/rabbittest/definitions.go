package rabbittest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"
)

// Declared returns everything that is declared in the virtual host beside what the broker has anyway, a
// sorted line for each exchange, queue and binding:
//
//	binding billing from orders by "order.placed"
//	exchange orders direct
//	queue billing {"x-queue-type":"quorum"}
//
// What is not durable has a word that says so. The type classic is left out: RabbitMQ from 4 on adds
// it to queues without a type.
func (h *VirtualHost) Declared(t testing.TB) []string {
	t.Helper()
	var all struct {
		Exchanges []struct {
			Name, Type string
			Durable    bool
			Arguments  map[string]any
		}
		Queues []struct {
			Name      string
			Durable   bool
			Arguments map[string]any
		}
		Bindings []struct {
			Source, Destination string
			RoutingKey          string `json:"routing_key"`
			Arguments           map[string]any
		}
	}
	if err := h.broker.call(context.Background(), http.MethodGet, h.path("/api/definitions"), nil, &all); err != nil {
		t.Fatal(err)
	}
	var lines []string
	add := func(line string, durable bool, arguments map[string]any) {
		if !durable {
			line += " transient"
		}
		if len(arguments) > 0 {
			text, err := json.Marshal(arguments)
			if err != nil {
				t.Fatal(err)
			}
			line += " " + string(text)
		}
		lines = append(lines, line)
	}
	for _, x := range all.Exchanges {
		add(fmt.Sprintf("exchange %s %s", x.Name, x.Type), x.Durable, x.Arguments)
	}
	for _, q := range all.Queues {
		if q.Arguments["x-queue-type"] == "classic" {
			delete(q.Arguments, "x-queue-type")
		}
		add("queue "+q.Name, q.Durable, q.Arguments)
	}
	for _, b := range all.Bindings {
		add(fmt.Sprintf("binding %s from %s by %q", b.Destination, b.Source, b.RoutingKey), true, b.Arguments)
	}
	slices.Sort(lines)
	return lines
}
