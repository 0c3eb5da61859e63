//go:build unix

package jsonbench

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var rounds = flag.Int("rounds", 0, "print a table of medians over so many interleaved rounds")

// TestRatios measures all codecs in turn, round after round, so that whatever else the machine does hits all of them alike, and
// prints the medians.
func TestRatios(t *testing.T) {
	if *rounds == 0 {
		t.Skip("give -rounds 300 to measure")
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
	named := map[string][]string{"encode": names, "decode": names, "validate": {"generated", "santhosh-tekuri/jsonschema"}}
	tasks["validate"] = []func() error{generated, interpreted}
	for _, z := range tokenizers() {
		named["tokens"] = append(named["tokens"], z.name)
		tasks["tokens"] = append(tasks["tokens"], z.read)
	}
	var b strings.Builder
	for _, kind := range []string{"encode", "decode", "validate", "tokens"} {
		medians := measure(t, tasks[kind])
		fmt.Fprintf(&b, "\n| %s | ns | against the first |\n|---|---|---|\n", kind)
		for i, ns := range medians {
			fmt.Fprintf(&b, "| %s | %.0f | %.2f |\n", named[kind][i], ns, ns/medians[0])
		}
	}
	t.Log("\n" + b.String())
}

// measure returns the median of nanoseconds for each task. Each round has an order of its own: in a fixed one the garbage of one task
// would be collected in the time of the same other task, round after round.
func measure(t *testing.T, tasks []func() error) []float64 {
	t.Helper()
	samples := make([][]float64, len(tasks))
	for range *rounds {
		for _, i := range rand.Perm(len(tasks)) {
			samples[i] = append(samples[i], sample(t, tasks[i]))
		}
	}
	var medians []float64
	for _, s := range samples {
		slices.Sort(s)
		medians = append(medians, s[len(s)/2])
	}
	return medians
}

// sample returns how much processor time one call of task takes, garbage collection included, over some ten milliseconds: short, so that
// each task meets the machine in the same mood as the others of its round, and long enough for collections of its own garbage.
func sample(t *testing.T, task func() error) float64 {
	t.Helper()
	const batch = 100
	calls := 0
	start, before := time.Now(), processorTime(t)
	for time.Since(start) < 10*time.Millisecond {
		for range batch {
			if err := task(); err != nil {
				t.Fatal(err)
			}
		}
		calls += batch
	}
	return float64((processorTime(t) - before).Nanoseconds()) / float64(calls)
}

// processorTime returns the time that this process has used.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
