package rabbittest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Tests runs the tests of a package and then stops their shared broker.
type Tests struct {
	m *testing.M
}

// Main wraps m so that the shared broker ends with the tests, and prints the names of tests that
// were left out. It works with goleak.VerifyTestMain too.
func Main(m *testing.M) *Tests { return &Tests{m} }

// Run runs the tests and returns the exit code.
func (tests *Tests) Run() int {
	code := tests.m.Run()
	stopShared()
	notes.mu.Lock()
	defer notes.mu.Unlock()
	if len(notes.leftOut) > 0 && !testing.Verbose() {
		warn(leftOutNotice(notes.leftOut))
	}
	return code
}

// notes hold what became of the broker tests of this binary.
var notes struct {
	mu      sync.Mutex
	seen    map[string]bool
	leftOut []string
}

func begin(t testing.TB) {
	t.Helper()
	switch mode := os.Getenv(EnvMode); mode {
	case "", "required":
	case "none":
		note(t, "left out")
		t.Skipf("%s needs RabbitMQ and %s is none", t.Name(), EnvMode)
	default:
		t.Fatalf("%s is %q: it may be required, none or empty", EnvMode, mode)
	}
}

// leaveOut ends a test that has no broker.
func leaveOut(t testing.TB, why error) {
	t.Helper()
	if os.Getenv(EnvMode) == "required" || os.Getenv(EnvURL) != "" {
		t.Fatalf("no RabbitMQ: %v", why)
	}
	note(t, "left out")
	t.Skipf("LEFT OUT: %s needs RabbitMQ: %v; run make test, or set %s", t.Name(), why, EnvURL)
}

// note records what became of t, once for each test, and appends it to the file that with-rabbitmq
// counts from.
func note(t testing.TB, verdict string) {
	t.Helper()
	notes.mu.Lock()
	defer notes.mu.Unlock()
	if notes.seen[t.Name()] {
		return
	}
	if notes.seen == nil {
		notes.seen = map[string]bool{}
	}
	notes.seen[t.Name()] = true
	if verdict == "left out" {
		notes.leftOut = append(notes.leftOut, t.Name())
	}
	name := os.Getenv(EnvCount)
	if name == "" {
		return
	}
	folder, _ := os.Getwd()
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatalf("count broker tests: %v", err)
	}
	defer file.Close()
	fmt.Fprintf(file, "%s\t%s\t%s\n", verdict, folder, t.Name())
}

func leftOutNotice(names []string) string {
	folder, _ := os.Getwd()
	return fmt.Sprintf("\n*** %s: %d tests that need RabbitMQ were LEFT OUT; run them with: make test\n    %s\n\n",
		filepath.Base(folder), len(names), grouped(names))
}

// warn shows text even if the package passes. go test discards the output of a passing package
// unless -v is given, so the text goes to the standard error of the go command itself, if the
// system has a way to reach it.
func warn(text string) {
	var out io.Writer = os.Stderr
	if runtime.GOOS == "linux" {
		name := fmt.Sprintf("/proc/%d/fd/2", os.Getppid())
		if file, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0); err == nil {
			defer file.Close()
			out = file
		}
	}
	fmt.Fprint(out, text)
}
