package rabbittest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A VirtualHost belongs to one test and is empty at first. Its methods fail the test when the
// broker refuses them; each waits until it has taken effect.
type VirtualHost struct {
	Name string
	URL  string // amqp://user:password@host:port/name, of an administrator

	broker *broker
}

// NewVirtualHost creates a virtual host on the node, which is deleted when the test ends.
func (n *Node) NewVirtualHost(t testing.TB) *VirtualHost {
	t.Helper()
	return n.newVirtualHost(t, "")
}

// newVirtualHost creates a virtual host with a name that ends in suffix.
func (b *broker) newVirtualHost(t testing.TB, suffix string) *VirtualHost {
	t.Helper()
	h := &VirtualHost{Name: "test-" + strings.ToLower(rand.Text()[:12]) + suffix, broker: b}
	h.URL = b.URL(h.Name)
	h.Create(t)
	t.Cleanup(func() {
		// The node may be dead by now, and then the virtual host is gone as well.
		_ = b.remove(context.Background(), h.path("/api/vhosts"))
	})
	return h
}

// Sibling creates another virtual host on the same broker.
func (h *VirtualHost) Sibling(t testing.TB) *VirtualHost {
	t.Helper()
	return h.broker.newVirtualHost(t, "")
}

// Suffixed creates another virtual host on the same broker, with a name that ends in suffix, such as
// "/a b".
func (h *VirtualHost) Suffixed(t testing.TB, suffix string) *VirtualHost {
	t.Helper()
	return h.broker.newVirtualHost(t, suffix)
}

// Create creates the virtual host; a test calls it to bring a deleted one back.
func (h *VirtualHost) Create(t testing.TB) {
	t.Helper()
	h.put(t, h.path("/api/vhosts"), nil)
	h.Permit(t, h.broker.amqp.User.Username())
}

// Delete deletes the virtual host. The broker closes every connection to it.
func (h *VirtualHost) Delete(t testing.TB) {
	t.Helper()
	if err := h.broker.remove(context.Background(), h.path("/api/vhosts")); err != nil {
		t.Fatal(err)
	}
}

// AddUser creates a user who may do everything in this virtual host, deletes it when the test ends,
// and returns the URL with its name and password. Calling it again with another password changes
// the password.
func (h *VirtualHost) AddUser(t testing.TB, name, password string) string {
	t.Helper()
	path := "/api/users/" + url.PathEscape(name)
	h.put(t, path, map[string]string{"password": password, "tags": ""})
	h.Permit(t, name)
	t.Cleanup(func() {
		_ = h.broker.remove(context.Background(), path)
	})
	return h.broker.urlFor(h.Name, url.UserPassword(name, password))
}

// Permit lets a user do everything in this virtual host.
func (h *VirtualHost) Permit(t testing.TB, user string) {
	t.Helper()
	h.SetPermissions(t, user, ".*", ".*", ".*")
}

// SetPermissions sets the regular expressions of the names that a user may configure, write to and
// read from in this virtual host.
func (h *VirtualHost) SetPermissions(t testing.TB, user, configure, write, read string) {
	t.Helper()
	h.put(t, h.path("/api/permissions")+"/"+url.PathEscape(user),
		map[string]string{"configure": configure, "write": write, "read": read})
}

// SetTopicPermissions sets the regular expressions of the routing keys that a user may publish to
// and bind with on a topic exchange of this virtual host.
func (h *VirtualHost) SetTopicPermissions(t testing.TB, user, exchange, write, read string) {
	t.Helper()
	h.put(t, h.path("/api/topic-permissions")+"/"+url.PathEscape(user),
		map[string]string{"exchange": exchange, "write": write, "read": read})
}

// SetConnectionLimit limits the connections to this virtual host; 0 allows none and a negative
// number lifts the limit.
func (h *VirtualHost) SetConnectionLimit(t testing.TB, limit int) {
	t.Helper()
	h.put(t, h.path("/api/vhost-limits")+"/max-connections", map[string]int{"value": limit})
}

// Connections returns the broker's names of the connections to this virtual host.
func (h *VirtualHost) Connections(t testing.TB) []string {
	t.Helper()
	names, err := h.connections(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func (h *VirtualHost) connections(ctx context.Context) ([]string, error) {
	var found []struct {
		Name string `json:"name"`
	}
	if err := h.broker.call(ctx, http.MethodGet, h.path("/api/vhosts")+"/connections", nil, &found); err != nil {
		return nil, err
	}
	names := make([]string, len(found))
	for i, connection := range found {
		names[i] = connection.Name
	}
	return names, nil
}

// WaitConnections waits until there are n connections to this virtual host.
func (h *VirtualHost) WaitConnections(t testing.TB, n int) {
	t.Helper()
	h.wait(t, func(ctx context.Context) error {
		names, err := h.connections(ctx)
		if err == nil && len(names) != n {
			err = fmt.Errorf("%d connections to %s, want %d: %q", len(names), h.Name, n, names)
		}
		return err
	})
}

// CloseConnection makes the broker close one connection, unless that ends by itself. It may be
// called from any goroutine.
func (h *VirtualHost) CloseConnection(t testing.TB, name string) {
	t.Helper()
	if err := h.broker.remove(context.Background(), "/api/connections/"+url.PathEscape(name)); err != nil {
		t.Errorf("close connection %s: %v", name, err)
	}
}

// CloseConnections makes the broker close every connection to this virtual host and returns how
// many there were, at least one: it waits for the first.
func (h *VirtualHost) CloseConnections(t testing.TB) int {
	t.Helper()
	var names []string
	h.wait(t, func(ctx context.Context) (err error) {
		if names, err = h.connections(ctx); err == nil && len(names) == 0 {
			err = errors.New("no connection to " + h.Name)
		}
		return err
	})
	for _, name := range names {
		h.CloseConnection(t, name)
	}
	return len(names)
}

// Consumers returns the tags of a queue's consumers, sorted. The management API learns of consumers a
// little late.
func (h *VirtualHost) Consumers(t testing.TB, queue string) (tags []string) {
	t.Helper()
	var found []struct {
		Tag   string `json:"consumer_tag"`
		Queue struct {
			Name string `json:"name"`
		} `json:"queue"`
	}
	if err := h.broker.call(context.Background(), http.MethodGet, h.path("/api/consumers"), nil, &found); err != nil {
		t.Fatal(err)
	}
	for _, consumer := range found {
		if consumer.Queue.Name == queue {
			tags = append(tags, consumer.Tag)
		}
	}
	slices.Sort(tags)
	return tags
}

// Channel returns a plain channel of the client library on its own connection, for a test that
// looks at the broker without the code under test.
func (h *VirtualHost) Channel(t testing.TB) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(h.URL)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	channel, err := conn.Channel()
	if err != nil {
		t.Fatalf("open channel: %v", err)
	}
	return channel
}

// Messages returns how many messages of a queue are ready for delivery. It fails the test if there
// is no such queue.
func (h *VirtualHost) Messages(t testing.TB, queue string) int {
	t.Helper()
	n, err := h.messages(queue)
	if err != nil {
		t.Fatalf("messages: %v", err)
	}
	return n
}

// WaitMessages waits until a queue has n messages ready for delivery.
func (h *VirtualHost) WaitMessages(t testing.TB, queue string, n int) {
	t.Helper()
	h.wait(t, func(context.Context) error {
		got, err := h.messages(queue)
		if err == nil && got != n {
			err = fmt.Errorf("%d messages in %s, want %d", got, queue, n)
		}
		return err
	})
}

// messages asks over AMQP, because the management API counts late.
func (h *VirtualHost) messages(queue string) (int, error) {
	conn, err := amqp.Dial(h.URL)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		return 0, err
	}
	found, err := channel.QueueDeclarePassive(queue, false, false, false, false, nil)
	return found.Messages, err
}

// path returns prefix followed by the virtual host's name.
func (h *VirtualHost) path(prefix string) string {
	return prefix + "/" + url.PathEscape(h.Name)
}

func (h *VirtualHost) put(t testing.TB, path string, in any) {
	t.Helper()
	if err := h.broker.call(context.Background(), http.MethodPut, path, in, nil); err != nil {
		t.Fatal(err)
	}
}

func (h *VirtualHost) wait(t testing.TB, try func(context.Context) error) {
	t.Helper()
	if err := poll(context.Background(), waitLimit, try); err != nil {
		t.Fatal(err)
	}
}

// Queues returns the names of the queues, sorted.
func (h *VirtualHost) Queues(t testing.TB) []string {
	t.Helper()
	var queues []struct{ Name string }
	h.wait(t, func(ctx context.Context) error {
		return h.broker.call(ctx, http.MethodGet, h.path("/api/queues"), nil, &queues)
	})
	names := make([]string, len(queues))
	for i, queue := range queues {
		names[i] = queue.Name
	}
	slices.Sort(names)
	return names
}

// IsOlderThan reports whether the broker's version is below major.minor.
func (h *VirtualHost) IsOlderThan(t testing.TB, major, minor int) bool {
	t.Helper()
	version, err := h.broker.version(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var x, y int
	if _, err := fmt.Sscanf(version, "%d.%d", &x, &y); err != nil {
		t.Fatalf("version %q: %v", version, err)
	}
	return x < major || x == major && y < minor
}
