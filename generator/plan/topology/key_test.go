package topology

import (
	"strings"
	"testing"
)

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

func TestOverlap(t *testing.T) {
	for _, c := range []struct {
		key, pattern string
		want         bool
	}{
		{"order.placed", "order.placed", true},
		{"order.placed", "order.moved", false},
		{"order.placed", "order.*", true},
		{"order.placed", "*", false},
		{"order.placed", "#", true},
		{"order.placed", "order.placed.#", true},
		{"order.placed", "#.moved", false},
		{"order.placed", "#.placed.#", true},
		{"order.{region}.placed", "order.eu.placed", true},
		{"order.{region}.placed", "order.*.placed", true},
		{"order.{region}.placed", "order.placed", false},
		{"order.{region}", "#.eu", true},
		{"order.#", "order", true},
		{"order.#", "#.placed", true},
		{"order.#", "stock.#", false},
		{"", "", true},
		{"", "#", true},
	} {
		if got := overlap(strings.Split(bindingKey(c.key), "."), strings.Split(c.pattern, ".")); got != c.want {
			t.Errorf("overlap(%q, %q) = %v", c.key, c.pattern, got)
		}
	}
}
