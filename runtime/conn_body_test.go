package runtime

import (
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"
)

func TestMaxBody(t *testing.T) {
	for _, test := range []struct {
		server amqp.Table
		given  int
		says   int
		want   int
	}{
		{amqp.Table{"product": "RabbitMQ", "version": "3.10.8"}, 0, 0, 128 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": "4.0.5"}, 0, 0, 16 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": "10.1"}, 0, 0, 16 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": "4.0.5"}, 64 << 20, 0, 64 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": "4.0.5"}, 64 << 20, 32 << 20, 32 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": "4.0.5"}, 1 << 20, 32 << 20, 1 << 20},
		{amqp.Table{"product": "RabbitMQ", "version": int32(4)}, 0, 0, 128 << 20},
		{amqp.Table{"product": "another", "version": "5.0"}, 0, 0, 128 << 20},
		{nil, 0, 100, 100},
	} {
		c := &conn{broker: &Broker{MaxMessageSize: test.given}, serverBody: maxBodyOf(test.server)}
		if test.says > 0 {
			c.setStatedBody(test.says)
		}
		if got := c.maxBody(); got != test.want {
			t.Errorf("%v, Broker.MaxMessageSize %d, the server says %d: got %d, want %d", test.server, test.given, test.says, got, test.want)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	for text, want := range map[string]int{
		"PRECONDITION_FAILED - message size 20 is larger than configured max size 16": 16,
		"PRECONDITION_FAILED - message size 20 larger than max size 17":               17,
		"PRECONDITION_FAILED - user_id property set to 'message size' max size 1":     0,
	} {
		e := &ChannelError{Reply: Reply{Code: amqp.PreconditionFailed, Text: text}}
		if got, ok := e.bodyLimit(); got != want || ok != (want > 0) {
			t.Errorf("%s: got %d, %v", text, got, ok)
		}
	}
}
