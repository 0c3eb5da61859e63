package jsonbench

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var rounds = flag.Int("rounds", 0, "print a table of medians over so many interleaved rounds")

// TestRatios measures all codecs in turn, round after round, so that whatever else the machine does hits all of them alike, and
// prints the medians.
func TestRatios(t *testing.T) {
	if *rounds == 0 {
		t.Skip("give -rounds 15 to measure")
	}
	all := codecs(t)
	generated, interpreted := validators(t)
	tasks := map[string][]func() error{}
	var names []string
	for _, c := range all {
		names = append(names, c.name)
		tasks["encode"] = append(tasks["encode"], c.encode)
		tasks["decode"] = append(tasks["decode"], c.decode)
	}
	tasks["validate"] = []func() error{generated, interpreted}
	var b strings.Builder
	for _, kind := range []string{"encode", "decode", "validate"} {
		medians := measure(t, tasks[kind])
		fmt.Fprintf(&b, "| %s | ns | against generated |\n|---|---|---|\n", kind)
		for i, ns := range medians {
			name := names[i]
			if kind == "validate" {
				name = []string{"generated", "santhosh-tekuri/jsonschema"}[i]
			}
			fmt.Fprintf(&b, "| %s | %.0f | %.2f |\n", name, ns, ns/medians[0])
		}
	}
	t.Log("\n" + b.String())
}

// measure returns the median of nanoseconds for each task.
func measure(t *testing.T, tasks []func() error) []float64 {
	t.Helper()
	samples := make([][]float64, len(tasks))
	for range *rounds {
		for i, task := range tasks {
			samples[i] = append(samples[i], sample(t, task))
		}
	}
	var medians []float64
	for _, s := range samples {
		slices.Sort(s)
		medians = append(medians, s[len(s)/2])
	}
	return medians
}

// sample returns how long one call of task takes, over some 50 milliseconds.
func sample(t *testing.T, task func() error) float64 {
	t.Helper()
	const batch = 200
	calls := 0
	start := time.Now()
	for time.Since(start) < 50*time.Millisecond {
		for range batch {
			if err := task(); err != nil {
				t.Fatal(err)
			}
		}
		calls += batch
	}
	return float64(time.Since(start).Nanoseconds()) / float64(calls)
}
