package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestServer asks a connection about its broker before it is used, while it is, and after its close.
func TestServer(t *testing.T) {
	connection := runtime.DedicatedConnection(runtime.Broker{URL: rabbittest.New(t).URL, Heartbeat: 7 * time.Second})
	if server, connected := connection.Server(); connected || server.Version != "" {
		t.Errorf("not connected, but %+v", server)
	}
	channel, err := runtime.DedicatedChannel(connection).ConsumerChannel(testContext(t), runtime.ConsumerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	server, connected := connection.Server()
	capabilities, _ := server.Properties["capabilities"].(runtime.Headers)
	if !connected || server.Product != "RabbitMQ" || !strings.Contains(server.Version, ".") || server.Address == "" ||
		server.Properties["version"] != server.Version || capabilities["publisher_confirms"] != true ||
		server.ChannelMax < 1 || server.FrameMax != 128<<10 || server.Heartbeat != 7*time.Second ||
		server.MaxMessageSize != 16<<20 && server.MaxMessageSize != 128<<20 {
		t.Errorf("connected %v, %+v", connected, server)
	}
	_ = channel.Close(testContext(t))
	if err := connection.Close(testContext(t)); err != nil {
		t.Error(err)
	}
	if _, connected := connection.Server(); connected {
		t.Error("connected after Close")
	}
}

// TestAuth logs in with each kind of Authentication. RabbitMQ without plugins takes passwords only.
func TestAuth(t *testing.T) {
	host := rabbittest.New(t)
	user := host.Name + "-auth"
	host.AddUser(t, user, "secret")
	for _, test := range []struct {
		name string
		auth runtime.Authentication
		want string
	}{
		{"password", runtime.PlainAuth(user, "secret"), ""},
		{"another mechanism", runtime.NewAuthentication("PLAIN", "\x00"+user+"\x00secret"), ""},
		{"wrong password", runtime.PlainAuth(user, "wrong"), "ACCESS_REFUSED"},
		{"token", runtime.TokenAuth("secret"), "ACCESS_REFUSED"},
		{"certificate", runtime.ExternalAuth(), "mechanism"},
		{"zero value", runtime.Authentication{}, "Broker.Auth returned nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			connection := runtime.DedicatedConnection(runtime.Broker{
				URL: host.URL, Observer: runtime.NoObserver,
				Auth: func(context.Context) (runtime.Authentication, error) { return test.auth, nil },
			})
			t.Cleanup(func() { _ = connection.Close(testContext(t)) })
			ctx, cancel := context.WithTimeout(testContext(t), 2*time.Second)
			if test.want == "" {
				cancel()
				ctx, cancel = testContext(t), func() {}
			}
			defer cancel()
			_, err := runtime.DedicatedChannel(connection).ProducerChannel(ctx, runtime.ProducerRequest{})
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
				printed := fmt.Sprintf(format, test.auth) + fmt.Sprintf(format, &test.auth)
				if strings.Contains(printed, "secret") || strings.Contains(printed, fmt.Sprintf("%x", "secret")) {
					t.Errorf("%s prints %s", format, printed)
				}
			}
		})
	}
}
