package topology

import "testing"

func TestKeys(t *testing.T) {
	for address, want := range map[string]string{
		"order.placed":           "order.placed",
		"drone.{id}.state":       "drone.*.state",
		"drone-{id}.{a.b}.state": "*.*.state",
		"{x}":                    "*",
		"saga.#":                 "saga.#",
		"open.{brace":            "open.{brace",
	} {
		if got := bindingKey(address); got != want {
			t.Errorf("bindingKey(%q) = %q, want %q", address, got, want)
		}
	}
}
