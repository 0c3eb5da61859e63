package rabbittest_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(rabbittest.Main(m)) }

func declare(t *testing.T, channel *amqp.Channel, queue string) {
	t.Helper()
	if _, err := channel.QueueDeclare(queue, true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, channel *amqp.Channel, queue string) {
	t.Helper()
	err := channel.PublishWithContext(t.Context(), "", queue, false, false, amqp.Publishing{DeliveryMode: amqp.Persistent})
	if err != nil {
		t.Fatal(err)
	}
}

// watch returns a function that waits until the broker closes the connection of channel, and
// returns the reason.
func watch(t *testing.T, channel *amqp.Channel) (lost func() *amqp.Error) {
	t.Helper()
	closed := channel.NotifyClose(make(chan *amqp.Error, 1))
	return func() *amqp.Error {
		t.Helper()
		reason, ok := <-closed
		if !ok {
			t.Fatal("closed without a reason")
		}
		return reason
	}
}

func TestVirtualHostsAreApart(t *testing.T) {
	first := rabbittest.New(t)
	second := first.Sibling(t)
	declare(t, first.Channel(t), "q")
	declare(t, second.Channel(t), "q")
	publish(t, first.Channel(t), "q")
	first.WaitMessages(t, "q", 1)
	if n := second.Messages(t, "q"); n != 0 {
		t.Errorf("the other virtual host has %d messages", n)
	}
}

func TestCloseConnections(t *testing.T) {
	host := rabbittest.New(t)
	lost := watch(t, host.Channel(t))
	host.WaitConnections(t, 1)
	if n := host.CloseConnections(t); n != 1 {
		t.Errorf("closed %d connections, want 1", n)
	}
	if reason := lost(); reason.Code != amqp.ConnectionForced {
		t.Errorf("closed with %v", reason)
	}
}

func TestDeleteAndCreate(t *testing.T) {
	host := rabbittest.New(t)
	lost := watch(t, host.Channel(t))
	host.Delete(t)
	// The broker does not wait for the client's close-ok, so the client may see its own write fail
	// (501) before it has read the reason.
	if reason := lost(); reason.Code != amqp.ConnectionForced && reason.Code != amqp.FrameError {
		t.Errorf("closed with %v", reason)
	}
	if _, err := amqp.Dial(host.URL); err == nil {
		t.Error("a deleted virtual host takes clients")
	}
	host.Create(t)
	declare(t, host.Channel(t), "q")
}

func TestUserAndLimit(t *testing.T) {
	host := rabbittest.New(t)
	url := host.AddUser(t, host.Name+"-user", "s3cret")
	conn, err := amqp.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	host.SetConnectionLimit(t, 0)
	var refusal *amqp.Error
	if _, err := amqp.Dial(url); !errors.As(err, &refusal) || refusal.Code != amqp.NotAllowed {
		t.Errorf("dial over the limit: %v", err)
	}
}

func TestNodeIsHarmed(t *testing.T) {
	if testing.Short() {
		t.Skip("boots nodes of its own; run without -short")
	}
	node, begun := rabbittest.Start(t), time.Now()
	host := node.NewVirtualHost(t)
	channel := host.Channel(t)
	declare(t, channel, "q")
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	publish(t, channel, "q")
	host.WaitMessages(t, "q", 1)

	node.Alarm(t, true)
	node.Alarm(t, false)
	host.WaitMessages(t, "q", 1)

	lost := watch(t, channel)
	node.Flush(t)
	node.Kill(t)
	lost()
	node.Restart(t)
	host.WaitMessages(t, "q", 1)

	lost = watch(t, host.Channel(t))
	node.StopApp(t)
	lost()
	node.StartApp(t)
	host.WaitMessages(t, "q", 1)
	holdHistory(t, node, host, begun)
}

// holdHistory checks what a report may say of a node to which everything in TestNodeIsHarmed was done.
func holdHistory(t *testing.T, node *rabbittest.Node, host *rabbittest.VirtualHost, begun time.Time) {
	t.Helper()
	var story []string
	for _, m := range node.Moments() {
		story = append(story, m.What)
	}
	var want []string
	for _, what := range []string{"alarm", "end of the alarm", "kill", "restart", "stop_app", "start_app"} {
		want = append(want, what+" begins", what+" has ended")
	}
	if !slices.Equal(story, want) {
		t.Errorf("moments are %q, want %q", story, want)
	}
	if warnings := node.Warnings(begun); !strings.Contains(warnings, "[error]") || strings.Contains(warnings, "[info]") {
		t.Errorf("warnings of a node that ended connections by force are:\n%s", warnings)
	}
	if warnings := node.Warnings(time.Now().Add(time.Minute)); warnings != "" {
		t.Errorf("warnings of the future are:\n%s", warnings)
	}
	if found := host.Describe("q"); !strings.HasPrefix(found, "classic queue q on ") {
		t.Errorf("the queue is %q", found)
	}
	if found := host.Describe("missing"); !strings.Contains(found, "not found") {
		t.Errorf("a missing queue is %q", found)
	}
}

func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("boots nodes of its own; run without -short")
	}
	first, second := rabbittest.Start(t), rabbittest.Start(t)
	second.Join(t, first)
	host := first.NewVirtualHost(t)
	declare(t, host.Channel(t), "q")
	conn, err := amqp.Dial(second.URL(host.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := channel.QueueDeclarePassive("q", true, false, false, false, nil); err != nil {
		t.Errorf("the second node does not know the queue: %v", err)
	}
}

// TestLeftOutWithoutBroker runs this test binary once more, without a broker.
func TestLeftOutWithoutBroker(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^TestVirtualHostsAreApart$")
	cmd.Env = append(os.Environ(), rabbittest.EnvMode+"=none", rabbittest.EnvCount+"="+count)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- SKIP: TestVirtualHostsAreApart") {
		t.Errorf("%v\n%s", err, out)
	}
	summary, err := rabbittest.ReadSummary(count)
	if want := "0 broker tests ran; 1 LEFT OUT: TestVirtualHostsAreApart"; err != nil || summary.String() != want {
		t.Errorf("summary is %q, %v; want %q", summary, err, want)
	}
}
