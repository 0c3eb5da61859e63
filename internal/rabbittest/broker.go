package rabbittest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A broker is a running RabbitMQ: its AMQP address and its management address, each with an
// administrator's name and password.
type broker struct {
	amqp       *url.URL
	management *url.URL
}

// newBroker checks that both addresses of the broker in the environment answer.
func newBroker(amqpURL, managementURL string) (*broker, error) {
	a, err := url.Parse(amqpURL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", EnvURL, err)
	}
	if managementURL == "" {
		managementURL = "http://" + net.JoinHostPort(a.Hostname(), "15672")
	}
	m, err := url.Parse(managementURL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", EnvManagement, err)
	}
	if m.User == nil {
		m.User = a.User
	}
	b := &broker{amqp: a, management: m}
	ctx, cancel := context.WithTimeout(context.Background(), waitLimit)
	defer cancel()
	if err := b.answers(ctx); err != nil {
		return nil, fmt.Errorf("%w (%s must be a broker with the management plug-in, %s its API)", err, EnvURL, EnvManagement)
	}
	return b, nil
}

// URL returns the address of a virtual host, with the administrator's name and password.
func (b *broker) URL(virtualHost string) string {
	return b.urlFor(virtualHost, b.amqp.User)
}

func (b *broker) urlFor(virtualHost string, user *url.Userinfo) string {
	u := *b.amqp
	u.User = user
	u.Path = "/" + virtualHost
	u.RawPath = "/" + url.PathEscape(virtualHost)
	return u.String()
}

// Addr returns the host and port that AMQP clients dial.
func (b *broker) Addr() string { return b.amqp.Host }

// Management returns the address of the management API, with name and password.
func (b *broker) Management() string { return b.management.String() }

// answers returns nil if clients and the management API are served.
func (b *broker) answers(ctx context.Context) error {
	if err := b.call(ctx, http.MethodGet, "/api/overview", nil, nil); err != nil {
		return err
	}
	return b.serves("/")
}

// serves returns nil if clients can connect to a virtual host.
func (b *broker) serves(virtualHost string) error {
	conn, err := amqp.Dial(b.URL(virtualHost))
	if err != nil {
		return fmt.Errorf("dial %s: %w", b.Addr(), err)
	}
	return conn.Close()
}

// Version returns RabbitMQ's version as the broker reports it.
func (b *broker) Version(t testing.TB) string {
	t.Helper()
	version, err := b.version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// version returns RabbitMQ's version as the broker reports it.
func (b *broker) version(ctx context.Context) (string, error) {
	var overview struct {
		Version string `json:"rabbitmq_version"`
	}
	err := b.call(ctx, http.MethodGet, "/api/overview", nil, &overview)
	return overview.Version, err
}

// errNotFound is the management API's 404.
var errNotFound = errors.New("not found")

// call sends a request to the management API. in is sent and out filled as JSON unless they are
// nil; path is escaped already. While the answer is 5xx it sends the request again, for waitLimit
// at most: RabbitMQ answers so while it boots, and when the object of the request is deleted at
// that moment. The methods used here may be repeated.
func (b *broker) call(ctx context.Context, method, path string, in, out any) error {
	var answer []byte
	var refused error // for good
	err := poll(ctx, waitLimit, func(ctx context.Context) (passing error) {
		var status int
		status, answer, refused = b.send(ctx, method, path, in)
		switch {
		case refused != nil && ctx.Err() != nil:
			return refused
		case refused != nil:
			refused = fmt.Errorf("management API: %w", refused)
		case status == http.StatusNotFound:
			refused = fmt.Errorf("management API: %s %s: %w", method, path, errNotFound)
		case status >= 500:
			return refusal(method, path, status, answer)
		case status >= 300:
			refused = refusal(method, path, status, answer)
		}
		return nil
	})
	if err = cmp.Or(err, refused); err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// remove deletes something with the management API. If it no longer exists, which can happen at any
// moment, that is no error.
func (b *broker) remove(ctx context.Context, path string) error {
	err := b.call(ctx, http.MethodDelete, path, nil, nil)
	if errors.Is(err, errNotFound) {
		return nil
	}
	return err
}

func refusal(method, path string, status int, answer []byte) error {
	return fmt.Errorf("management API: %s %s: %d %s: %s", method, path, status, http.StatusText(status), answer)
}

// send sends one request to the management API and returns the status and the body of the answer.
func (b *broker) send(ctx context.Context, method, path string, in any) (int, []byte, error) {
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			return 0, nil, err
		}
	}
	address := (&url.URL{Scheme: b.management.Scheme, Host: b.management.Host}).String() + path
	request, err := http.NewRequestWithContext(ctx, method, address, &body)
	if err != nil {
		return 0, nil, err
	}
	password, _ := b.management.User.Password()
	request.SetBasicAuth(b.management.User.Username(), password)
	request.Close = true // a kept connection would be a goroutine left after the test
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}
