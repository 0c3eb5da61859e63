package runtime

import (
	"context"
	"sync/atomic"
	"time"
)

// channelSupervisor keeps one producer channel open on a connection: when one dies, it opens the
// next. Its goroutine belongs to the connection, whose Close ends it.
type channelSupervisor struct {
	connSupervisor *connSupervisor
	connection     *Connection // whose Close ends the supervisor
	isolation      *isolation  // nil: the publishes have been isolated already
	pool           *pool
	started        atomic.Bool                     // run has been called
	channel        atomic.Pointer[producerChannel] // nil while there is none
}

// stableChannel is how long a channel must have lived for the next one to be opened at once.
const stableChannel = 100 * time.Millisecond

// run opens channels until the connection is closed. attempt counts the channels in a row that died
// early, which happens when each publish ends its channel.
func (s *channelSupervisor) run() {
	s.started.Store(true)
	supervisor := s.connSupervisor
	for attempt := 0; ; attempt++ {
		conn, err := supervisor.await(s.pool.notify)
		if err != nil {
			s.pool.notify() // wakes waiting publishes: the connection has been closed
			return
		}
		channel, err := openProducerChannel(supervisor.ctx, conn, s)
		if err != nil {
			s.pool.fail(err)
			s.pause(conn, attempt)
			continue
		}
		opened := time.Now()
		s.serve(channel)
		if time.Since(opened) > stableChannel || exceptionOf(channel.cause) != nil {
			attempt = -1 // an exception is the fault of one message
		}
		if attempt > 1 {
			sleep(supervisor.ctx, supervisor.broker.Backoff.jittered(min(attempt-2, maxQuickAttempt)))
		}
	}
}

// pause waits after a channel could not be opened on conn: for some time, or until conn has died.
func (s *channelSupervisor) pause(conn *conn, attempt int) {
	timer := time.NewTimer(conn.broker.Backoff.jittered(attempt))
	defer timer.Stop()
	select {
	case <-conn.done:
	case <-timer.C:
	}
}

// serve makes channel available until it dies.
func (s *channelSupervisor) serve(channel *producerChannel) {
	s.channel.Store(channel)
	for !isClosed(channel.done) {
		changed := channel.conn.changed.next()
		s.pool.notify()
		select {
		case <-changed:
			if channel.conn.dead() {
				<-channel.done
			}
		case <-channel.done:
		}
	}
	s.channel.Store(nil)
	s.pool.notify()
	if isType[*ChannelError](channel.cause) { // and not because of its connection
		channel.conn.broker.Observer.Observe(context.Background(), ChannelLostEvent{Connection: channel.conn.name, Err: channel.cause})
	}
}

// state returns StateReady, StateBlocked, StateDown or StateClosed. It is StateDown from when the
// connection is lost until the channel is open again.
func (s *channelSupervisor) state() State {
	state := s.connSupervisor.state()
	if state == StateReady && s.started.Load() && s.channel.Load() == nil {
		return StateDown
	}
	return state
}
