package rabbittest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// Alarm raises or clears the memory alarm: while it is on, the broker reads nothing from
// connections that publish. It returns when the alarm has taken effect.
func (n *Node) Alarm(t testing.TB, on bool) {
	t.Helper()
	defer n.during(map[bool]string{true: "alarm", false: "end of the alarm"}[on])()
	watermark := "0.4"
	if on {
		watermark = "0.0000001"
	}
	// One eval sets and checks, because a rabbitmqctl costs a second of CPU time.
	set := "vm_memory_monitor:set_vm_memory_high_watermark(" + watermark + "), rabbit_alarm:get_alarms()."
	err := poll(context.Background(), waitLimit, func(ctx context.Context) error {
		alarms, err := n.control(ctx, "eval", set)
		if err == nil && strings.Contains(alarms, "memory") != on {
			err = errors.New("alarms are " + alarms)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// SetMaxMessageSize sets the size in bytes of the largest body that the node accepts on channels
// that are opened from now on, until the test ends.
func (n *Node) SetMaxMessageSize(t testing.TB, size int) {
	t.Helper()
	// Up to 3.13 channels read the one, from 4.0 on the other.
	set := func(size int) string {
		return fmt.Sprintf("application:set_env(rabbit, max_message_size, %d), persistent_term:put(max_message_size, %[1]d).", size)
	}
	n.Control(t, "eval", set(size))
	t.Cleanup(func() { n.Control(t, "eval", set(128<<20)) }) // its default
}

// ChannelsOpened returns how many channels have been opened since the node was booted, according to
// the management API: up to a second late.
func (n *Node) ChannelsOpened(t testing.TB) int {
	t.Helper()
	var overview struct {
		Churn struct {
			Channels int `json:"channel_created"`
		} `json:"churn_rates"`
	}
	if err := n.call(context.Background(), http.MethodGet, "/api/overview", nil, &overview); err != nil {
		t.Fatal(err)
	}
	return overview.Churn.Channels
}

// Flush makes the node write its definitions to disk. Without it, virtual hosts and queues that are
// younger than a few seconds do not survive Kill.
func (n *Node) Flush(t testing.TB) {
	t.Helper()
	n.Control(t, "eval", "mnesia:dump_log().")
}

// Kill ends the node as kill -9 does.
func (n *Node) Kill(t testing.TB) {
	t.Helper()
	defer n.during("kill")()
	n.mu.Lock()
	p := n.process
	n.process = nil
	n.mu.Unlock()
	if p == nil {
		t.Fatal("kill: the node is not running")
	}
	if err := n.launcher.kill(n, p); err != nil {
		t.Fatal(err)
	}
}

// Restart boots a killed node again, with its data and on its ports, and returns when it accepts
// clients.
func (n *Node) Restart(t testing.TB) {
	t.Helper()
	defer n.during("restart")()
	if err := n.start(); err != nil {
		t.Fatalf("restart: %v\n%s", err, n.lastLog())
	}
}

// Shutdown ends the node as an operator does who stops its service, and returns when its process has
// ended. Restart boots it again.
func (n *Node) Shutdown(t testing.TB) {
	t.Helper()
	n.Control(t, "stop", n.pidFile())
	n.Kill(t) // the rest, which differs by launcher
}

// Pause stops the node's process without ending it, as an overloaded machine does: its sockets stay
// open and the system still accepts clients, but nothing answers. Resume undoes it.
func (n *Node) Pause(t testing.TB) {
	t.Helper()
	n.signal(t, syscall.SIGSTOP)
}

// Resume undoes Pause.
func (n *Node) Resume(t testing.TB) {
	t.Helper()
	n.signal(t, syscall.SIGCONT)
}

func (n *Node) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, inContainer := n.launcher.(docker); inContainer {
		t.Skip("the node's process is in a container, out of reach of signals")
	}
	if n.process == nil {
		t.Fatalf("%v: the node is not running", signal)
	}
	if err := syscall.Kill(-n.process.cmd.Process.Pid, signal); err != nil {
		t.Fatalf("%v: %v", signal, err)
	}
}

// StopApp stops RabbitMQ inside the Erlang machine, as a rolling upgrade does: clients are
// notified, and nothing listens afterwards.
func (n *Node) StopApp(t testing.TB) {
	t.Helper()
	defer n.during("stop_app")()
	n.Control(t, "stop_app")
}

// StartApp undoes StopApp and returns when clients are accepted again.
func (n *Node) StartApp(t testing.TB) {
	t.Helper()
	defer n.during("start_app")()
	n.Control(t, "start_app")
	if err := poll(context.Background(), bootLimit, n.answers); err != nil {
		t.Fatal(err)
	}
}

// Join makes the node a member of first's cluster. The node's own data is lost.
func (n *Node) Join(t testing.TB, first *Node) {
	t.Helper()
	n.Control(t, "stop_app")
	n.Control(t, "reset")
	n.Control(t, "join_cluster", first.fullName())
	n.StartApp(t)
}

// Control runs rabbitmqctl against the node and returns what it printed.
func (n *Node) Control(t testing.TB, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), controlLimit)
	defer cancel()
	out, err := n.control(ctx, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (n *Node) control(ctx context.Context, args ...string) (string, error) {
	cmd := n.launcher.control(ctx, n, args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.New("rabbitmqctl " + strings.Join(args, " ") + ": " + err.Error() + ": " + string(out))
	}
	return string(out), nil
}
