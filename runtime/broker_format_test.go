package runtime

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

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
