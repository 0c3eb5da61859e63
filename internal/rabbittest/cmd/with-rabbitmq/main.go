// Command with-rabbitmq runs a command with a RabbitMQ whose address is in SCAMP_AMQP_URL. For go
// test it gives all packages one broker; -count then says how many tests ran on it.
//
//	go run ./internal/rabbittest/cmd/with-rabbitmq -count go test ./...
//
// The comment of package rabbittest says where the broker comes from. The exit code is that of the
// command, or 2 if there is no broker. With -skip it is 0, and the reason is printed, if this machine
// cannot get the RabbitMQ that SCAMP_DEBIAN names.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("with-rabbitmq [-count] [-skip] COMMAND [ARGUMENT]...", flag.ContinueOnError)
	flags.SetOutput(stderr)
	count := flags.Bool("count", false, "say how many broker tests ran")
	skip := flags.Bool("skip", false, "succeed if this machine cannot get the RabbitMQ that "+rabbittest.EnvSuite+" names")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	report := io.Discard
	if *count {
		report = stdout
	}
	code, err := runWithBroker(flags.Args(), stdin, stdout, stderr, report)
	if *skip && errors.Is(err, rabbittest.ErrUnavailable) {
		fmt.Fprintln(stdout, "--- SKIP:", err)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "with-rabbitmq:", err)
		return 2
	}
	return code
}

func runWithBroker(args []string, stdin io.Reader, stdout, stderr, report io.Writer) (int, error) {
	broker, err := rabbittest.Obtain(stderr)
	if err != nil {
		return 0, err
	}
	defer broker.Stop()
	folder, err := os.MkdirTemp("", "with-rabbitmq-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	count := filepath.Join(folder, "tests")
	fmt.Fprintln(stderr, "with-rabbitmq:", broker.Origin)

	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(append(os.Environ(), broker.Environment...), rabbittest.EnvCount+"="+count)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	code, err := exitCode(cmd)
	if err != nil {
		return 0, err
	}
	summary, err := rabbittest.ReadSummary(count)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(report, "%s on %s\n", summary, broker.Origin)
	return code, nil
}

// exitCode runs cmd to its end. An interrupt from the terminal reaches cmd directly; this process
// stays to stop the broker.
func exitCode(cmd *exec.Cmd) (int, error) {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupts)
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return max(1, exit.ExitCode()), nil
	}
	return 0, err
}
