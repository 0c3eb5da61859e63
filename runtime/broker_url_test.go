package runtime

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// TestURLs checks that each mistake has its own message, and that no message quotes a part of the
// password.
func TestURLs(t *testing.T) {
	tests := []struct{ url, want string }{
		{"", "is empty"},
		{" amqp://u:tops3cret@h/v", "begins or ends with a space or a line break"},
		{"amqp://u:tops3cret@h/v\n", "begins or ends with a space or a line break"},
		{"amqp://u:tops3cret@h/v\r\n", "begins or ends with a space or a line break"},
		{`"amqp://u:tops3cret@h/v"`, "is in quotation marks"},
		{"amqp://u:top s3cret@h/v", "contains a space or a control character"},
		{"amqp://u:top\ts3cret@h/v", "contains a space or a control character"},
		{"u:tops3cret@h:5672/v", "has no scheme"},
		{"h:5672", "has no scheme"},
		{"amqp:u:tops3cret@h", "has no scheme"},
		{"http://u:tops3cret@h/v", "has a scheme that is not AMQP's"},
		{"rabbitmq://u:tops3cret@h/v", "has a scheme that is not AMQP's"},
		{"amqp://u:top#s3cret@h/v", "%23"},
		{"amqp://u:t@op#s3cret@h/v", "%23"},
		{"amqp://u:top?s3cret@h/v", "%3F"},
		{"amqp://u:top/s3cret@h/v", "%2F"},
		{"amqp://u:12/s3cret@h/v", "%2F"},
		{"amqp://u:t@op/s3cret@h/v", "%2F"},
		{"amqp://u:top%s3cret@h/v", "%25"},
		{"amqp://u:top[s3cret@h/v", "percent-encoded"},
		{"amqp://h/v#1", "has a fragment"},
		{"amqp://h/v?heartbeat=3", "has query parameters"},
		{"amqp://u:tops3cret@h:amqp/v", "the port must be a number"},
		{"amqp://u:tops3cret/v", "the port must be a number"},
		{"amqp://u:tops3cret@h:0/v", "between 1 and 65535"},
		{"amqp://u:tops3cret@h:65536/v", "between 1 and 65535"},
		{"amqp://u:tops3cret@h:99999999999999999999/v", "between 1 and 65535"},
		{"amqp://u:tops3cret@:5672/v", "has no host"},
		{"amqp://u:tops3cret@/v", "has no host"},
		{"amqp:///v", "has no host"},
		{"amqp://", "has no host"},
		{"amqp://u:tops3cret@a,b/v", "set Broker.URLs"},
		{"amqp://u:tops3cret@a:1,b:2/v", "set Broker.URLs"},
		{"amqp://u:tops3cret@::1/v", "IPv6"},
	}
	for _, test := range tests {
		uri, err := parseEndpoint(test.url)
		if err == nil {
			t.Errorf("%q was read as %+v", test.url, uri)
			continue
		}
		if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: got %q, want %q", test.url, err, test.want)
		}
		for _, secret := range []string{"top", "s3cret", "u:", "12"} {
			if strings.Contains(strings.ReplaceAll(err.Error(), "user:", ""), secret) {
				t.Errorf("%q: %q shows %q", test.url, err, secret)
			}
		}
	}
}

// TestURLsThatAreRight parses URLs that have only what they need.
func TestURLsThatAreRight(t *testing.T) {
	tests := []struct{ url, user, password, host, vhost string }{
		{"amqp://h", "guest", "guest", "h", "/"},
		{"amqp://u:p@h:5672/v", "u", "p", "h", "v"},
		{"amqp://u:p@ss@h/v", "u", "p@ss", "h", "v"},
		{"amqp://u:p%40%23%2F%3Fss@h/%2Fv%40w", "u", "p@#/?ss", "h", "/v@w"},
		{"AMQPS://u:p@[::1]:5671/", "u", "p", "::1", "/"},
		{"amqp://h:/v", "guest", "guest", "h", "v"},
	}
	for _, test := range tests {
		uri, err := parseEndpoint(test.url)
		if err != nil || uri.Username != test.user || uri.Password != test.password || uri.Host != test.host || uri.Vhost != test.vhost {
			t.Errorf("%q: got %+v, %v", test.url, uri, err)
		}
	}
}

func TestBrokerPrintsNoPassword(t *testing.T) {
	for _, address := range []string{
		"amqp://user:sec%2Fret@host:5672/vhost", "amqps://user:secret@host", "amqp://user:sec/ret@host/vhost", "user:secret@host:5672", "amqp:user:secret@host",
		"secret", "amqp://user:secret@host:port/x",
	} {
		b := Broker{URL: address, URLs: []string{address}, Name: "orders"}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("connect", "broker", b, "pointer", &b)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("connect", "broker", b)
		texts := []string{log.String(), fmt.Sprint(b), fmt.Sprint([]any{&b, struct{ B Broker }{b}}), fmt.Errorf("x: %v", b).Error()}
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			texts = append(texts, fmt.Sprintf(format, b), fmt.Sprintf(format, &b))
		}
		for _, text := range texts {
			if strings.Contains(text, "sec") || strings.Contains(text, fmt.Sprintf("%x", "sec")) {
				t.Errorf("%s is printed in %s", address, text)
			}
		}
		if b.URLs[0] != address {
			t.Error("printing changes the Broker")
		}
	}
	if got := fmt.Sprintf("%+v", Broker{URL: "amqp://user:secret@host/vhost", Name: "orders"}); !strings.HasPrefix(got, "{URL:amqp://user:xxxxx@host/vhost URLs:[] Name:orders ") {
		t.Error(got)
	}
}
