package scampotel

import (
	"context"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// WatchConnection measures the state of c's network connections, and what the consumers on c are
// doing, with each collection of metrics, until stop is called. Attributes have the names of the
// network connections, so give several Connections different ones (runtime.Broker.Name), and the
// queues of the consumers: those of one queue are added up.
func (t *Telemetry) WatchConnection(c *runtime.Connection) (stop func()) {
	return t.watchConnections(func() []runtime.ConnectionStatus { return []runtime.ConnectionStatus{c.Status()} })
}

// WatchConnections is WatchConnection for a pool.
func (t *Telemetry) WatchConnections(p *runtime.Connections) (stop func()) {
	return t.watchConnections(p.Status)
}

// WatchSource measures the channels, the publishes in flight and the window of a source with each
// collection of metrics, until stop is called. name is an attribute. A source without
// SourceInfo.Status is not measured.
func (t *Telemetry) WatchSource(name string, source runtime.ProducerSource) (stop func()) {
	says := source.Info().Status
	if says == nil {
		return func() {}
	}
	m, attributes := t.metrics, with(sourceKey.String(name))
	return t.watch(func(o metric.Observer) {
		status := says()
		o.ObserveInt64(m.channels, int64(status.Channels), attributes)
		o.ObserveInt64(m.inFlight, int64(status.InFlight), attributes)
		o.ObserveInt64(m.window, int64(status.Window), attributes)
		o.ObserveInt64(m.passive, oneIf(status.Passive), attributes)
	}, m.channels, m.inFlight, m.window, m.passive)
}

func (t *Telemetry) watchConnections(status func() []runtime.ConnectionStatus) (stop func()) {
	m := t.metrics
	return t.watch(func(o metric.Observer) {
		connections := status()
		for _, connection := range connections {
			for _, network := range []runtime.NetworkStatus{connection.Producing, connection.Consuming, connection.Isolating} {
				name := connectionKey.String(network.Name)
				now := stateOf(network)
				for _, state := range states {
					o.ObserveInt64(m.connections, oneIf(state == now), with(name, stateKey.String(state)))
				}
				o.ObserveInt64(m.connectionChannels, int64(network.Channels), with(name))
			}
		}
		m.observeConsumers(o, connections)
	}, m.connections, m.connectionChannels, m.consumerSources, m.consumerConsuming, m.unanswered)
}

// observeConsumers measures the consumers on connections, by their queues.
func (m *metrics) observeConsumers(o metric.Observer, connections []runtime.ConnectionStatus) {
	queues := make(map[string]runtime.ConsumerStatus)
	for _, connection := range connections {
		for _, consumer := range connection.Consumers {
			sum := queues[consumer.Queue]
			sum.Sources += consumer.Sources
			sum.Consuming += consumer.Consuming
			sum.Unacknowledged += consumer.Unacknowledged
			queues[consumer.Queue] = sum
		}
	}
	for queue, sum := range queues {
		attributes := with(queueKey.String(queue))
		o.ObserveInt64(m.consumerSources, int64(sum.Sources), attributes)
		o.ObserveInt64(m.consumerConsuming, int64(sum.Consuming), attributes)
		o.ObserveInt64(m.unanswered, int64(sum.Unacknowledged), attributes)
	}
}

// states are the values of scamp.state. An idle connection has not been needed yet.
var states = []string{"connected", "idle", "blocked", "down", "closed"}

func stateOf(network runtime.NetworkStatus) string {
	switch {
	case network.State != runtime.StateReady:
		return network.State.String()
	case network.Connected:
		return "connected"
	}
	return "idle"
}

func (t *Telemetry) watch(observe func(metric.Observer), instruments ...metric.Observable) (stop func()) {
	registration, err := t.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		observe(o)
		return nil
	}, instruments...)
	if err != nil {
		otel.Handle(err)
		return func() {}
	}
	return func() {
		if err := registration.Unregister(); err != nil {
			otel.Handle(err)
		}
	}
}

func oneIf(condition bool) int64 {
	if condition {
		return 1
	}
	return 0
}
