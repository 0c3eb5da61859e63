// Package rabbittest gives tests a real RabbitMQ.
//
// A test that only uses the broker gets its own virtual host on the node that the whole run shares:
//
//	func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m).Run()) }
//
//	func TestPublish(t *testing.T) {
//		host := rabbittest.New(t)
//		connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
//		...
//	}
//
// A test that harms the broker (alarms, kill, stop) boots its own node with [Start], or three in a
// cluster with [StartCluster].
// [NewProxy] is between a client and a broker and harms the network instead.
//
// Where the broker comes from: SCAMP_AMQP_URL names one that is running (and SCAMP_MANAGEMENT_URL
// its management API, by default port 15672 on the same host). SCAMP_DEBIAN names a suite of Debian
// whose RabbitMQ is wanted; as root, that is fetched once into the user's cache folder and runs in
// a chroot. Otherwise a rabbitmq-server that is installed on this machine is booted as a private
// node. Otherwise one is started in Docker. If none of the three exists, the test is skipped, or
// fails if SCAMP_BROKER is "required". With SCAMP_BROKER "none" all of these tests are left out.
// The command with-rabbitmq, which make test uses, boots one node for a whole run of go test, and
// installs RabbitMQ if it is missing.
package rabbittest

import (
	"os"
	"sync"
	"testing"
)

// Environment variables that say where the broker is.
const (
	EnvURL        = "SCAMP_AMQP_URL"       // the shared broker
	EnvManagement = "SCAMP_MANAGEMENT_URL" // its management API
	EnvSuite      = "SCAMP_DEBIAN"         // a suite of Debian whose RabbitMQ is wanted: trixie, forky
	EnvMode       = "SCAMP_BROKER"         // required, none, or empty
	EnvCount      = "SCAMP_BROKER_TESTS"   // a file to which each broker test appends a line
	EnvPatience   = "SCAMP_PATIENCE"       // how many times longer than usual a test waits, on a slow machine
)

// New returns a new virtual host on the broker that the tests of this run share. It is deleted when
// the test ends. Without a broker the test is skipped, or fails, as the package comment says.
func New(t testing.TB) *VirtualHost {
	t.Helper()
	begin(t)
	b, err := sharedBroker()
	if err != nil {
		leaveOut(t, err)
	}
	note(t, "ran")
	return b.newVirtualHost(t, "")
}

// Start boots a RabbitMQ node for this test alone, which may harm it in any way. It takes 5 to 15
// seconds; the node is killed when the test ends.
func Start(t testing.TB) *Node {
	t.Helper()
	return StartConfigured(t, "")
}

// StartConfigured does the same with lines of rabbitmq.conf beside the usual.
func StartConfigured(t testing.TB, config string) *Node {
	t.Helper()
	node, err := boot(privateLauncher(t), newName(), config)
	if err != nil {
		t.Fatalf("boot RabbitMQ: %v", err)
	}
	t.Cleanup(node.Stop)
	return node
}

// privateLauncher returns what boots nodes for a test alone, or leaves the test out.
func privateLauncher(t testing.TB) launcher {
	t.Helper()
	begin(t)
	l, err := findLauncher()
	if err != nil {
		if os.Getenv(EnvURL) != "" {
			note(t, "left out")
			t.Skipf("%s: the test harms its broker, so it needs one of its own: %v", t.Name(), err)
		}
		leaveOut(t, err)
	}
	note(t, "ran")
	return l
}

// shared is the broker of this test binary. A test binary is one process with one broker, so this
// is the only package variable that a run writes.
var shared struct {
	mu     sync.Mutex
	broker *broker
	node   *Node // set if this process booted the broker
	err    error
}

func sharedBroker() (*broker, error) {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.broker != nil || shared.err != nil {
		return shared.broker, shared.err
	}
	shared.broker, shared.node, shared.err = findBroker()
	return shared.broker, shared.err
}

func findBroker() (*broker, *Node, error) {
	if url := os.Getenv(EnvURL); url != "" {
		b, err := newBroker(url, os.Getenv(EnvManagement))
		return b, nil, err
	}
	l, err := findLauncher()
	if err != nil {
		return nil, nil, err
	}
	node, err := boot(l, newName(), "")
	if err != nil {
		return nil, nil, err
	}
	return node.broker, node, nil
}

func stopShared() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if shared.node != nil {
		shared.node.Stop()
	}
	shared.node, shared.broker, shared.err = nil, nil, nil
}
