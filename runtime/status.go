package runtime

import (
	"time"
)

// A ConnectionStatus is what a Connection is doing now.
type ConnectionStatus struct {
	Producing NetworkStatus // what producers share, also for what consumers publish themselves
	Consuming NetworkStatus // what consumers share
	Isolating NetworkStatus // for publishes that may have closed a channel; seldom used

	// Consumers are those that have been made on the connection and whose Run has not returned, in
	// the order in which they were made. Those of an active/passive pair are with the active side.
	Consumers []ConsumerStatus
}

// A NetworkStatus is the status of one network connection. One that nobody has needed yet is
// StateReady without being connected: it will connect when it is needed.
type NetworkStatus struct {
	Name       string // as operators see it
	State      State  // StateReady, StateBlocked, StateDown or StateClosed
	Connected  bool
	Address    string    // host and port, while it is connected
	Generation uint64    // how often it has been established: more than 1 after a reconnect
	Since      time.Time // when it was established or lost; zero before both
	Channels   int       // that are open
	Err        error     // why it is not connected: what ended the last one, or the last attempt
}

// Status returns what c is doing now. It is cheap and may be called from many goroutines.
func (c *Connection) Status() ConnectionStatus {
	status := ConnectionStatus{
		Producing: c.supervisors[producing].status(),
		Consuming: c.supervisors[consuming].status(),
		Isolating: c.supervisors[isolating].status(),
	}
	for _, client := range c.clients.now() {
		if consumer, ok := client.(*Consumer); ok {
			status.Consumers = append(status.Consumers, consumer.Status())
		}
	}
	return status
}

// Status returns the status of each connection.
func (p *Connections) Status() []ConnectionStatus {
	all := make([]ConnectionStatus, len(p.connections))
	for i, connection := range p.connections {
		all[i] = connection.Status()
	}
	return all
}

func (s *connSupervisor) status() NetworkStatus {
	state := s.state()
	s.mu.Lock()
	defer s.mu.Unlock()
	status := NetworkStatus{Name: s.name, State: state, Generation: s.generation, Since: s.since, Err: s.failed}
	if s.conn != nil {
		status.Connected, status.Address, status.Channels = true, s.conn.address, s.conn.frames.Channels()
	}
	return status
}

// A SourceStatus is what a source has for producers now. Of an active/passive pair it is the status
// of the side in use.
type SourceStatus struct {
	State    State // as SourceInfo.State says
	Channels int   // that can take a publish
	InFlight int   // publishes on these that wait for their confirm, or for room in a window
	Window   int   // how many publishes may wait for their confirm on these; 0 if there is no limit
	Err      error // why there is no channel, if that is known

	Passive bool           // publishes go to the passive side of a pair
	Sides   []SourceStatus // of a pair: the active side and the passive one
}

// status returns what is known of the source.
func (i *SourceInfo) status() SourceStatus {
	if i.Status != nil {
		return i.Status()
	}
	state, _ := i.state()
	return SourceStatus{State: state}
}

// Status returns the sum of all channels.
func (p *pool) Status() SourceStatus {
	var status SourceStatus
	status.State, _ = p.State()
	for _, supervisor := range p.supervisors {
		if channel := supervisor.channel.Load(); channel != nil && !channel.isClosing() && !channel.conn.blocked.Load() {
			status.Channels++
			status.InFlight += int(channel.load.Load())
			status.Window += p.config.window
		}
	}
	if status.State >= StateDown {
		status.Err = p.lastFailure()
	}
	return status
}

// lastFailure returns why there is no channel, or nil.
func (p *pool) lastFailure() error {
	for _, supervisor := range p.supervisors {
		switch _, failed, closing := supervisor.connSupervisor.current(); {
		case closing:
			return ErrClosed
		case failed != nil:
			return failed
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// Status returns the status of the side in use, with both in Sides.
func (p *ProducerPair) Status() SourceStatus {
	sides := []SourceStatus{p.sides[activeSide].info.status(), p.sides[passiveSide].info.status()}
	status := sides[activeSide]
	if p.OnPassive() {
		status = sides[passiveSide]
	}
	status.Passive, status.Sides = p.OnPassive(), sides
	return status
}

// A ProducerStatus is what a Producer is doing now.
type ProducerStatus struct {
	// SourceStatus is the status of its source, which other producers may share. A source of your
	// own says it with SourceInfo.Status.
	SourceStatus

	// Outstanding is how many of this producer's publishes have not ended: in flight, waiting for a
	// channel, or for their next attempt.
	Outstanding int
	Closed      bool // Close has been called
}

// Status returns what p is doing now. It is cheap and may be called from many goroutines.
func (p *Producer) Status() ProducerStatus {
	status := ProducerStatus{SourceStatus: p.info.status()}
	status.Outstanding, status.Closed = p.outstanding.status()
	return status
}

// Count returns how many publishes have ended with an outcome since NewProducer.
func (p *Producer) Count(outcome Outcome) int64 {
	if outcome >= outcomes {
		return 0
	}
	return p.counts[outcome].Load()
}

func (o *outstanding) status() (publishes int, closed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.list.len, o.closed
}

// A ConsumerStatus is what a Consumer is doing now.
type ConsumerStatus struct {
	Queue          string
	Sources        int   // to consume from: 2 for a pair, or 1 with ConsumeTakeOver
	Consuming      int   // of Sources, now: deliveries of so many can arrive
	Passive        bool  // it has taken over, as ConsumeTakeOver says
	Standby        bool  // it waits until it is the active consumer, as WithSingleActiveConsumer says
	Handling       int   // deliveries that workers have begun to handle
	Unacknowledged int   // deliveries that have arrived and have no answer, including those
	Offset         int64 // of a stream: up to which everything has been handled, or -1; 0 for a queue
	Err            error // why it last could not consume from a source; nil while it does from all
}

func (c *queueConsumer) status() ConsumerStatus {
	status := ConsumerStatus{Queue: c.queue, Sources: len(c.hosts)}
	if c.stream != nil {
		status.Offset, status.Standby = c.stream.handledUpTo(), c.stream.standby.Load()
	}
	r := c.current.Load()
	if r == nil {
		return status
	}
	status.Handling = int(r.running.Load())
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.live {
		status.Unacknowledged += s.unacknowledged()
		if s.consumption.Passive && s.isConsuming() {
			status.Passive = true
		}
	}
	status.Consuming, status.Err = r.consuming(), r.lost
	return status
}

// A CallerStatus is what a Caller is doing now.
type CallerStatus struct {
	Requests ProducerStatus
	Replies  ConsumerStatus // no call is made while Consuming is 0
	Waiting  int            // calls that wait for their reply
}

// Status returns what c is doing now. It is cheap and may be called from many goroutines.
func (c *Caller) Status() CallerStatus {
	c.mu.Lock()
	waiting := len(c.waiting)
	c.mu.Unlock()
	return CallerStatus{Requests: c.requests.Status(), Replies: c.replies.Status(), Waiting: waiting}
}

// unacknowledged returns how many deliveries of the session have no answer.
func (s *session) unacknowledged() int {
	if s.dead() {
		return 0
	}
	n := len(s.consumption.Deliveries)
	if answers := s.answers.Load(); answers != nil {
		n += answers.unsent()
	}
	return n
}

// isConsuming reports whether deliveries of the consumer's own queue can arrive.
func (s *session) isConsuming() bool {
	return !s.spec.isSuspectQueue && !s.dead() && !isClosed(s.drained) && !s.isCancelled() && s.run.ctx.Err() == nil
}

// consuming returns how many sessions are consuming. The caller holds mu.
func (r *run) consuming() (n int) {
	for s := range r.live {
		if s.isConsuming() {
			n++
		}
	}
	return n
}

// enter makes a session visible to Status.
func (r *run) enter(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live[s] = struct{}{}
	if r.consuming() == len(r.consumer.hosts) {
		r.lost = nil
	}
}

func (r *run) leave(s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.live, s)
}

// noteLost notes why a session has ended, or could not begin.
func (r *run) noteLost(spec sessionSpec, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !spec.isSuspectQueue {
		r.lost = err
	}
}
