package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// The environment of the processes that tests of streams kill.
const (
	processFolder = "SCAMP_TEST_STREAM_FOLDER" // where it keeps its log and its offset
	processMode   = "SCAMP_TEST_STREAM_MODE"   // stream: as its single active consumer; classic, quorum: of a queue with one
)

// TestStreamKilled publishes to a stream and consumes from it while the broker closes all
// connections again and again, and kills the consumer's process in the middle. Each message is
// handled at least once, in the order of the stream, and none is skipped.
func TestStreamKilled(t *testing.T) {
	n, closes := 10_000, 5
	if os.Getenv("SCAMP_FAULTS") == "full" { // make streams
		n, closes = 100_000, 50
	}
	s := openShop(t, streamArguments)
	folder := t.TempDir()
	var published sync.WaitGroup
	published.Go(func() { s.publish(t, n) })

	process := startStreamConsumer(t, s.host, folder, "")
	for i := range closes {
		eventually(t, "more is handled", func() bool { return streamLogSize(t, folder) >= i*n/(closes+1) })
		if i == closes/2 {
			if err := process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = process.Wait() // it was killed
			process = startStreamConsumer(t, s.host, folder, "")
		}
		s.host.CloseConnections(t)
	}
	published.Wait()
	var last, again int64
	eventually(t, "all are handled", func() bool {
		handled, _, ids := streamLog(t, folder)
		last, again = checkOrder(t, handled)
		return len(ids) == n
	})
	t.Logf("%d messages, of which %d were published again; %d handled again; %d times all connections closed, one process killed", last+1, last+1-int64(n), again, closes)
}

// checkOrder returns the last offset and how many were handled more than once. None may be skipped.
func checkOrder(t *testing.T, handled []int64) (last, again int64) {
	t.Helper()
	last = -1
	for _, offset := range handled {
		switch {
		case offset > last+1:
			t.Fatalf("offset %d is handled after %d", offset, last)
		case offset <= last:
			again++
		default:
			last = offset
		}
	}
	return last, again
}

// TestSingleActiveConsumer has two processes, of which one handles everything until it is killed.
// Then the other one does.
func TestSingleActiveConsumer(t *testing.T) {
	for _, test := range []struct {
		mode      string
		arguments runtime.Headers
	}{
		{"stream", streamArguments},
		{"classic", runtime.Headers{"x-queue-type": "classic", "x-single-active-consumer": true}},
		{"quorum", runtime.Headers{"x-queue-type": "quorum", "x-single-active-consumer": true}},
	} {
		t.Run(test.mode, func(t *testing.T) {
			s := openShop(t, test.arguments)
			folder := t.TempDir()
			s.publish(t, 100)
			first := startStreamConsumer(t, s.host, folder, test.mode)
			eventually(t, "the first process handles", func() bool { return streamLogSize(t, folder) == 100 })
			second := startStreamConsumer(t, s.host, folder, test.mode)
			waiting := "orders"
			if test.mode == "stream" {
				waiting = "orders.billing.active"
			}
			eventually(t, "the second process waits", func() bool { return len(s.host.Consumers(t, waiting)) == 2 })
			s.publish(t, 100)
			eventually(t, "more is handled", func() bool { return streamLogSize(t, folder) == 200 })
			if err := first.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = first.Wait() // it was killed
			s.publish(t, 100)
			var processes []int
			eventually(t, "all are handled", func() bool {
				var handled []int64
				handled, processes, _ = streamLog(t, folder)
				if test.mode != "stream" {
					return len(handled) >= 300 // what was not acknowledged at the kill comes again
				}
				last, _ := checkOrder(t, handled)
				return last == 299
			})
			if test.mode != "stream" {
				s.host.WaitMessages(t, "orders", 0)
			}
			if want := []int{first.Process.Pid, second.Process.Pid}; !slices.Equal(slices.Compact(processes), want) {
				t.Errorf("processes %v took turns, want %v", slices.Compact(processes), want)
			}
		})
	}
}

// startStreamConsumer starts TestStreamProcess in a process of its own.
func startStreamConsumer(t *testing.T, host *rabbittest.VirtualHost, folder, mode string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestStreamProcess$", "-test.timeout=10m")
	process.Env = append(os.Environ(), processURL+"="+host.URL, processFolder+"="+folder, processMode+"="+mode)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	return process
}

// streamLine is a line of the log: an offset, the process and the id of an order.
const streamLine = "%010d %010d %10s\n"

func streamLogSize(t *testing.T, folder string) int {
	t.Helper()
	info, err := os.Stat(filepath.Join(folder, "log"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Size()) / len(fmt.Sprintf(streamLine, 0, 0, ""))
}

// streamLog returns the offsets and the processes in the order in which they were handled, and all ids.
func streamLog(t *testing.T, folder string) (offsets []int64, processes []int, ids map[string]bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	ids = make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		var offset int64
		var process int
		var id string
		if _, err := fmt.Sscanf(line, "%d %d %s", &offset, &process, &id); err != nil {
			t.Fatal(err)
		}
		offsets, processes, ids[id] = append(offsets, offset), append(processes, process), true
	}
	return offsets, processes, ids
}

// TestStreamProcess is not a test but the process that TestStreamKilled starts and kills.
func TestStreamProcess(t *testing.T) {
	url, folder := os.Getenv(processURL), os.Getenv(processFolder)
	if folder == "" {
		t.Skip("runs as a process of TestStreamKilled")
	}
	log, err := os.OpenFile(filepath.Join(folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url, Backoff: runtime.Backoff{Min: 10 * time.Millisecond, Max: 200 * time.Millisecond}})
	queue := runtime.Queue{Name: "orders", Durable: true, Arguments: streamArguments}
	options := []runtime.ConsumerOption{runtime.WithOffsetStore(fileOffsets(folder), "billing")}
	switch mode := os.Getenv(processMode); mode {
	case "classic", "quorum":
		queue.Arguments, options = runtime.Headers{"x-queue-type": mode, "x-single-active-consumer": true}, nil
	case "stream":
		options = append(options, runtime.WithSingleActiveConsumer())
	}
	consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connection), runtime.Subscription{
		Queue: queue,
		Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(ctx context.Context, o *order) error {
			offset, _ := runtime.DeliveryFrom(ctx).StreamOffset()
			_, err := fmt.Fprintf(log, streamLine, offset, os.Getpid(), o.ID) // one write each: what is written outlives the process
			return err
		})},
	}, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(consumer.Run(context.Background()))
}

// fileOffsets is an OffsetStore with one file, in a folder.
type fileOffsets string

func (f fileOffsets) LoadOffset(_ context.Context, name, stream string) (offset int64, found bool, err error) {
	data, err := os.ReadFile(filepath.Join(string(f), name+"."+stream))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err == nil {
		offset, err = strconv.ParseInt(string(data), 10, 64)
	}
	return offset, err == nil, err
}

func (f fileOffsets) SaveOffset(_ context.Context, name, stream string, offset int64) error {
	file := filepath.Join(string(f), name+"."+stream)
	if err := os.WriteFile(file+".new", strconv.AppendInt(nil, offset, 10), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}
