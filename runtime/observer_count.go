package runtime

import (
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
}

// Observe implements Observer.
func (c *Counters) Observe(event Event) {
	switch event := event.(type) {
	case Connected:
		c.connected.Add(1)
	case ConnectFailed:
		c.connectFailed.Add(1)
	case ConnectionLost:
		c.connectionsLost.Add(1)
	case ConnectionBlocked:
		c.blocked.Add(1)
	case ConnectionUnblocked:
		c.unblocked.Add(1)
	case ChannelLost:
		c.channelsLost.Add(1)
	case DeclarationRefused:
		c.declarationsRefused.Add(1)
	case Published:
		c.published[event.Outcome].Add(1)
		c.publishing.Add(int64(event.Took))
	case PublishRetried:
		c.retried.Add(1)
	case UnconfirmedReturned:
		c.unconfirmedReturned.Add(1)
	case FailedOver:
		c.failovers.Add(1)
	case ConsumerEvent:
		c.consumed[event.Kind].Add(1)
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
		Acked:               c.published[Acked].Load(),
		Nacked:              c.published[Nacked].Load(),
		Returned:            c.published[Returned].Load(),
		NotSent:             c.published[NotSent].Load(),
		Unknown:             c.published[Unknown].Load(),
		Written:             c.published[Written].Load(),
		Retried:             c.retried.Load(),
		UnconfirmedReturned: c.unconfirmedReturned.Load(),
		Failovers:           c.failovers.Load(),
		Publishing:          time.Duration(c.publishing.Load()),
	}
}

// Consumed returns how many ConsumerEvents of a kind there were. Handled is not observed: see
// Consumer.Count.
func (c *Counters) Consumed(kind ConsumerEventKind) int64 {
	if int(kind) >= len(c.consumed) {
		return 0
	}
	return c.consumed[kind].Load()
}
