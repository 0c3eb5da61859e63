package faults_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/scampgen/scampgen/runtime"
)

var channelScenarios = []scenario{
	{id: "F3", fault: "one publish in 1000 to a missing exchange", short: true, times: 5, strike: missingExchange},
	{id: "F4", fault: "mismatching declaration, too large a body", short: true, times: 1, strike: refusedMessages},
	{id: "F5", fault: "queue deleted and made again", short: true, times: 1, play: playQueueDeleted},
	{id: "F6", fault: "half of 20000 unroutable", times: 0, play: func(t *testing.T, x *experiment) { playUnroutable(t, x, 20000, 10) }},
	{id: "F6", fault: "half of 2000 unroutable", short: true, times: 0, play: func(t *testing.T, x *experiment) { playUnroutable(t, x, 2000, 1) }},
	{id: "F7", fault: "queue full, reject-publish", short: true, times: 0, play: playRejectPublish},
	{id: "F16", fault: "confirms do not come", short: true, environment: proxied, times: 1, play: playNoConfirms},
}

// missingExchange publishes to an exchange that does not exist, again and again, from a producer
// that shares the source.
func missingExchange(t *testing.T, x *experiment) {
	offender, err := runtime.NewProducer(t.Context(), x.rig.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range x.scenario.times {
		x.flow(t, 1000)
		_, err := offender.Publish(t.Context(), &runtime.Publication{Name: "Lost", Exchange: "missing", RoutingKey: "k"}, "x")
		var mistake *runtime.ChannelError
		if !errors.As(err, &mistake) || mistake.Reply.Code != 404 {
			t.Errorf("publish to a missing exchange: %v", err)
		}
	}
	if err := offender.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if lost := x.events.count("ConnectionLost"); lost > 0 {
		t.Errorf("%d connections died of a channel's mistake", lost)
	}
}

// refusedMessages publishes messages that must fail before they reach the channels of others.
func refusedMessages(t *testing.T, x *experiment) {
	wrong := &runtime.Declarations{Queues: []runtime.Queue{{Name: publication.RoutingKey, Durable: false}}}
	_, err := runtime.NewProducer(t.Context(), x.rig.source, wrong)
	var refused *runtime.DeclarationError
	if !errors.As(err, &refused) || refused.Reply.Code != 406 {
		t.Errorf("a declaration that differs: %v", err)
	}
	small := x.topology.build(smallMessages(x.broker(t, 0)), smallMessages(x.broker(t, 1)), x.failover)
	producer, err := runtime.NewProducer(t.Context(), small.source, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = producer.Publish(t.Context(), publication, make([]byte, 2000))
	if !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("too large a body: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	if err := errors.Join(producer.Close(ctx), small.close(ctx)); err != nil {
		t.Error(err)
	}
	x.events.nothingLost(t)
}

func smallMessages(b runtime.Broker) runtime.Broker {
	b.MaxMessageSize = 1000
	return b
}

// playQueueDeleted publishes while there is no queue: everything comes back.
func playQueueDeleted(t *testing.T, x *experiment) {
	x.start(t)
	x.flow(t, warmUp)
	x.load.end()
	acked := x.load
	arrived := x.arrived(t)
	if lost := lost(acked.acked, arrived); len(lost) > 0 {
		t.Errorf("%d messages are lost:\n%s", len(lost), x.explain(t, lost))
	}
	for _, host := range x.hosts {
		err := dial(t, host, func(channel *amqp.Channel) error {
			_, err := channel.QueueDelete(publication.RoutingKey, false, false, false)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	without := newLoad()
	for i := range 50 {
		without.publish(t.Context(), sender{x.producer, publication}, fmt.Sprint("without-", i))
	}
	if without.failures["returned"] != 50 {
		t.Errorf("without a queue 50 publishes are %v and %d acked", without.failures, len(without.acked))
	}
	for _, host := range x.hosts {
		x.makeQueue(t, host)
	}
	x.load = startLoad(x.producer, "after")
	x.flow(t, warmUp)
}

// playUnroutable pipelines n publishes of which every second has no queue, several times.
func playUnroutable(t *testing.T, x *experiment, n, times int) {
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = newLoad()
	nowhere := &runtime.Publication{Name: "Nowhere", RoutingKey: "no such queue"}
	for run := range times {
		begun := time.Now()
		pending := make([]*runtime.Pending, n)
		for i := range pending {
			to := publication
			if i%2 == 1 {
				to = nowhere
			}
			pending[i] = x.producer.PublishAsync(t.Context(), to, "x", runtime.WithMessageID(fmt.Sprintf("%d-%d", run, i)))
		}
		for i, p := range pending {
			receipt, err := p.Wait(context.Background())
			x.load.published.Add(1)
			x.load.note(begun, receipt, err)
			if want := []string{"acked", "returned"}[i%2]; outcome(err) != want {
				t.Fatalf("message %d is %s, want %s: %v", i, outcome(err), want, err)
			}
		}
	}
}

// playRejectPublish fills a queue that refuses more: refused messages are reported as nacked, and
// no channel dies.
func playRejectPublish(t *testing.T, x *experiment) {
	for _, host := range x.hosts {
		err := dial(t, host, func(channel *amqp.Channel) error {
			if _, err := channel.QueueDelete(publication.RoutingKey, false, false, false); err != nil {
				return err
			}
			_, err := channel.QueueDeclare(publication.RoutingKey, true, false, false, false,
				amqp.Table{"x-max-length": 500, "x-overflow": "reject-publish"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	x.options = []runtime.ProducerOption{runtime.WithNackRetries(0)}
	x.start(t)
	eventually(t, "publishes are refused", func() bool {
		x.load.mu.Lock()
		defer x.load.mu.Unlock()
		return x.load.failures["nacked"] > 1000
	})
	x.load.end()
	x.events.nothingLost(t)
}

// playNoConfirms holds the broker's answers back: publishes end as unknown with their context, and
// the window is free again afterwards.
func playNoConfirms(t *testing.T, x *experiment) {
	x.configure = func(b *runtime.Broker) { b.Heartbeat = 30 * time.Second }
	x.options = []runtime.ProducerOption{runtime.WithPublishTimeout(time.Second)}
	x.start(t)
	x.flow(t, warmUp)
	x.proxies[0].Mute()
	if !x.topology.pair {
		eventually(t, "a publish is unknown", func() bool {
			x.load.mu.Lock()
			defer x.load.mu.Unlock()
			return x.load.failures["unknown"] >= workers
		})
	}
	x.proxies[0].Thaw()
	x.flow(t, 10*x.topology.window)
	x.events.nothingLost(t)
}
