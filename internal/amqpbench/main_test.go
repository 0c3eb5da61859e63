//go:build unix

// Package amqpbench measures the runtime against a plain loop over the client
// library that it is built on. Both publish the same bytes in the same run, in turns,
// on RabbitMQ and on a peer that only acknowledges and runs in a process of its own,
// which shows the client's own limit.
//
//	go test -run '^$' -bench . ./internal/amqpbench
//
// Rounds and their length are set with SCAMP_BENCH_ROUNDS (10) and
// SCAMP_BENCH_ROUND (300ms).
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

// envServe makes the test binary a null broker instead of running tests.
const envServe = "SCAMP_BENCH_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(envServe) != "" {
		serve()
		return
	}
	os.Exit(rabbittest.Main(m).Run())
}

// serve runs a null broker until standard input is closed.
func serve() {
	server, err := nullbroker.Listen(nullbroker.Config{Delivery: delivered})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = server.Close()
}

// startNullBroker starts a null broker in a process of its own, so that its work is
// not counted as the client's, and returns its URL.
func startNullBroker(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envServe+"=1")
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
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(url)
}
