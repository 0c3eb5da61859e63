package runtime

import (
	"context"
	"sync/atomic"
	"time"
)

// Counters is an Observer that counts. The zero value is ready for use. It is for tests, and for
// programs that export metrics in their own way.
type Counters struct {
	connected, connectFailed, connectionsLost atomic.Int64
	blocked, unblocked                        atomic.Int64
	channelsLost, declarationsRefused         atomic.Int64
	published                                 [outcomes]atomic.Int64
	retried, unconfirmedReturned, failovers   atomic.Int64
	publishing                                atomic.Int64
	consumed                                  [lastConsumerEventKind + 1]atomic.Int64
}

// Counts is what Counters have counted.
type Counts struct {
	Connected           int64
	ConnectFailed       int64
	ConnectionsLost     int64
	Blocked             int64
	Unblocked           int64
	ChannelsLost        int64
	DeclarationsRefused int64
	Acked               int64
	Nacked              int64
	Returned            int64
	NotSent             int64
	Unknown             int64
	Written             int64
	Retried             int64
	UnconfirmedReturned int64
	Failovers           int64
	Publishing          time.Duration // the sum of the durations of publishes, including retries and waits
	Consumers           ConsumerCounts
}

// ConsumerCounts is how many ConsumerEvents of each kind there were: ConsumerCounts[EventHandled].
// Consumer.Count has those of one consumer.
type ConsumerCounts [lastConsumerEventKind + 1]int64

// Observe implements Observer.
func (c *Counters) Observe(_ context.Context, event Event) {
	switch event := event.(type) {
	case ConnectedEvent:
		c.connected.Add(1)
	case ConnectFailedEvent:
		c.connectFailed.Add(1)
	case ConnectionLostEvent:
		c.connectionsLost.Add(1)
	case ConnectionBlockedEvent:
		c.blocked.Add(1)
	case ConnectionUnblockedEvent:
		c.unblocked.Add(1)
	case ChannelLostEvent:
		c.channelsLost.Add(1)
	case DeclarationRefusedEvent:
		c.declarationsRefused.Add(1)
	case PublishedEvent:
		c.published[event.Outcome].Add(1)
		c.publishing.Add(int64(event.Took))
	case PublishRetriedEvent:
		c.retried.Add(1)
	case UnconfirmedReturnedEvent:
		c.unconfirmedReturned.Add(1)
	case FailedOverEvent:
		c.failovers.Add(1)
	case ConsumerEvent:
		if event.Kind <= lastConsumerEventKind {
			c.consumed[event.Kind].Add(1)
		}
	}
}

// Counts returns what has been counted so far.
func (c *Counters) Counts() Counts {
	return Counts{
		Connected:           c.connected.Load(),
		ConnectFailed:       c.connectFailed.Load(),
		ConnectionsLost:     c.connectionsLost.Load(),
		Blocked:             c.blocked.Load(),
		Unblocked:           c.unblocked.Load(),
		ChannelsLost:        c.channelsLost.Load(),
		DeclarationsRefused: c.declarationsRefused.Load(),
		Acked:               c.published[OutcomeAcked].Load(),
		Nacked:              c.published[OutcomeNacked].Load(),
		Returned:            c.published[OutcomeReturned].Load(),
		NotSent:             c.published[OutcomeNotSent].Load(),
		Unknown:             c.published[OutcomeUnknown].Load(),
		Written:             c.published[OutcomeWritten].Load(),
		Retried:             c.retried.Load(),
		UnconfirmedReturned: c.unconfirmedReturned.Load(),
		Failovers:           c.failovers.Load(),
		Publishing:          time.Duration(c.publishing.Load()),
		Consumers:           c.consumers(),
	}
}

func (c *Counters) consumers() (counts ConsumerCounts) {
	for kind := range counts {
		counts[kind] = c.consumed[kind].Load()
	}
	return counts
}
