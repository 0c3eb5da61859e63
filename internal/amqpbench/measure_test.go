//go:build unix

package amqpbench

import (
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// A side is one of two ways to do the same work.
type side struct {
	name    string
	prepare func() // may be nil; is not measured

	// work works for about d. It returns the number of messages and, if a message has a beginning
	// and an end, how long each took.
	work func(d time.Duration) (messages int, times []time.Duration)
}

// A sample is what one round of one side measured.
type sample struct {
	rate     float64       // messages a second
	cpu      time.Duration // of this process, for each message
	allocs   float64       // for each message
	bytes    float64       // that were allocated for each message
	p50, p99 time.Duration // 0 if the work does not time its messages
	slowest  time.Duration
}

// compare runs sides in turn and reports the medians, and each side's relative to the first's.
func compare(b *testing.B, sides ...side) {
	b.Helper()
	rounds, length := rounds(b)
	samples := make([][]sample, len(sides))
	for i := range sides {
		measure(sides[i], length/3) // warm up
	}
	for range rounds {
		for i, side := range sides {
			samples[i] = append(samples[i], measure(side, length))
		}
	}
	b.ReportMetric(0, "ns/op")
	first := medians(samples[0])
	for i, side := range sides {
		m := medians(samples[i])
		b.ReportMetric(m.rate, side.name+"-msg/s")
		b.ReportMetric(float64(m.cpu.Nanoseconds())/1e3, side.name+"-cpu-µs")
		b.ReportMetric(m.allocs, side.name+"-allocs")
		b.ReportMetric(m.bytes, side.name+"-bytes")
		if i > 0 {
			b.ReportMetric(m.rate/first.rate, ratioName(side, len(sides)))
			b.ReportMetric(float64(m.cpu)/float64(first.cpu), side.name+"-cpu-ratio")
		}
		if m.p50 == 0 {
			continue
		}
		b.ReportMetric(float64(m.p50.Nanoseconds())/1e3, side.name+"-p50-µs")
		b.ReportMetric(float64(m.p99.Nanoseconds())/1e3, side.name+"-p99-µs")
		b.ReportMetric(float64(m.slowest)/float64(m.p50), side.name+"-slowest/p50")
		if i > 0 {
			b.ReportMetric(float64(m.p50)/float64(first.p50), "p50-ratio")
		}
	}
}

func ratioName(s side, sides int) string {
	if sides == 2 {
		return "rate-ratio"
	}
	return s.name + "-rate-ratio"
}

func rounds(b *testing.B) (n int, length time.Duration) {
	n, length = 10, 300*time.Millisecond
	var err error
	if text := os.Getenv("SCAMP_BENCH_ROUNDS"); text != "" {
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			b.Fatalf("SCAMP_BENCH_ROUNDS is %q", text)
		}
	}
	if text := os.Getenv("SCAMP_BENCH_ROUND"); text != "" {
		if length, err = time.ParseDuration(text); err != nil || length <= 0 {
			b.Fatalf("SCAMP_BENCH_ROUND is %q", text)
		}
	}
	return n, length
}

func measure(s side, length time.Duration) sample {
	if s.prepare != nil {
		s.prepare()
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, begun := cpuTime(), time.Now()
	n, times := s.work(length)
	took, cpu := time.Since(begun), cpuTime()-cpu
	runtime.ReadMemStats(&after)
	if n == 0 {
		panic(fmt.Sprintf("%s did nothing", s.name))
	}
	result := sample{
		rate:   float64(n) / took.Seconds(),
		cpu:    cpu / time.Duration(n),
		allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}
	if len(times) > 0 {
		slices.Sort(times)
		result.p50, result.p99, result.slowest = times[len(times)/2], times[len(times)*99/100], times[len(times)-1]
	}
	return result
}

// cpuTime returns the CPU time of this process.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func medians(samples []sample) sample {
	return sample{
		rate:   median(samples, func(s sample) float64 { return s.rate }),
		cpu:    median(samples, func(s sample) time.Duration { return s.cpu }),
		allocs: median(samples, func(s sample) float64 { return s.allocs }),
		bytes:  median(samples, func(s sample) float64 { return s.bytes }),
		p50:    median(samples, func(s sample) time.Duration { return s.p50 }),
		p99:    median(samples, func(s sample) time.Duration { return s.p99 }),

		slowest: median(samples, func(s sample) time.Duration { return s.slowest }),
	}
}

func median[T cmp.Ordered](samples []sample, of func(sample) T) T {
	values := make([]T, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
