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

var (
	rounds = flag.Int("rounds", 0, "print tables of medians over so many interleaved rounds")
	only   = flag.String("shapes", "", "measure only the shapes whose names contain this")
)

// A task is something that is measured: how often it is called at a time, and what it takes.
type task struct {
	work    func() error
	batch   int
	samples []float64 // nanoseconds of processor time
	median  float64
}

// TestRatios measures all codecs in all shapes in turn, round after round, so that whatever else the machine does hits all of them
// alike, and prints the medians.
func TestRatios(t *testing.T) {
	if *rounds == 0 {
		t.Skip("give -rounds 40 to measure")
	}
	var all []*task
	add := func(work func() error) *task {
		all = append(all, newTask(t, work))
		return all[len(all)-1]
	}
	var tables []table
	for _, s := range allShapes(t) {
		if !strings.Contains(s.name, *only) {
			continue
		}
		tables = append(tables, tableOf(s, add))
	}
	own, interpreted := validators(t)
	validate := []*task{add(own), add(interpreted)}
	var tokens []*task
	for _, z := range tokenizers(t) {
		tokens = append(tokens, add(z.read))
	}
	measure(t, all)
	t.Log("\n" + encodeTable(tables) + decodeTable(tables) +
		plainTable("validate the order", []string{"generated", "santhosh-tekuri/jsonschema"}, validate) +
		plainTable("read all tokens of the order", []string{"payload.Raw", "go-faster/jx", "jsontext"}, tokens))
}

// A table has the tasks of one shape.
type table struct {
	shape                 shape
	encode, decode        []*task // as shape.codecs
	publish, publishPlain *task
}

func tableOf(s shape, add func(func() error) *task) table {
	made := table{shape: s, publish: add(s.publish), publishPlain: add(s.publishPlain)}
	for _, c := range s.codecs {
		made.encode = append(made.encode, add(func() error { _, err := c.encode(); return err }))
		made.decode = append(made.decode, add(c.decode))
	}
	return made
}

func encodeTable(tables []table) string {
	var b strings.Builder
	header(&b, "Validate and encode", tables[0].shape, "publish")
	for _, made := range tables {
		row(&b, made.shape, made.encode, " | "+ratio(made.publishPlain.median, made.publish.median))
	}
	return b.String()
}

func decodeTable(tables []table) string {
	var b strings.Builder
	header(&b, "decode with all checks", tables[0].shape)
	for _, made := range tables {
		row(&b, made.shape, made.decode, "")
	}
	return b.String()
}

func plainTable(kind string, names []string, tasks []*task) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n| %s | ns | against the first |\n|---|---|---|\n", kind)
	for i, task := range tasks {
		fmt.Fprintf(&b, "| %s | %.0f | %.2f |\n", names[i], task.median, task.median/tasks[0].median)
	}
	return b.String()
}

// header begins a table: what the columns of the libraries are is how many times as fast as encoding/json they are.
func header(b *strings.Builder, kind string, s shape, more ...string) {
	columns := append([]string{kind, "bytes", "encoding/json, µs"}, more...)
	columns = slices.Insert(columns, 3, "scampgen")
	for _, c := range s.codecs[standard+1:] {
		columns = append(columns, c.name)
	}
	fmt.Fprintf(b, "\n| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
}

func row(b *strings.Builder, s shape, tasks []*task, more string) {
	first := tasks[standard].median
	fmt.Fprintf(b, "| %s | %d | %.1f | %s%s", s.name, s.bytes, first/1000, ratio(first, tasks[generated].median), more)
	for _, other := range tasks[standard+1:] {
		fmt.Fprintf(b, " | %.2f", first/other.median)
	}
	b.WriteString(" |\n")
}

// ratio returns how many times as fast as before something is, and says so when it is slower.
func ratio(before, now float64) string {
	if now > before {
		return fmt.Sprintf("lost: %.2f", before/now)
	}
	return fmt.Sprintf("%.2f", before/now)
}

// newTask calls work a few times and counts how many calls take half a millisecond.
func newTask(t *testing.T, work func() error) *task {
	t.Helper()
	made := &task{work: work, batch: 1}
	for start := time.Now(); time.Since(start) < 500*time.Microsecond; made.batch++ {
		if err := work(); err != nil {
			t.Fatal(err)
		}
	}
	return made
}

// measure finds the median of each task. Each round has an order of its own: in a fixed one the garbage of one task would be
// collected in the time of the same other task, round after round.
func measure(t *testing.T, tasks []*task) {
	t.Helper()
	for range *rounds {
		for _, i := range rand.Perm(len(tasks)) {
			tasks[i].samples = append(tasks[i].samples, tasks[i].sample(t))
		}
	}
	for _, task := range tasks {
		slices.Sort(task.samples)
		task.median = task.samples[len(task.samples)/2]
	}
}

// sample returns how much processor time one call takes, garbage collection included, over some ten milliseconds: short, so that
// each task meets the machine in the same mood as the others of its round, and long enough for collections of its own garbage.
func (task *task) sample(t *testing.T) float64 {
	t.Helper()
	calls := 0
	start, before := time.Now(), processorTime(t)
	for time.Since(start) < 10*time.Millisecond {
		for range task.batch {
			if err := task.work(); err != nil {
				t.Fatal(err)
			}
		}
		calls += task.batch
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
