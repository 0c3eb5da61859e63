package runtime

import (
	"context"
	"sync/atomic"
	"time"
)

// ConsumeMode is from which of two virtual hosts the consumers of an active/passive pair consume.
type ConsumeMode uint8

// The choices. Both is the zero value.
const (
	// ConsumeBoth consumes from both virtual hosts all the time: an idle one has nothing to
	// deliver, and whatever a producer leaves in either is handled. The prefetch is split between
	// the two; the workers are shared.
	ConsumeBoth ConsumeMode = iota
	// ConsumeTakeOver consumes from the passive virtual host only while the active one cannot be
	// reached. Messages can be left behind: a producer that fails over by itself, because of a
	// memory alarm or because only its own network has failed, publishes to the passive one, and
	// nobody consumes them there until the active one fails for the consumer too.
	ConsumeTakeOver
)

// A virtualHost is one of the virtual hosts of a source.
type virtualHost struct {
	source ConsumerSource
	index  int
}

// open opens a channel in the virtual host.
func (h virtualHost) open(ctx context.Context, d *Declarations) (ConsumerChannel, error) {
	return h.source.ConsumerChannel(ctx, ConsumerRequest{Declarations: d, VirtualHost: h.index})
}

// virtualHostsOf returns the virtual hosts that a consumer of source consumes from.
func virtualHostsOf(source ConsumerSource) (hosts []virtualHost) {
	info := source.Info()
	for i := range info.virtualHosts() {
		hosts = append(hosts, virtualHost{source, i})
	}
	return hosts
}

// consumersOf returns the virtual hosts that a pair's consumers consume from. The sides may have
// several themselves.
func consumersOf(active, passive ConsumerSource, f Failover) (hosts []virtualHost) {
	actives, passives := virtualHostsOf(active), virtualHostsOf(passive)
	if f.Consumers == ConsumeBoth {
		return append(actives, passives...)
	}
	for i := range max(len(actives), len(passives)) {
		hosts = append(hosts, virtualHost{source: &takeOver{
			active: actives[i%len(actives)], passive: passives[i%len(passives)],
			grace: f.Grace, stable: max(f.FailBack, f.MinDwell), observer: f.Observer,
		}})
	}
	return hosts
}

// takeOver is the ConsumerSource of ConsumeTakeOver. It holds no state: each consumer finds out by
// itself which side it can reach.
type takeOver struct {
	active, passive virtualHost
	grace           time.Duration // how long the active side may be down
	stable          time.Duration // how long it must be back
	observer        Observer
}

// ConsumerChannel opens a channel on the active side. If that takes longer than the grace, it
// returns the first channel that either side opens.
func (s *takeOver) ConsumerChannel(ctx context.Context, request ConsumerRequest) (ConsumerChannel, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	active := openAsync(ctx, s.active, request.Declarations)
	select {
	case first := <-active:
		if first.err == nil {
			return first.channel, nil
		}
		active = nil // refused: try the passive side
	case <-time.After(s.grace):
	case <-ctx.Done():
		go active.discard()
		return nil, context.Cause(ctx)
	}
	passive := openAsync(ctx, s.passive, request.Declarations)
	select {
	case first := <-active:
		if first.err == nil {
			go passive.discard()
			return first.channel, nil
		}
		return s.usePassive(<-passive)
	case first := <-passive:
		go active.discard()
		return s.usePassive(first)
	}
}

// Info implements ConsumerSource.
func (s *takeOver) Info() SourceInfo { return SourceInfo{Observer: s.observer} }

// usePassive returns a channel on the passive side. It is cancelled when the active side is back.
func (s *takeOver) usePassive(opened openResult) (ConsumerChannel, error) {
	if opened.err != nil {
		return nil, opened.err
	}
	s.observer.Observe(context.Background(), FailedOverEvent{Passive: true, Reason: StateDown})
	channel := &passiveChannel{ConsumerChannel: opened.channel}
	go s.awaitActive(channel)
	return channel, nil
}

// awaitActive cancels channel when the active side has been back for long enough and the passive
// one has been drained. The consumer then finishes what it has and asks for another channel.
func (s *takeOver) awaitActive(channel *passiveChannel) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-channel.Done():
			cancel()
		case <-ctx.Done():
		}
	}()
	for s.probeActive(ctx) != nil {
		if !sleep(ctx, s.stable) {
			return
		}
	}
	for drained := time.Now().Add(maxDrain); time.Now().Before(drained) && channel.busySince(s.stable); {
		if !sleep(ctx, s.stable) {
			return
		}
	}
	s.observer.Observe(context.Background(), FailedOverEvent{Passive: false, Reason: StateReady})
	_ = channel.Cancel(ctx) // if that fails the channel is dying, which has the same effect
}

// maxDrain limits how long the passive side is drained: a producer may stay there.
const maxDrain = 30 * time.Second

// probeActive opens a channel on the active side and returns nil if that channel lives long enough.
func (s *takeOver) probeActive(ctx context.Context) error {
	probe, err := s.active.open(ctx, nil)
	if err != nil {
		return err
	}
	defer closeChannel(probe)
	select {
	case <-time.After(s.stable):
		return nil
	case <-probe.Done():
		return errDied
	case <-ctx.Done():
		return ctx.Err()
	}
}

// passiveChannel is a channel on the passive side. It knows when it last had a delivery.
type passiveChannel struct {
	ConsumerChannel
	lastDelivery atomic.Int64 // in nanoseconds since 1970
}

// Consume implements ConsumerChannel.
func (c *passiveChannel) Consume(ctx context.Context, request ConsumeRequest) (Consumption, error) {
	consumption, err := c.ConsumerChannel.Consume(ctx, request)
	if err != nil {
		return Consumption{}, err
	}
	consumption.Passive = true
	consumption.Deliveries = c.track(consumption.Deliveries, request.Prefetch)
	return consumption, nil
}

// track passes deliveries on and notes the time of the last one.
func (c *passiveChannel) track(deliveries <-chan *Delivery, prefetch int) <-chan *Delivery {
	tracked := make(chan *Delivery, prefetch) // buffers all that may be unacknowledged
	go func() {
		defer close(tracked)
		for delivery := range deliveries {
			c.lastDelivery.Store(time.Now().UnixNano())
			tracked <- delivery
		}
	}()
	return tracked
}

// busySince reports whether there was a delivery within the duration before now.
func (c *passiveChannel) busySince(while time.Duration) bool {
	return time.Since(time.Unix(0, c.lastDelivery.Load())) < while
}

// An openResult is the result of an attempt to open a channel.
type openResult struct {
	channel ConsumerChannel
	err     error
}

// openResults receives one openResult.
type openResults chan openResult

// openAsync opens a channel in the background, until ctx ends.
func openAsync(ctx context.Context, host virtualHost, d *Declarations) openResults {
	results := make(openResults, 1)
	go func() {
		channel, err := host.open(ctx, d)
		results <- openResult{channel, err}
	}()
	return results
}

// discard closes the channel, which is not needed any more.
func (o openResults) discard() {
	if o == nil {
		return
	}
	if late := <-o; late.err == nil {
		closeChannel(late.channel)
	}
}
