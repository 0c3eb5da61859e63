package hostile

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An Attack is input that was made to cost much.
type Attack struct {
	Name string // for the table
	Size int    // of the smallest input, in bytes or in whatever Name says

	// Prepare makes an input of n, and returns what takes it in. What it returns says how that ended, in a word or two.
	Prepare func(n int) (run func() string)
}

// patience is how long one attack may take, and memory how much address space. What takes more is a row that says so.
const (
	patience = 20 * time.Second
	memory   = 16 << 30
)

// The variables that tell a process which attack it is to measure, and where to write the result.
const (
	attackVariable = "HOSTILE_ATTACK"
	sizeVariable   = "HOSTILE_SIZE"
	resultVariable = "HOSTILE_RESULT"
)

// Measure runs each attack with one, two and four times its size, each in a process of its own, and prints a table with a row for each: the time of the
// processor, the memory beyond what the input takes, and how the last one ended. It skips
// the test unless SCAMP_HOSTILE is set; bounded work is what other tests are for. It needs Linux.
func Measure(t *testing.T, attacks ...Attack) {
	t.Helper()
	if name := os.Getenv(attackVariable); name != "" {
		attack(t, name, attacks)
		return
	}
	if os.Getenv("SCAMP_HOSTILE") == "" {
		t.Skip("make hostile runs it")
	}
	fmt.Fprint(os.Stdout, "\n| attack | 4n | time for n, 2n, 4n | memory | end |\n|--- |---: |---: |---: |--- |\n")
	for _, a := range attacks {
		var times, memories []string
		var end string
		for _, n := range []int{a.Size, 2 * a.Size, 4 * a.Size} {
			cells := strings.Split(inProcess(t, a.Name, n), "|")
			times, memories, end = append(times, cells[0]), append(memories, cells[1]), cells[2]
		}
		fmt.Fprintf(os.Stdout, "| %s | %s | %s | %s | %s |\n", a.Name, grouped(4*a.Size), strings.Join(times, ", "), strings.Join(memories, ", "), end)
	}
}

// inProcess returns the time, the memory and the end of one attack, with bars between them.
func inProcess(t *testing.T, name string, n int) string {
	t.Helper()
	result := filepath.Join(t.TempDir(), "result")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$")
	command.Env = append(os.Environ(), attackVariable+"="+name, sizeVariable+"="+strconv.Itoa(n), resultVariable+"="+result)
	out, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return fmt.Sprintf("more than %v|-|killed", patience)
	case bytes.Contains(out, []byte("out of memory")):
		return fmt.Sprintf("-|more than %d GiB|killed", memory>>30)
	case err != nil:
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	cells, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	return string(cells)
}

// attack measures the attack called name in this process, and writes what inProcess returns.
func attack(t *testing.T, name string, attacks []Attack) {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv(sizeVariable))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: memory, Max: memory}); err != nil {
		t.Fatal(err)
	}
	for _, a := range attacks {
		if a.Name != name {
			continue
		}
		run := a.Prepare(n)
		before, spent := resident(t), processorTime(t)
		end := run()
		cells := fmt.Sprintf("%s|%s|%s", rounded(processorTime(t)-spent), megabytes(max(peak(t)-before, 0)), end)
		if err := os.WriteFile(os.Getenv(resultVariable), []byte(cells), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// resident returns the memory of the process after what nobody needs has been given back, and begins to look for a new peak.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	return status(t, "VmRSS:")
}

// peak returns the most memory that the process had since resident.
func peak(t *testing.T) int {
	t.Helper()
	return status(t, "VmHWM:")
}

func status(t *testing.T, field string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), field)
	var kilobytes int
	if _, err := fmt.Sscanf(rest, "%d kB", &kilobytes); err != nil {
		t.Fatalf("%s: %v", field, err)
	}
	return kilobytes << 10
}

// processorTime returns the time that the process has had of all cores, collecting garbage included.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func rounded(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

func megabytes(n int) string { return strconv.Itoa((n+500_000)/1_000_000) + " MB" }

// grouped returns n with commas between thousands.
func grouped(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
