package scampotel

import (
	"context"

	"github.com/scampgen/scampgen/runtime"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"
)

// buckets are the boundaries that the conventions ask for, in seconds.
var buckets = metric.WithExplicitBucketBoundaries(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

// metrics are the instruments: first those of the conventions, then our own.
type metrics struct {
	operation messagingconv.ClientOperationDuration
	sent      messagingconv.ClientSentMessages
	consumed  messagingconv.ClientConsumedMessages
	process   messagingconv.ProcessDuration

	publishing, handling                           metric.Int64UpDownCounter
	outcomes, retries, unconfirmedReturns          metric.Int64Counter
	consumerEvents                                 metric.Int64Counter
	waited                                         metric.Float64Histogram
	connected, connectFailed, connectionsLost      metric.Int64Counter
	channelsLost, declarationsRefused, failovers   metric.Int64Counter
	blocked                                        metric.Float64Counter
	connections, connectionChannels                metric.Int64ObservableGauge
	channels, inFlight, window, passive            metric.Int64ObservableGauge
	consumerSources, consumerConsuming, unanswered metric.Int64ObservableGauge
}

func newMetrics(m metric.Meter) *metrics {
	return &metrics{
		operation: made(messagingconv.NewClientOperationDuration(m, buckets)),
		sent:      made(messagingconv.NewClientSentMessages(m)),
		consumed:  made(messagingconv.NewClientConsumedMessages(m)),
		process:   made(messagingconv.NewProcessDuration(m, buckets)),

		publishing: upDown(m, "scamp.publish.active", "Publishes that have not ended.", "{message}"),
		handling:   upDown(m, "scamp.consumer.handling", "Handlers that are running.", "{message}"),

		outcomes:           counter(m, "scamp.publish.outcomes", "Publishes that have ended, by outcome.", "{message}"),
		retries:            counter(m, "scamp.publish.retries", "Further attempts to publish, by the outcome of the attempt before.", "{attempt}"),
		unconfirmedReturns: counter(m, "scamp.publish.unconfirmed_returns", "Messages that came back on channels without confirms.", "{message}"),
		consumerEvents:     counter(m, "scamp.consumer.events", "Events of consumers, by kind: retries, dead letters and so on.", "{event}"),
		waited: made(m.Float64Histogram("scamp.consumer.wait.duration", buckets,
			metric.WithDescription("How long deliveries waited in this process for a worker."), metric.WithUnit("s"))),

		connected:           counter(m, "scamp.connection.established", "Network connections that were established; all but the first of each name are reconnects.", "{connection}"),
		connectFailed:       counter(m, "scamp.connection.failures", "Attempts to connect that have failed.", "{attempt}"),
		connectionsLost:     counter(m, "scamp.connection.losses", "Network connections that ended unexpectedly.", "{connection}"),
		channelsLost:        counter(m, "scamp.channel.losses", "Channels that the broker closed while their connection stayed up.", "{channel}"),
		declarationsRefused: counter(m, "scamp.declaration.refusals", "Declarations that the broker refused.", "{declaration}"),
		failovers:           counter(m, "scamp.failovers", "Switches of active/passive pairs.", "{switch}"),
		blocked: made(m.Float64Counter("scamp.connection.blocked.duration",
			metric.WithDescription("How long brokers have blocked publishers, added when they read again."), metric.WithUnit("s"))),

		connections:        gauge(m, "scamp.connection.state", "1 for the state that a network connection is in, 0 for the others.", "1"),
		connectionChannels: gauge(m, "scamp.connection.channels", "Open channels of a network connection.", "{channel}"),
		channels:           gauge(m, "scamp.source.channels", "Channels of a source that can take a publish.", "{channel}"),
		inFlight:           gauge(m, "scamp.source.in_flight", "Publishes that wait for their confirm, or for room in a window.", "{message}"),
		window:             gauge(m, "scamp.source.window", "How many publishes may wait for their confirm; 0 if there is no limit.", "{message}"),
		passive:            gauge(m, "scamp.source.passive", "1 while publishes go to the passive side of a pair.", "1"),
		consumerSources:    gauge(m, "scamp.consumer.sources", "Virtual hosts that a consumer is to consume from.", "{source}"),
		consumerConsuming:  gauge(m, "scamp.consumer.consuming", "Virtual hosts that a consumer is consuming from now.", "{source}"),
		unanswered:         gauge(m, "scamp.consumer.unacknowledged", "Deliveries that have arrived and have no answer.", "{message}"),
	}
}

// made reports an error to OpenTelemetry. The instrument then does nothing.
func made[T any](instrument T, err error) T {
	if err != nil {
		otel.Handle(err)
	}
	return instrument
}

func counter(m metric.Meter, name, description, unit string) metric.Int64Counter {
	return made(m.Int64Counter(name, metric.WithDescription(description), metric.WithUnit(unit)))
}

func upDown(m metric.Meter, name, description, unit string) metric.Int64UpDownCounter {
	return made(m.Int64UpDownCounter(name, metric.WithDescription(description), metric.WithUnit(unit)))
}

func gauge(m metric.Meter, name, description, unit string) metric.Int64ObservableGauge {
	return made(m.Int64ObservableGauge(name, metric.WithDescription(description), metric.WithUnit(unit)))
}

// Observe implements runtime.Observer.
func (t *Telemetry) Observe(ctx context.Context, event runtime.Event) {
	m := t.metrics
	switch e := event.(type) {
	case runtime.PublishedEvent:
		m.outcomes.Add(ctx, 1, with(outcomeKey.String(e.Outcome.String())))
	case runtime.PublishRetriedEvent:
		m.retries.Add(ctx, 1, with(outcomeKey.String(e.Outcome.String())))
	case runtime.UnconfirmedReturnedEvent:
		m.unconfirmedReturns.Add(ctx, 1, with(connectionKey.String(e.Connection)))
	case runtime.ConsumerEvent:
		t.observeConsumer(ctx, e)
	case runtime.ConnectedEvent:
		m.connected.Add(ctx, 1, with(connectionKey.String(e.Connection)))
	case runtime.ConnectFailedEvent:
		m.connectFailed.Add(ctx, 1, with(connectionKey.String(e.Connection), refusedKey.Bool(e.Refused)))
	case runtime.ConnectionLostEvent:
		m.connectionsLost.Add(ctx, 1, with(connectionKey.String(e.Connection)))
	case runtime.ConnectionUnblockedEvent:
		m.blocked.Add(ctx, e.Blocked.Seconds(), with(connectionKey.String(e.Connection)))
	case runtime.ChannelLostEvent:
		m.channelsLost.Add(ctx, 1, with(connectionKey.String(e.Connection)))
	case runtime.DeclarationRefusedEvent:
		m.declarationsRefused.Add(ctx, 1, with(connectionKey.String(e.Connection)))
	case runtime.FailedOverEvent:
		m.failovers.Add(ctx, 1, with(passiveKey.Bool(e.Passive)))
	}
}

func (t *Telemetry) observeConsumer(ctx context.Context, e runtime.ConsumerEvent) {
	queue := e.Queue
	if isAnonymous(queue) {
		queue = anonymous
	}
	t.metrics.consumerEvents.Add(ctx, 1, with(queueKey.String(queue), eventKey.String(e.Kind.String())))
	switch e.Kind {
	case runtime.EventHandled, runtime.EventFailed, runtime.EventInvalid:
		if e.Waited > 0 { // otherwise it is not known
			t.metrics.waited.Record(ctx, e.Waited.Seconds(), with(queueKey.String(queue)))
		}
	default:
		t.recovered(ctx, e)
	}
}

func with(attributes ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(attributes...)
}
