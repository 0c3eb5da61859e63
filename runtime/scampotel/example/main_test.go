package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m).Run()) }

// TestExample prints the same trace on both brokers, and the one that docs/observability.md shows.
func TestExample(t *testing.T) {
	page, err := os.ReadFile("../../../docs/observability.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]func(*testing.T) string{
		"scamptest": func(*testing.T) string { return "" },
		"RabbitMQ":  func(t *testing.T) string { return rabbittest.New(t).URL },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), &out, url(t)); err != nil {
				t.Error(err)
			}
			if !strings.Contains(string(page), out.String()) {
				t.Errorf("docs/observability.md does not show\n%s", &out)
			}
		})
	}
}
