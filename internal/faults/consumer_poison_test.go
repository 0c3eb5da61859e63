package faults_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

var consumerPoisonScenarios = []consumerScenario{
	{id: "F32", fault: "one of five kills its process, classic queue, limit 5", short: true, times: poisonLimit + 1, play: func(t *testing.T, x *consumerExperiment) {
		playPoison(t, x, nil)
	}},
	{id: "F32", fault: "one of five kills its process, quorum queue, limit 5", times: poisonLimit + 1, play: func(t *testing.T, x *consumerExperiment) {
		playPoison(t, x, runtime.Headers{"x-queue-type": "quorum"})
	}},
	{id: "F33", fault: "300 good messages, 40 resets, quorum queue", environment: proxied, times: resets, play: playResets},
}

const (
	// poisonLimit is the redelivery limit of the consumer that a message kills.
	poisonLimit = 5
	// poisonEnds is the suffix of the ids of messages that kill the process.
	poisonEnds = "-3"
	resets     = 40
)

// The environment of a process that a message kills.
const (
	poisonTopology = "SCAMP_FAULTS_POISON_TOPOLOGY"
	poisonActive   = "SCAMP_FAULTS_POISON_ACTIVE"
	poisonPassive  = "SCAMP_FAULTS_POISON_PASSIVE"
	poisonLog      = "SCAMP_FAULTS_POISON_LOG" // the file where it notes handled messages
)

// playPoison uses a message that kills each process that handles it, and starts the next process:
// that message becomes a dead letter, the others are handled, and the queue does not grow.
func playPoison(t *testing.T, x *consumerExperiment, arguments runtime.Headers) {
	const messages, atMost = 5, time.Minute
	x.remakeQueues(t, arguments)
	for i, host := range x.hosts[:x.topology.sides] {
		x.feeders = append(x.feeders, feed(t, host, i, messages))
		x.bad[fmt.Sprint(i, poisonEnds)] = true
	}
	log := filepath.Join(t.TempDir(), "handled")
	deaths, most := 0, 0
	over := time.Now().Add(atMost)
	for done := false; !done && time.Now().Before(over); {
		process := x.startPoisoned(t, log)
		ended := make(chan error, 1)
		go func() { ended <- process.Wait() }()
		for alive := true; alive && !done && time.Now().Before(over); {
			select {
			case <-ended:
				alive = false
				deaths++
			case <-time.After(50 * time.Millisecond):
				x.readHandled(t, log)
				dead := x.deadLetters(t)
				done = dead > len(x.bad) || dead == len(x.bad) && x.missing() == 0 && x.waiting(t) == 0
			}
			most = max(most, x.waiting(t))
		}
		if done || time.Now().After(over) {
			_ = process.Process.Kill()
			<-ended
		}
	}
	x.readHandled(t, log)
	t.Logf("%d deaths, at most %d messages in the queues", deaths, most)
	if limit := (poisonLimit + 1) * len(x.bad); deaths > limit {
		t.Errorf("%d processes died of %d bad messages, the limit is %d", deaths, len(x.bad), limit)
	}
	if limit := messages * x.topology.sides; most > limit {
		t.Errorf("the queues have grown from %d messages to %d", limit, most)
	}
}

// waiting returns how many messages are in the queues that are consumed from.
func (x *consumerExperiment) waiting(t *testing.T) int {
	t.Helper()
	n := 0
	for _, host := range x.hosts[:x.topology.sides] {
		n += host.Messages(t, publication.RoutingKey)
	}
	return n
}

// startPoisoned starts TestPoisonedProcess in a process of its own.
func (x *consumerExperiment) startPoisoned(t *testing.T, log string) *exec.Cmd {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestPoisonedProcess$", "-test.timeout=5m")
	process.Env = append(os.Environ(), poisonTopology+"="+x.topology.name,
		poisonActive+"="+x.hosts[0].URL, poisonPassive+"="+x.hosts[1].URL, poisonLog+"="+log)
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = process.Process.Kill() })
	return process
}

// readHandled notes what the processes have handled.
func (x *consumerExperiment) readHandled(t *testing.T, log string) {
	t.Helper()
	file, err := os.Open(log)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.handled)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		x.handled[lines.Text()]++
	}
}

// TestPoisonedProcess is not a test but the process that playPoison starts and a message kills.
func TestPoisonedProcess(t *testing.T) {
	name := os.Getenv(poisonTopology)
	if name == "" {
		t.Skip("runs as a process of TestConsumerFaults")
	}
	log, err := os.OpenFile(os.Getenv(poisonLog), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range consumerTopologies {
		if top.name != name {
			continue
		}
		rig := top.build(runtime.Broker{URL: os.Getenv(poisonActive)}, runtime.Broker{URL: os.Getenv(poisonPassive)})
		consumer, err := runtime.NewConsumer(t.Context(), rig.source, runtime.Subscription{
			Queue: runtime.Queue{Name: publication.RoutingKey, Durable: true},
			Routes: []runtime.Route{runtime.RouteText(publication, func(_ context.Context, id string) error {
				if strings.HasSuffix(id, poisonEnds) {
					os.Exit(1)
				}
				_, err := fmt.Fprintln(log, id) // one write each: what is written outlives the process
				return err
			})},
		}, runtime.WithRedeliveryLimit(poisonLimit))
		if err != nil {
			t.Fatal(err)
		}
		t.Fatal(consumer.Run(context.Background()))
	}
}

// playResets resets the connections of a consumer whose handler succeeds: no message becomes a dead
// letter, although the broker counts each reset for all that were only prefetched.
func playResets(t *testing.T, x *consumerExperiment) {
	const messages, every = 300, 250 * time.Millisecond
	x.remakeQueues(t, runtime.Headers{"x-queue-type": "quorum"})
	x.defaults = true
	x.inspect = func(context.Context, string) error {
		<-time.After(resets * every / messages) // all of them together take as long as the resets
		return nil
	}
	for i, host := range x.hosts[:x.topology.sides] {
		x.feeders = append(x.feeders, feed(t, host, i, messages))
	}
	x.consume(t)
	pace := time.NewTicker(every)
	defer pace.Stop()
	for range resets {
		<-pace.C
		x.proxies[0].Reset()
	}
	eventually(t, "everything is handled or dead", func() bool { return x.missing() <= x.deadLetters(t) })
}
