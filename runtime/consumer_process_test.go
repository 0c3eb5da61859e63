package runtime_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// The environment of the process that TestKilledConsumer kills.
const (
	processURL = "SCAMP_TEST_CONSUMER_URL"
	processLog = "SCAMP_TEST_CONSUMER_LOG" // the file that it notes handled orders in
)

// TestKilledConsumer kills a consumer's process in the middle of 10,000 messages, of
// which each tenth fails once and waits on the broker to come back. Another process
// takes over.
func TestKilledConsumer(t *testing.T) {
	if testing.Short() {
		t.Skip("handles 10,000 messages in another process; run without -short")
	}
	s := openShop(t, nil)
	const n = 10_000
	s.publish(t, n)
	log := filepath.Join(t.TempDir(), "handled")

	first := startConsumer(t, s.host, log)
	eventually(t, "a third is handled", func() bool { return len(handledIn(t, log)) > n/3 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // it was killed
	before := len(handledIn(t, log))
	waiting := s.host.Messages(t, "orders.retry.1000")

	startConsumer(t, s.host, log)
	eventually(t, "all are handled", func() bool { return len(handledIn(t, log)) == n })
	s.host.WaitMessages(t, "orders", 0)
	s.host.WaitMessages(t, "orders.retry.1000", 0)
	twice := 0
	for _, times := range handledIn(t, log) {
		twice += times - 1
	}
	t.Logf("killed after %d of %d with %d waiting to be retried; %d handled twice", before, n, waiting, twice)
	if twice > processPrefetch {
		t.Errorf("%d handled twice, the prefetch is %d", twice, processPrefetch)
	}
}

const processPrefetch = 100

// startConsumer starts TestConsumerProcess in a process of its own.
func startConsumer(t *testing.T, host *rabbittest.VirtualHost, log string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestConsumerProcess$", "-test.timeout=5m")
	process.Env = append(os.Environ(), processURL+"="+host.URL, processLog+"="+log)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill(); _ = process.Wait() })
	return process
}

// handledIn returns how often each order has been handled.
func handledIn(t *testing.T, log string) map[string]int {
	t.Helper()
	handled := make(map[string]int)
	file, err := os.Open(log)
	if os.IsNotExist(err) {
		return handled
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		handled[lines.Text()]++
	}
	return handled
}

// TestConsumerProcess is not a test but the process that TestKilledConsumer starts and kills.
func TestConsumerProcess(t *testing.T) {
	url := os.Getenv(processURL)
	if url == "" {
		t.Skip("runs as a process of TestKilledConsumer")
	}
	log, err := os.OpenFile(os.Getenv(processLog), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	connection := runtime.DedicatedConnection(runtime.Broker{URL: url})
	consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connection), runtime.Subscription{
		Queue: runtime.Queue{Name: "orders"},
		Routes: []runtime.Route{runtime.On(orderPlaced, func(ctx context.Context, o *order) error {
			number, err := strconv.Atoi(o.ID)
			if err != nil {
				return err
			}
			if number%10 == 0 && republished(runtime.DeliveryFrom(ctx)) == 0 {
				return errShop
			}
			_, err = fmt.Fprintln(log, o.ID) // one write each: what is written outlives the process
			return err
		})},
	}, runtime.WithPrefetch(processPrefetch), runtime.WithWorkers(4), runtime.WithRecovery(runtime.Republish(3, runtime.Backoff{Min: time.Second, Max: time.Second})))
	if err != nil {
		t.Fatal(err)
	}
	t.Fatal(consumer.Run(context.Background()))
}
