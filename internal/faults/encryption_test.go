package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

var encryptionScenarios = []scenario{
	{id: "F24", fault: "encrypted, connections closed", times: 1, pools: true, play: playEncrypted},
}

// playEncrypted publishes encrypted messages through a fault. A consumer with the key reads what
// arrived: each body must be what was published.
func playEncrypted(t *testing.T, x *experiment) {
	profile, err := runtime.NewAESGCMProfile("current", bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	x.options = []runtime.ProducerOption{runtime.WithEncryption(profile)}
	x.count = func(t *testing.T) map[string]int { return x.decrypted(t, profile) }
	x.start(t)
	x.flow(t, warmUp)
	x.hosts[0].CloseConnections(t)
	x.flow(t, warmUp)
}

// decrypted consumes what is in the queues and counts the messages whose body is their id.
func (x *experiment) decrypted(t *testing.T, profile *runtime.EncryptionProfile) map[string]int {
	t.Helper()
	var mu sync.Mutex
	counts := map[string]int{}
	handle := func(ctx context.Context, body string) error {
		mu.Lock()
		defer mu.Unlock()
		id := runtime.DeliveryFrom(ctx).MessageID
		if body != id {
			return fmt.Errorf("message %s holds %q", id, body)
		}
		counts[id]++
		return nil
	}
	for _, host := range x.used() {
		connection := runtime.DedicatedConnection(runtime.Broker{URL: host.URL})
		consumer, err := runtime.NewConsumer(t.Context(), runtime.DedicatedChannel(connection), runtime.Subscription{
			Queue:  runtime.Queue{Name: publication.RoutingKey, Durable: true},
			Routes: []runtime.Route{runtime.RouteText(publication, handle)},
		}, runtime.WithDecryption(profile), runtime.WithWorkers(8))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- consumer.Run(ctx) }()
		host.WaitMessages(t, publication.RoutingKey, 0)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("consume: %v", err)
		}
		closing, cancel := context.WithTimeout(context.Background(), testTimeout)
		if err := connection.Close(closing); err != nil {
			t.Errorf("close: %v", err)
		}
		cancel()
	}
	return counts
}
