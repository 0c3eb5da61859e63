package service_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime/service"
)

// TestMain is a program of its own when a test asks for it.
func TestMain(m *testing.M) {
	switch os.Getenv("SCAMP_SERVICE") {
	case "":
		os.Exit(m.Run())
	case "fail":
		os.Exit(service.Main(func(context.Context) error { return errors.New("no such queue") }))
	case "wait":
		os.Exit(service.Main(func(ctx context.Context) error {
			_, _ = os.Stdout.WriteString("ready\n")
			<-ctx.Done()
			return nil
		}))
	case "hang":
		os.Exit(service.Main(func(ctx context.Context) error {
			_, _ = os.Stdout.WriteString("ready\n")
			<-ctx.Done()
			_, _ = os.Stdout.WriteString("stopping\n")
			select {}
		}))
	}
}

func program(t *testing.T, kind string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SCAMP_SERVICE="+kind)
	return cmd
}

func TestMainFails(t *testing.T) {
	cmd := program(t, "fail")
	output, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(output), "no such queue") {
		t.Errorf("%v: %s", err, output)
	}
}

// TestMainStops: the first signal ends the context, and a later one a program that does not end.
func TestMainStops(t *testing.T) {
	for kind, lines := range map[string]int{"wait": 1, "hang": 2} {
		cmd := program(t, kind)
		output, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(output)
		for range lines { // "ready", "stopping"
			if !said.Scan() {
				t.Error(said.Err())
			}
			if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if err := signalUntil(cmd.Process, kind == "hang", ended); (err == nil) != (kind == "wait") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// signalUntil returns how a process has ended. It is told to again if it may not have been ready for
// a second signal.
func signalUntil(process *os.Process, again bool, ended <-chan error) error {
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(10 * time.Millisecond):
			if again {
				_ = process.Signal(syscall.SIGTERM) // unless it has ended
			}
		}
	}
}

// serve runs Serve, and returns its address and what stops it.
func serve(t *testing.T, handler http.Handler) (address string, stop context.CancelFunc, served <-chan error) {
	t.Helper()
	listening := make(chan string, 1)
	before := slog.Default()
	slog.SetDefault(slog.New(addresses{before.Handler(), listening}))
	t.Cleanup(func() { slog.SetDefault(before) })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- service.Serve("127.0.0.1:0", handler)(ctx) }()
	return "http://" + <-listening, stop, ended
}

// addresses is a log that passes on where a server listens.
type addresses struct {
	slog.Handler
	at chan<- string
}

func (a addresses) Handle(_ context.Context, record slog.Record) error {
	record.Attrs(func(attribute slog.Attr) bool {
		if attribute.Key == "at" {
			a.at <- attribute.Value.String()
		}
		return true
	})
	return nil
}

// TestServeFinishesRequests: a request that has begun when the context ends gets its answer.
func TestServeFinishesRequests(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	address, stop, served := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-release
		if r.Context().Err() == nil {
			_, _ = io.WriteString(w, "done")
		}
	}))
	answered := make(chan string, 1)
	go func() {
		answer, err := http.Get(address)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		answered <- string(text)
	}()
	<-begun
	stop()
	for { // until nothing more is accepted
		connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		connection.Close()
	}
	select {
	case err := <-served:
		t.Errorf("ended before the request: %v", err)
	default:
	}
	close(release)
	if got := <-answered; got != "done" {
		t.Errorf("answered %q", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestServeCannotListen(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if err := service.Serve(taken.Addr().String(), nil)(t.Context()); err == nil {
		t.Error("it listens where another one does")
	}
}

// TestServeAfterTheEnd: a context that has ended already is no error.
func TestServeAfterTheEnd(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := service.Serve("localhost:0", nil)(ctx); err != nil {
		t.Error(err)
	}
}

func TestReady(t *testing.T) {
	var wrong atomic.Pointer[string]
	probe := service.Ready(func() error {
		if text := wrong.Load(); text != nil {
			return errors.New(*text)
		}
		return nil
	})
	ask := func() (int, string) {
		answer := httptest.NewRecorder()
		probe.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/ready", http.NoBody))
		return answer.Code, answer.Body.String()
	}
	if status, _ := ask(); status != http.StatusOK {
		t.Errorf("healthy: %d", status)
	}
	reason := "the source is down"
	wrong.Store(&reason)
	if status, text := ask(); status != http.StatusServiceUnavailable || text != reason+"\n" {
		t.Errorf("not healthy: %d %q", status, text)
	}
}
