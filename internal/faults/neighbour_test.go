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

// neighbourScenarios have clients and queues that share a source or an exchange.
var neighbourScenarios = []scenario{
	{id: "F27", fault: "a failing consumer beside producers", environment: own, times: 0, only: []string{dedicated, activePassive}, spare: true, play: playFailingNeighbour},
	{id: "F28", fault: "one of three queues full, reject-publish", short: true, times: 0, pools: true, play: playOneFull},
	{id: "F29", fault: "ten producers, connections cut five times", short: true, environment: proxied, times: 5, pools: true, spare: true, play: playTenProducers},
}

// playFailingNeighbour fails a consumer that may not publish its dead letters: the producers on its
// source do not notice.
func playFailingNeighbour(t *testing.T, x *experiment) {
	const failing, lasting, fewChannels = 100, 3 * time.Second, 20
	queue := runtime.Queue{Name: "failing", Durable: true}
	x.actAs(t, "^orders$")
	x.makeOrders(t)
	x.onEach(t, func(channel *amqp.Channel) error {
		_, err := channel.QueueDeclare(queue.Name, true, false, false, false, nil)
		for i := 0; i < failing && err == nil; i++ {
			err = channel.Publish("", queue.Name, false, false, amqp.Publishing{ContentType: "text/plain", MessageId: fmt.Sprint(i)})
		}
		return err
	})
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = startSenders(x.topology.name, correct, sender{x.producer, orders})
	x.flow(t, warmUp)
	consumer, err := runtime.NewConsumer(t.Context(), x.rig.source.(runtime.ConsumerSource), runtime.Subscription{
		Queue: queue, Declarations: &runtime.Declarations{Queues: []runtime.Queue{queue}},
		Routes: []runtime.Route{runtime.RouteText(publication, func(context.Context, string) error { return errors.New("a handler that fails") })},
	})
	if err != nil {
		t.Fatal(err)
	}
	before := x.channelsOpened(t)
	ctx, cancel := context.WithTimeout(t.Context(), lasting)
	defer cancel()
	if err := consumer.Run(ctx); err != nil {
		t.Errorf("stop the consumer: %v", err)
	}
	if n := x.channelsOpened(t) - before; n > fewChannels {
		t.Errorf("%d channels were opened in %v, want at most %d", n, lasting, fewChannels)
	}
	x.flow(t, warmUp)
}

// channelsOpened returns how many channels have been opened on both nodes.
func (x *experiment) channelsOpened(t *testing.T) int {
	t.Helper()
	return x.nodes[0].ChannelsOpened(t) + x.nodes[1].ChannelsOpened(t)
}

// playOneFull publishes to an exchange with three queues, of which one is full and refuses: the
// broker nacks each message, but has put it into the two others. The error says that this is
// possible, and nothing is published again.
func playOneFull(t *testing.T, x *experiment) {
	const published = 20
	open := []string{"open-1", "open-2"}
	x.onEach(t, func(channel *amqp.Channel) error {
		err := channel.ExchangeDeclare("spread", amqp.ExchangeFanout, true, false, false, false, nil)
		for _, queue := range append(open, "full") {
			var arguments amqp.Table
			if queue == "full" {
				arguments = amqp.Table{"x-max-length": 1, "x-overflow": "reject-publish"}
			}
			_, declared := channel.QueueDeclare(queue, true, false, false, false, arguments)
			err = errors.Join(err, declared, channel.QueueBind(queue, "", "spread", false, nil))
		}
		return errors.Join(err, channel.Publish("", "full", false, false, amqp.Publishing{}))
	})
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	x.load = newLoad()
	x.count = func(t *testing.T) map[string]int {
		counts := map[string]int{}
		for _, host := range x.used() {
			for _, queue := range open {
				if err := empty(host, queue, queue+" ", counts, quiet); err != nil {
					t.Fatal(err)
				}
			}
		}
		return counts
	}
	for i := range published {
		x.load.publish(t.Context(), sender{x.producer, to("spread", "")}, fmt.Sprint("message-", i))
	}
	if n := x.load.failures["nacked"]; n != published {
		t.Errorf("%d of %d publishes were nacked: %v", n, published, x.load.failures)
	}
	for _, err := range x.load.errs {
		if !runtime.MayHaveBeenDelivered(err) {
			t.Errorf("it does not say that the message may have been delivered: %v", err)
		}
	}
	x.events.nothingLost(t)
}

// playTenProducers resets the connections of ten producers on one source with different
// declarations.
func playTenProducers(t *testing.T, x *experiment) {
	const producers = 10
	if err := x.connect(t, t.Context()); err != nil {
		t.Fatal(err)
	}
	var senders []sender
	for i := range producers {
		exchange := fmt.Sprint("exchange-", i)
		producer, err := runtime.NewProducer(t.Context(), x.rig.source, &runtime.Declarations{
			Exchanges: []runtime.Exchange{{Name: exchange, Type: amqp.ExchangeFanout, Durable: true}},
			Queues:    []runtime.Queue{{Name: publication.RoutingKey, Durable: true}},
			Bindings:  []runtime.Binding{{Queue: publication.RoutingKey, Exchange: exchange}},
		})
		if err != nil {
			t.Fatal(err)
		}
		senders = append(senders, sender{producer, to(exchange, "")})
	}
	x.load = startSenders(x.topology.name, workers, senders...)
	x.flow(t, warmUp)
	for range x.scenario.times {
		x.proxies[0].Reset()
		x.flow(t, warmUp)
	}
	x.load.end()
	ctx, cancel := context.WithTimeout(context.Background(), testTimeout)
	defer cancel()
	for _, s := range senders {
		if err := s.producer.Close(ctx); err != nil {
			t.Errorf("close producer: %v", err)
		}
	}
}
