package faults_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

var blockedScenarios = []scenario{
	{id: "F8", fault: "memory alarm for 1 s", environment: own, times: 1, pools: true, play: func(t *testing.T, x *experiment) { playAlarm(t, x, time.Second) }},
	{id: "F8", fault: "memory alarm for 12 s, heartbeat 5 s", environment: own, times: 1, play: func(t *testing.T, x *experiment) { playAlarm(t, x, 12*time.Second) }},
	{id: "F9", fault: "memory alarm before the dial", environment: own, times: 1, play: playAlarmFirst},
}

// playAlarm raises the memory alarm under load, for longer than a heartbeat.
func playAlarm(t *testing.T, x *experiment, lasting time.Duration) {
	var busy, ready atomic.Int64
	x.configure = func(b *runtime.Broker) { b.Heartbeat = 5 * time.Second }
	x.options = []runtime.ProducerOption{
		runtime.WithOnBusy(func() { busy.Add(1) }),
		runtime.WithOnReady(func() { ready.Add(1) }),
	}
	x.start(t)
	x.flow(t, warmUp)
	busyBefore, readyBefore := busy.Load(), ready.Load()
	x.nodes[0].Alarm(t, true)
	over := time.After(lasting)
	if !x.topology.pair {
		eventually(t, "the producer is busy", x.producer.Busy)
		x.checkBlocked(t)
	}
	<-over
	x.nodes[0].Alarm(t, false)
	x.flow(t, warmUp)
	eventually(t, "the producer is ready", func() bool { return !x.producer.Busy() })
	if x.topology.pair {
		return // busy only as long as a switch takes, if at all
	}
	eventually(t, "ready is said", func() bool { return ready.Load() > readyBefore })
	// The load never fills all windows, so only the alarm makes the producer busy.
	if b, r := busy.Load()-busyBefore, ready.Load()-readyBefore; b != 1 || r != 1 {
		t.Errorf("busy was said %d times and ready %d times, want once each", b, r)
	}
	x.events.nothingLost(t)
}

// checkBlocked publishes on a blocked source, and closes another blocked one: both obey their
// context.
func (x *experiment) checkBlocked(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := x.producer.Publish(ctx, publication, "blocked")
	if err == nil || time.Since(begun) > 500*time.Millisecond+stall {
		t.Errorf("publish while blocked: %v after %v, its context 500ms", err, time.Since(begun))
	}
	other := x.build(t, false)
	producer, err := runtime.NewProducer(t.Context(), other.source, nil)
	if err != nil {
		t.Errorf("connect during an alarm: %v", err)
		return
	}
	pending := producer.PublishAsync(t.Context(), publication, "stuck", runtime.WithMessageID("stuck"))
	closing, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	begun = time.Now()
	errs := errors.Join(producer.Close(closing), other.close(closing))
	if took := time.Since(begun); took > 500*time.Millisecond+stall {
		t.Errorf("Close while blocked took %v, its context 500ms: %v", took, errs)
	}
	if _, err := pending.Wait(context.Background()); err == nil {
		t.Error("a publish to a blocked broker succeeded")
	}
}

// playAlarmFirst connects while the alarm is on: the producer is busy once it has noticed, and
// works afterwards.
func playAlarmFirst(t *testing.T, x *experiment) {
	x.nodes[0].Alarm(t, true)
	if err := x.connect(t, t.Context()); err != nil {
		t.Errorf("connect during an alarm: %v", err)
	}
	x.load = startLoad(x.producer, x.topology.name)
	if x.topology.pair {
		x.flow(t, warmUp)
	} else {
		eventually(t, "the producer is busy", x.producer.Busy)
	}
	x.nodes[0].Alarm(t, false)
	x.flow(t, warmUp)
}
