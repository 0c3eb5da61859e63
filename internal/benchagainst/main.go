// Command benchagainst measures the runtime of the working tree against that of an earlier commit: it
// builds the benchmarks of package amqpbench of both and runs them in turn, on one machine and one
// broker, until the time is over. Then it prints the medians and their ratios.
//
//	make bench-against COMMIT=v0.1.0
package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

func main() {
	commit := flag.String("commit", "", "the `COMMIT` to measure against")
	which := flag.String("bench", "^Benchmark(Publish|Consume)(Null|RabbitMQ)$", "the benchmarks, as go test -bench takes them")
	limit := flag.Duration("for", 330*time.Second, "how long to measure, with the time to build; a round that has begun is ended")
	flag.Parse()
	if err := run(*commit, *which, *limit, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchagainst:", err)
		os.Exit(1)
	}
}

// measured are the metrics of the runtime that are compared. The ratios are to the plain loop in the
// same run, so that they change less with what else the machine does. More is better of messages/s
// and their ratio.
var measured = []string{"scamp-msg/s", "rate-ratio", "scamp-p50-µs", "scamp-cpu-µs", "scamp-cpu-ratio", "scamp-allocs"}

// A samples has the values of one metric of one benchmark: before and after.
type samples [2][]float64

func run(commit, which string, limit time.Duration, out io.Writer) error {
	if commit == "" {
		return fmt.Errorf("against which commit? Give -commit")
	}
	begun := time.Now()
	folder, err := os.MkdirTemp("", "benchagainst-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	tree := filepath.Join(folder, "before")
	if err := command(".", "git", "worktree", "add", "--detach", tree, commit); err != nil {
		return err
	}
	defer func() { _ = command(".", "git", "worktree", "remove", "--force", tree) }()
	binaries := [2]string{filepath.Join(folder, "before.test"), filepath.Join(folder, "after.test")}
	for i, root := range []string{tree, "."} {
		if err := command(root, "go", "test", "-c", "-o", binaries[i], "./internal/amqpbench"); err != nil {
			return err
		}
	}
	found, rounds := make(map[string]*samples), 0
	for longest := time.Duration(0); rounds == 0 || time.Since(begun)+longest < limit; rounds++ {
		started := time.Now()
		for i := range binaries {
			side := (i + rounds) % 2 // neither is always first
			if err := measure(binaries[side], which, side, found); err != nil {
				return err
			}
		}
		longest = max(longest, time.Since(started))
	}
	fmt.Fprintf(out, "%d rounds; before is %s\n", rounds, commit)
	return report(out, found)
}

// measure runs the benchmarks of a binary once and adds what they say to found.
func measure(binary, which string, side int, found map[string]*samples) error {
	bench := exec.Command(binary, "-test.run=^$", "-test.bench="+which, "-test.benchtime=1x", "-test.timeout=10m")
	bench.Dir = "internal/amqpbench"
	bench.Env = append(os.Environ(), "SCAMP_BENCH_ROUNDS=1", "SCAMP_BENCH_ROUND=200ms")
	output, err := bench.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", binary, err, output)
	}
	for line := range strings.Lines(string(output)) {
		words := strings.Fields(line)
		if len(words) < 2 || !strings.HasPrefix(words[0], "Benchmark") {
			continue
		}
		for i := 2; i+1 < len(words); i += 2 {
			value, err := strconv.ParseFloat(words[i], 64)
			if err != nil || !slices.Contains(measured, words[i+1]) {
				continue
			}
			name := words[0] + " " + words[i+1]
			if found[name] == nil {
				found[name] = new(samples)
			}
			found[name][side] = append(found[name][side], value)
		}
	}
	return nil
}

// report writes a line for each metric of each benchmark, and for each metric of all together.
func report(out io.Writer, found map[string]*samples) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "benchmark and metric\tbefore\tafter\tafter/before\t")
	ratios := make(map[string][]float64)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		before, after := median(found[name][0]), median(found[name][1])
		if before == 0 || after == 0 { // only one of the two has it
			continue
		}
		_, metric, _ := strings.Cut(name, " ")
		ratios[metric] = append(ratios[metric], after/before)
		fmt.Fprintf(table, "%s\t%.5g\t%.5g\t%.3f\t\n", name, before, after, after/before)
	}
	for _, metric := range measured {
		if len(ratios[metric]) > 0 {
			fmt.Fprintf(table, "median of %d: %s\t\t\t%.3f\t\n", len(ratios[metric]), metric, median(ratios[metric]))
		}
	}
	return table.Flush()
}

// median returns 0 of nothing.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare[float64])
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func command(folder, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir = folder
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, output)
	}
	return nil
}
