package rabbittest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// A Run is a broker for several test binaries.
type Run struct {
	Environment []string // environment variables for the test binaries
	Origin      string   // which RabbitMQ it is and where it comes from

	node *Node // nil if the broker was running already
}

// Stop ends the broker, unless it was running before.
func (r *Run) Stop() {
	if r.node != nil {
		r.node.Stop()
	}
}

// Obtain finds a broker in one of five ways: the one that SCAMP_AMQP_URL names; a private node of
// the suite of Debian that SCAMP_DEBIAN names, or ErrUnavailable; one of the rabbitmq-server on this
// machine; one in Docker; one of the rabbitmq-server that apt-get installs, as root. It reports to
// log what it does when that takes long.
func Obtain(log io.Writer) (*Run, error) {
	if os.Getenv(EnvURL) == "" && os.Getenv(EnvSuite) == "" {
		if _, err := findLauncher(); err != nil {
			if err := install(log); err != nil {
				return nil, fmt.Errorf("%w\n%s", err, fourWays)
			}
		}
	}
	broker, node, err := findBroker()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	version, err := broker.version(ctx)
	if err != nil {
		return nil, err
	}
	r := &Run{node: node, Origin: "RabbitMQ " + version + " at " + broker.Addr()}
	if node != nil {
		r.Origin = "RabbitMQ " + version + ", a private node (" + node.launcher.String() + ")"
	}
	r.Environment = []string{EnvURL + "=" + broker.URL("/"), EnvManagement + "=" + broker.Management(), EnvMode + "=required"}
	return r, nil
}

const fourWays = `The broker tests need RabbitMQ. There are four ways to give them one:
  1. SCAMP_AMQP_URL=amqp://user:password@host:port, a broker with the management plug-in
     (SCAMP_MANAGEMENT_URL=http://host:15672 if its API is elsewhere)
  2. install rabbitmq-server on this machine; it need not run
  3. have Docker running
  4. be root on a Debian or Ubuntu machine, where apt-get installs it
Or run go test ./..., which leaves these tests out.`

// install installs rabbitmq-server from the distribution. A policy file keeps the package from
// starting a broker that would stay on the machine.
func install(log io.Writer) error {
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return errors.New("no RabbitMQ here, and no apt-get to run as root")
	}
	fmt.Fprintln(log, "no RabbitMQ here: apt-get installs rabbitmq-server")
	restore, err := denyServices("/usr/sbin/policy-rc.d")
	if err != nil {
		return err
	}
	defer restore()
	if err := aptGet("install", "-y", "--no-install-recommends", "rabbitmq-server"); err == nil {
		return nil
	}
	if err := aptGet("update"); err != nil { // the lists may be old or missing
		return err
	}
	return aptGet("install", "-y", "--no-install-recommends", "rabbitmq-server")
}

func aptGet(args ...string) error {
	cmd := exec.Command("apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// denyServices forbids packages to start services until restore is called. An existing policy
// belongs to the machine and is not changed.
func denyServices(policy string) (restore func(), err error) {
	file, err := os.OpenFile(policy, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o755)
	if errors.Is(err, os.ErrExist) {
		return func() {}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("deny services: %w", err)
	}
	_, err = file.WriteString("#!/bin/sh\nexit 101\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, errors.Join(err, os.Remove(policy))
	}
	return func() { _ = os.Remove(policy) }, nil
}
