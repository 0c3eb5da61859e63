//go:build unix

// Package amqpbench measures the runtime against a plain loop over the client library that it is
// built on. Both publish the same bytes in the same run, in turn, on RabbitMQ and on a peer that
// only acknowledges and runs in a process of its own, which shows the client's own limit.
//
//	go test -run '^$' -bench . ./internal/amqpbench
//
// Rounds and their length are set with SCAMP_BENCH_ROUNDS (10) and SCAMP_BENCH_ROUND (300ms).
package amqpbench

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/internal/rabbittest"
)

// What the test binary does in a process of its own instead of running tests, so that its work does
// not count as the client's. Its first line of output says that it is ready.
const (
	envServe = "SCAMP_BENCH_SERVE" // be a null broker; the line is its URL
	envDrain = "SCAMP_BENCH_DRAIN" // drain the queue at this URL
)

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(envServe) != "":
		err = serve()
	case os.Getenv(envDrain) != "":
		err = drain(os.Getenv(envDrain))
	default:
		os.Exit(rabbittest.Main(m).Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// serve runs a null broker until standard input is closed.
func serve() error {
	config := nullbroker.Config{Delivery: delivered}
	if os.Getenv(envServe) == returning {
		config.Publish = returnNowhere
	}
	server, err := nullbroker.Listen(config)
	if err != nil {
		return err
	}
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return server.Close()
}

// returnNowhere answers as RabbitMQ does: what no queue takes is returned and then acknowledged.
func returnNowhere(p nullbroker.Publish) nullbroker.Answer {
	if p.RoutingKey == nowhere.RoutingKey {
		return nullbroker.Return
	}
	return nullbroker.Ack
}

// What a null broker acknowledges.
const (
	acknowledging = "acks"    // everything that it has read, with one frame
	returning     = "returns" // each publish alone; those to nowhere are returned first
)

// startNullBroker starts a null broker that acknowledges and returns its URL.
func startNullBroker(b *testing.B) string {
	b.Helper()
	return startProcess(b, envServe+"="+acknowledging)
}

// startProcess starts the test binary with a variable set and returns its first line. The process
// ends with the benchmark.
func startProcess(b *testing.B, variable string) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}
