package runtime_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// rawFrame returns a frame in wire format.
func rawFrame(kind byte, channel uint16, payload ...byte) []byte {
	frame := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	return append(append(frame, payload...), 0xCE)
}

// oddity returns frames that a broken broker may send: answers that nobody asked for, parts of
// content, requests at the wrong time, truncated arguments. Replies to requests are not among them:
// the client library's reader waits until somebody makes the request.
func oddity(random *rand.Rand) []byte {
	methods := [][]byte{
		{0, 60, 0, 80}, {0, 60, 0, 120}, {0, 60, 0, 50}, {0, 60, 0, 60}, // ack, nack, return, deliver
		{0, 60, 0, 30}, {0, 20, 0, 20}, {0, 20, 0, 40}, // cancel, flow, close
		{0, 10, 0, 60}, {0, 10, 0, 61}, {0, 10, 0, 50}, // blocked, unblocked, close
	}
	channel := uint16(random.IntN(4))
	arguments := make([]byte, random.IntN(24))
	for i := range arguments {
		arguments[i] = byte(random.IntN(4))
	}
	switch random.IntN(6) {
	case 0:
		return rawFrame(2, channel, slices.Concat([]byte{0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0}, arguments)...)
	case 1:
		return rawFrame(3, channel, arguments...)
	}
	return rawFrame(1, channel, slices.Concat(methods[random.IntN(len(methods))], arguments)...)
}

// TestHostileBroker sends odd frames to clients at work. They end a channel or a connection at
// most: nothing panics or hangs, every publish ends, and the consumer continues on the next
// connection.
func TestHostileBroker(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	server := peer(t, nullbroker.Config{Delivery: []byte("x")})
	connection := connect(t, server.URL())
	producer := produce(t, runtime.ChannelPool(connection, 2, runtime.WithWindow(8)), queue("q"), runtime.WithPublishTimeout(time.Second))
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for ctx.Err() == nil {
				_, _ = producer.Publish(ctx, to("q"), make([]byte, 200_000))
			}
		})
	}
	route := runtime.RouteBytes(to("q"), func(context.Context, []byte) error { return nil })
	consumer, err := runtime.NewConsumer(testContext(t), runtime.DedicatedChannel(connection), runtime.Subscription{Queue: runtime.Queue{Name: "q"}, Routes: []runtime.Route{route}},
		runtime.WithWorkers(2), runtime.WithPrefetch(4), runtime.WithStopTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	running.Go(func() {
		if err := consumer.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	for range 200 {
		server.Send(oddity(random))
		time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond)
	}
	server.Block(false)
	server.Cut() // its own state is wrong as well
	handled := consumer.Count(runtime.EventHandled)
	for deadline := time.Now().Add(testTimeout); consumer.Count(runtime.EventHandled) == handled; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nothing is consumed any more")
		}
	}
	stop()
	running.Wait()
}
