package rabbittest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Time limits. They are generous: a machine that runs several test binaries at once boots a node
// slowly.
var (
	bootLimit    = Patient(2 * time.Minute)
	controlLimit = Patient(time.Minute)
	waitLimit    = Patient(time.Minute)
)

const pollInterval = 20 * time.Millisecond

// Patient returns a time limit of a test for the machine that it runs on: limit times the number in
// SCAMP_PATIENCE.
func Patient(limit time.Duration) time.Duration {
	if factor, err := strconv.Atoi(os.Getenv(EnvPatience)); err == nil && factor > 0 {
		limit *= time.Duration(factor)
	}
	return limit
}

// A Node is a private RabbitMQ node on the loopback interface. Its methods may be called from many
// goroutines, but the caller must coordinate faults that happen at the same time.
type Node struct {
	*broker
	launcher launcher
	name     string // as in name@localhost
	config   string // beside the usual in rabbitmq.conf
	folder   string
	lock     *os.File // held while the folder is in use
	ports    ports
	epmd     *epmd

	mu      sync.Mutex
	process *process
	moments []Moment
}

type ports struct{ amqp, management, distribution int }

// newName returns a name for a node.
func newName() string { return "scamp-" + strings.ToLower(rand.Text()[:10]) }

// boot starts a node and waits until it accepts clients. config is what rabbitmq.conf has beside the
// usual. Another process may take a port between the search for it and its use, so it tries several
// sets of ports.
func boot(l launcher, name, config string) (*Node, error) {
	var problems []error
	for range 3 {
		node, err := bootOnce(l, name, config)
		if err == nil {
			return node, nil
		}
		problems = append(problems, err)
		if !strings.Contains(err.Error(), "eaddrinuse") {
			break
		}
	}
	return nil, errors.Join(problems...)
}

func bootOnce(l launcher, name, config string) (*Node, error) {
	n := &Node{launcher: l, name: name, config: config}
	if err := n.prepare(); err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	if err := n.start(); err != nil {
		err = fmt.Errorf("%w\n%s", err, n.lastLog())
		n.Stop()
		return nil, err
	}
	return n, nil
}

func (n *Node) prepare() (err error) {
	removeAbandoned()
	if err := n.launcher.prepare(); err != nil {
		return err
	}
	if n.folder, n.lock, err = makeFolder(); err != nil {
		return err
	}
	if n.epmd, err = acquireEpmd(n.launcher); err != nil {
		return err
	}
	free, err := freePorts(3)
	if err != nil {
		return err
	}
	n.ports = ports{free[0], free[1], free[2]}
	n.broker = &broker{
		amqp:       &url.URL{Scheme: "amqp", User: url.UserPassword("guest", "guest"), Host: loopback(n.ports.amqp)},
		management: &url.URL{Scheme: "http", User: url.UserPassword("guest", "guest"), Host: loopback(n.ports.management)},
	}
	return n.writeFiles()
}

// advancedConfig makes the management API notice connections each second instead of every five.
const advancedConfig = `[{rabbitmq_management_agent, [{sample_retention_policies,
	[{global, [{60, 1}]}, {basic, [{60, 1}]}, {detailed, [{60, 1}]}]}]}].
`

func (n *Node) writeFiles() error {
	files := map[string]string{
		"rabbitmq.conf": fmt.Sprintf(`listeners.tcp.default = 127.0.0.1:%d
management.tcp.port = %d
management.tcp.ip = 127.0.0.1
loopback_users = none
disk_free_limit.absolute = 1MB
collect_statistics_interval = 500
log.file.level = info
`, n.ports.amqp, n.ports.management) + n.config,
		"enabled_plugins": "[rabbitmq_management].\n",
		"advanced.config": advancedConfig,
		"env.conf":        "",
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(n.folder, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(n.folder, ".erlang.cookie"), []byte(n.epmd.cookie), 0o400)
}

// environment makes RabbitMQ's scripts use only the node's folder and ports. With
// RUNNING_UNDER_SYSTEMD the script becomes the Erlang machine instead of starting it, so that
// killing it kills the node.
func (n *Node) environment() []string {
	in := func(name string) string { return filepath.Join(n.folder, name) }
	return append(n.epmd.environment(),
		"HOME="+n.folder,
		"RABBITMQ_NODENAME="+n.fullName(),
		"RABBITMQ_CONF_ENV_FILE="+in("env.conf"),
		"RABBITMQ_CONFIG_FILE="+in("rabbitmq.conf"),
		"RABBITMQ_ADVANCED_CONFIG_FILE="+in("advanced.config"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+in("enabled_plugins"),
		"RABBITMQ_MNESIA_BASE="+in("data"),
		"RABBITMQ_LOG_BASE="+in("log"),
		"RABBITMQ_PID_FILE="+n.pidFile(),
		"RABBITMQ_DIST_PORT="+strconv.Itoa(n.ports.distribution),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=+sbwt none +sbwtdcpu none +sbwtdio none",
		"RUNNING_UNDER_SYSTEMD=true",
	)
}

// fullName is what other nodes call the node.
func (n *Node) fullName() string { return n.name + "@localhost" }

// pidFile is where the node writes its process id.
func (n *Node) pidFile() string { return filepath.Join(n.folder, "pid") }

// Running reports whether the node has been started and neither killed nor stopped.
func (n *Node) Running() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process != nil
}

// start runs the node's program and waits until clients are accepted.
func (n *Node) start() error {
	out, err := os.OpenFile(filepath.Join(n.folder, "out.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := n.launcher.server(n)
	cmd.Stdout, cmd.Stderr = out, out
	p, err := startProcess(cmd)
	if err != nil {
		return err
	}
	n.mu.Lock()
	n.process = p
	n.mu.Unlock()
	return n.waitUntilUp(p)
}

func (n *Node) waitUntilUp(p *process) error {
	ctx, cancel := context.WithTimeout(context.Background(), bootLimit)
	defer cancel()
	for {
		err := n.answers(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
			return errors.New("the node ended while it booted")
		case <-ctx.Done():
			return fmt.Errorf("the node does not answer after %v: %w", bootLimit, err)
		case <-time.After(pollInterval):
		}
	}
}

// Stop kills the node and removes its folder. It may be called again.
func (n *Node) Stop() {
	n.mu.Lock()
	p := n.process
	n.process = nil
	n.mu.Unlock()
	if p != nil {
		_ = n.launcher.kill(n, p)
	}
	if n.epmd != nil {
		n.epmd.release()
		n.epmd = nil
	}
	if n.lock != nil {
		_ = os.RemoveAll(n.folder)
		_ = n.lock.Close()
		n.lock = nil
	}
}

func (n *Node) lastLog() string {
	log, err := os.ReadFile(filepath.Join(n.folder, "out.log"))
	if err != nil {
		return err.Error()
	}
	return string(log[max(0, len(log)-2000):])
}
