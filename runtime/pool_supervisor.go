package runtime

import (
	"sync/atomic"
	"time"
)

// slot keeps one producer channel open on a connection: it opens the next when one
// dies. Its goroutine belongs to the connection, whose Close ends it.
type channelSupervisor struct {
	connSupervisor *connSupervisor
	connection     *Connection // whose Close ends the slot
	isolation      *isolation  // nil: what comes here has been isolated already
	pool           *pool
	started        atomic.Bool                     // keep has begun
	channel        atomic.Pointer[producerChannel] // nil while there is none
}

// soundChannel is how long a channel must have lived for the next one to be opened at once.
const stableChannel = 100 * time.Millisecond

// keep opens channels until the connection is closed. Attempts count the channels
// in a row that died young, which happens when each publish kills its channel.
func (s *channelSupervisor) run() {
	s.started.Store(true)
	supervisor := s.connSupervisor
	for attempt := 0; ; attempt++ {
		conn, err := supervisor.await(s.pool.notify)
		if err != nil {
			s.pool.notify() // who waits learns that the connection has been closed
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
			attempt = -1 // a refusal is the fault of one message
		}
		if attempt > 1 {
			sleep(supervisor.ctx, supervisor.broker.Backoff.jittered(min(attempt-2, maxQuickAttempt)))
		}
	}
}

// pauseOn waits after a channel could not be opened on link, until that has died or
// for a while.
func (s *channelSupervisor) pause(conn *conn, attempt int) {
	timer := time.NewTimer(conn.broker.Backoff.jittered(attempt))
	defer timer.Stop()
	select {
	case <-conn.done:
	case <-timer.C:
	}
}

// carry offers channel to those who wait, until it has died.
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
	if isType[*ChannelError](channel.cause) { // and not with its link
		channel.conn.broker.Observer.Observe(ChannelLost{Connection: channel.conn.name, Err: channel.cause})
	}
}

// state returns Ready, Blocked, Down or Closed. A slot is Down from when its connection is
// lost until its channel has been opened again.
func (s *channelSupervisor) state() State {
	state := s.connSupervisor.state()
	if state == Ready && s.started.Load() && s.channel.Load() == nil {
		return Down
	}
	return state
}
