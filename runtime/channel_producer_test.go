package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestSmallFrames publishes to a broker that accepts small frames only. Bodies are split; headers
// that do not fit are refused, because they would end the connection.
func TestSmallFrames(t *testing.T) {
	arrived := make(chan int, 10)
	server := peer(t, nullbroker.Config{FrameMax: 4096, Publish: func(p nullbroker.Publish) nullbroker.Answer {
		arrived <- len(p.Body)
		return nullbroker.Ack
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil)
	for _, size := range []int{0, 4087, 4088, 4089, 100_000} {
		_, err := producer.Publish(testContext(t), to("q"), make([]byte, size), runtime.WithHeaders(runtime.Headers{"a": make([]byte, 3900)}))
		if err != nil {
			t.Fatal(err)
		}
		if got := <-arrived; got != size {
			t.Errorf("%d bytes of %d arrived", got, size)
		}
	}
	_, err := producer.Publish(testContext(t), to("q"), "x", runtime.WithHeaders(runtime.Headers{"a": make([]byte, 4096)}))
	if !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("got %v, want ErrNotSent", err)
	}
	if lost := counters.Counts().ConnectionsLost; lost != 0 {
		t.Errorf("%d connections were lost", lost)
	}
}

// TestWindow checks that a publish waits for room, and that its context ends the wait.
func TestWindow(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL()), runtime.WithWindow(2)), nil)
	first := producer.PublishAsync(testContext(t), to("q"), "1")
	second := producer.PublishAsync(testContext(t), to("q"), "2")
	_, err := producer.PublishAsync(briefly(t), to("q"), "3").Wait(context.Background())
	if !errors.Is(err, runtime.ErrNotSent) || runtime.MayHaveBeenDelivered(err) {
		t.Errorf("publish to a full window: %v", err)
	}
	if !producer.Busy() {
		t.Error("the producer is not busy")
	}
	third := make(chan *runtime.Pending)
	go func() { third <- producer.PublishAsync(testContext(t), to("q"), "3") }()
	server.Send(ack(1))
	last := <-third
	server.Send(ack(2))
	server.Send(ack(3))
	for i, p := range []*runtime.Pending{first, second, last} {
		if _, err := p.Wait(context.Background()); err != nil {
			t.Errorf("publish %d: %v", i+1, err)
		}
	}
	if producer.Busy() {
		t.Error("the producer is still busy")
	}
}

// TestBlocked checks that a producer stops when the broker says so, obeys contexts meanwhile and
// reports each change once, and that the connection survives.
func TestBlocked(t *testing.T) {
	var arrived atomic.Int64
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived.Add(1)
		return nullbroker.Ack
	}})
	edges := make(chan string, 10)
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil,
		runtime.WithOnBusy(func() { edges <- "busy" }), runtime.WithOnReady(func() { edges <- "ready" }))
	server.Block(true)
	if got := <-edges; got != "busy" || !producer.Busy() {
		t.Errorf("got %q, busy is %v", got, producer.Busy())
	}
	_, err := producer.Publish(briefly(t), to("q"), "x")
	if !errors.Is(err, runtime.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) || arrived.Load() != 0 {
		t.Errorf("publish while blocked: %v, and %d arrived", err, arrived.Load())
	}
	waiting := producer.PublishAsync
	done := make(chan error, 1)
	go func() {
		_, err := waiting(testContext(t), to("q"), "x").Wait(context.Background())
		done <- err
	}()
	server.Block(true) // again, which is no change
	server.Block(false)
	if got := <-edges; got != "ready" {
		t.Errorf("got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("publish that waited for the end of it: %v", err)
	}
	counts := counters.Counts()
	if counts.Connected != 1 || counts.Blocked != 1 || counts.Unblocked != 1 || len(edges) != 0 {
		t.Errorf("counted %+v, and %d edges more", counts, len(edges))
	}
}

// TestUnread publishes to a peer that has stopped reading: contexts are obeyed, and after the write
// timeout there is another connection, on which the messages arrive.
func TestUnread(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	counters := &runtime.Counters{}
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), WriteTimeout: 200 * time.Millisecond, Observer: counters})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	server.Freeze(true)
	body := make([]byte, 1<<20)
	var pending []*runtime.Pending
	for range 20 {
		pending = append(pending, producer.PublishAsync(testContext(t), to("q"), body))
	}
	again := 0
	for i, p := range pending {
		receipt, err := p.Wait(context.Background())
		if err != nil {
			t.Errorf("publish %d: %+v, %v", i, receipt, err)
		}
		again += receipt.Attempts - 1
	}
	if again == 0 {
		t.Error("none was sent again")
	}
	// A machine that stalls for as long as the timeout loses another connection.
	if counts := counters.Counts(); counts.ConnectionsLost < 1 || counts.Connected != counts.ConnectionsLost+1 {
		t.Errorf("counted %+v", counts)
	}
}

// TestChannelClosedByPeer closes a channel while publishes wait for their confirm: they are sent
// again on the next channel, and the connection stays.
func TestChannelClosedByPeer(t *testing.T) {
	arrived := make(chan struct{}, 10)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived <- struct{}{}
		if len(arrived) == 1 {
			return nullbroker.Silent
		}
		return nullbroker.Ack
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	for len(arrived) == 0 {
		time.Sleep(time.Millisecond)
	}
	server.Send(closeChannel(1, 406, "PRECONDITION_FAILED"))
	receipt, err := pending.Wait(context.Background())
	if err != nil || receipt.Attempts != 2 {
		t.Errorf("got %+v, %v", receipt, err)
	}
	if counts := counters.Counts(); counts.ChannelsLost != 1 || counts.ConnectionsLost != 0 {
		t.Errorf("counted %+v", counts)
	}
}
