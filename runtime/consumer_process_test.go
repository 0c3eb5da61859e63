package runtime_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// The environment of the process that TestKilledConsumer kills.
const (
	processURL = "SCAMP_TEST_CONSUMER_URL"
	processLog = "SCAMP_TEST_CONSUMER_LOG" // the file where it notes handled orders
)

// TestKilledConsumer kills a consumer's process in the middle of 10,000 messages. Each tenth of
// them fails once and waits on the broker for its retry. Another process takes over.
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
		Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(ctx context.Context, o *order) error {
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

// What the process of TestPoison does.
const (
	processPoison  = "SCAMP_TEST_CONSUMER_POISON" // the orders that end the process, separated by commas
	processWorkers = "SCAMP_TEST_CONSUMER_WORKERS"
	processLimit   = "SCAMP_TEST_CONSUMER_LIMIT"
	processType    = "SCAMP_TEST_CONSUMER_QUEUE_TYPE"
)

// TestPoison uses messages that end the process whenever one of them is handled. Only they become
// dead letters, after as many attempts as the limit allows, and the queue never grows. With several
// workers, a process can end between the publish that moves a message to the suspect queue and its
// acknowledgement: each copy of such a message then has attempts of its own.
func TestPoison(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes; run without -short")
	}
	for _, test := range []struct {
		name, kind string
		messages   int
		limit      int // 0: the default
		poison     string
		workers    int
	}{
		{"classic queue", "classic", 5, 5, "3", 1},
		{"classic queue, more than the prefetch", "classic", 250, 3, "3,50,51,170", 1},
		{"classic queue, several workers", "classic", 250, 5, "3,50,51,170", 4},
		{"quorum queue", "quorum", 5, 0, "3", 1},
		{"quorum queue, low limit", "quorum", 250, 1, "3", 1},
		{"quorum queue, several workers", "quorum", 250, 5, "3,50,51,170", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openShop(t, runtime.Headers{"x-queue-type": test.kind})
			s.publish(t, test.messages)
			log := filepath.Join(t.TempDir(), "handled")
			deaths, most := 0, 0
			for deaths < 100 {
				process := exec.Command(os.Args[0], "-test.run=^TestPoisonProcess$", "-test.timeout=1m")
				process.Env = append(os.Environ(), processURL+"="+s.host.URL, processLog+"="+log, processLimit+"="+strconv.Itoa(test.limit), processType+"="+test.kind,
					processPoison+"="+test.poison, processWorkers+"="+strconv.Itoa(test.workers))
				if process.Run() == nil {
					break
				}
				deaths++
				most = max(most, s.host.Messages(t, "orders"))
			}
			limit := test.limit
			if limit == 0 {
				limit = 15
			}
			handled := handledIn(t, log)
			twice := 0
			for _, times := range handled {
				twice += times - 1
			}
			t.Logf("%d deaths, %d handled, %d of them twice, %d in the queue at most", deaths, len(handled), twice, most)
			poison := strings.Split(test.poison, ",")
			letters := max(s.host.Messages(t, "orders.dead"), len(poison))
			if test.workers == 1 || test.kind == "quorum" {
				letters = len(poison)
			}
			if deaths > letters*(limit+1) || most > test.messages+letters-len(poison) {
				t.Errorf("the process ended %d times, want %d for each of the %d dead letters; at most %d messages were in the queue", deaths, limit+1, letters, most)
			}
			if len(handled) != test.messages-len(poison) {
				t.Errorf("handled %d messages, want the %d good ones", len(handled), test.messages-len(poison))
			}
			died := make(map[string]bool)
			for _, dead := range s.take(t, "orders.dead", letters) {
				died[dead.MessageID] = true
				if !slices.Contains(poison, dead.MessageID) {
					t.Errorf("dead letter %s, want only %v", dead.MessageID, poison)
				}
			}
			if len(died) != len(poison) {
				t.Errorf("dead letters %v, want each of %v", died, poison)
			}
			queues := []string{"orders", "orders.dead"}
			if test.kind == "classic" {
				queues = append(queues, "orders.suspect")
			}
			for _, queue := range queues {
				if n := s.host.Messages(t, queue); n > 0 {
					t.Errorf("%d messages are left in %s", n, queue)
				}
			}
		})
	}
}

// TestPoisonProcess is not a test but the process that TestPoison starts. It exits without an error
// when there is nothing left to handle.
func TestPoisonProcess(t *testing.T) {
	url := os.Getenv(processURL)
	if url == "" || os.Getenv(processLimit) == "" {
		t.Skip("runs as a process of TestPoison")
	}
	log, err := os.OpenFile(os.Getenv(processLog), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	poison := strings.Split(os.Getenv(processPoison), ",")
	workers, err := strconv.Atoi(os.Getenv(processWorkers))
	if err != nil {
		t.Fatal(err)
	}
	options := []runtime.ConsumerOption{runtime.WithWorkers(workers)}
	if limit, _ := strconv.Atoi(os.Getenv(processLimit)); limit > 0 {
		options = append(options, runtime.WithRedeliveryLimit(limit))
	}
	consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(runtime.DedicatedConnection(runtime.Broker{URL: url})), runtime.Subscription{
		Queue: runtime.Queue{Name: "orders", Arguments: runtime.Headers{"x-queue-type": os.Getenv(processType)}},
		Routes: []runtime.Route{runtime.RouteJSON(orderPlaced, func(_ context.Context, o *order) error {
			if slices.Contains(poison, o.ID) {
				os.Exit(1)
			}
			_, err := fmt.Fprintln(log, o.ID)
			return err
		})},
	}, options...)
	if err != nil {
		t.Fatal(err)
	}
	go func() { t.Error(consumer.Run(context.Background())) }()
	progress := func() int64 { // moves to the suspect queue come before the first handled message
		return consumer.Count(runtime.EventHandled) + consumer.Count(runtime.EventDeadLettered) + consumer.Count(runtime.EventRetried)
	}
	for before := int64(0); before == 0 || before != progress(); { // the process always finds a message
		before = progress()
		<-time.After(time.Second) // a busy machine may do nothing for half a second
	}
}
