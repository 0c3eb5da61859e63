package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// TestSmallBroker: a broker with the smallest frames that all versions allow, and the largest message
// that RabbitMQ 4 takes by default. A message of just that size passes in both directions, next to one
// with more headers than a frame holds and one that is a byte too long, which are never sent.
func TestSmallBroker(t *testing.T) {
	const frame, size = 8192, 16 << 20
	node := rabbittest.StartConfigured(t, "frame_max = 8192\nmax_message_size = 16777216\n")
	host := node.NewVirtualHost(t)
	connection := connect(t, host.URL)
	producer := produce(t, runtime.DedicatedChannel(connection), queue("q"))
	if server, _ := connection.Server(); server.FrameMax != frame {
		t.Fatalf("frames of %d bytes", server.FrameMax)
	}
	body := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	for _, test := range []struct {
		name    string
		body    []byte
		headers runtime.Headers
		want    error
	}{
		{"the largest message", body, nil, nil},
		{"a byte more", append(body, 'x'), nil, runtime.ErrNotSent},
		{"headers that no frame holds", []byte("x"), runtime.Headers{"large": string(body[:frame])}, runtime.ErrNotSent},
	} {
		if _, err := producer.Publish(testContext(t), to("q"), test.body, runtime.WithHeaders(test.headers)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}

	received := make(chan []byte, 3)
	consumer, err := runtime.NewConsumer(testContext(t), runtime.DedicatedChannel(connection), runtime.Subscription{
		Queue: runtime.Queue{Name: "q"},
		Routes: []runtime.Route{runtime.RouteBytes(to("q"), func(_ context.Context, body []byte) error {
			received <- body
			return nil
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(testContext(t))
	ended := make(chan error, 1)
	go func() { ended <- consumer.Run(ctx) }()
	select {
	case got := <-received:
		if !bytes.Equal(got, body) {
			t.Errorf("received %d bytes of %d", len(got), len(body))
		}
	case <-ctx.Done():
		t.Error("nothing was received")
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	host.WaitMessages(t, "q", 0)
	if len(received) > 0 {
		t.Errorf("%d more messages were received", len(received))
	}
}
