package runtime

import (
	"sync/atomic"
	"time"
)

// slot keeps one producer channel open on a connection: it opens the next when one
// dies. Its goroutine belongs to the connection, whose Close ends it.
type slot struct {
	line       *line
	connection *Connection // whose Close ends the slot
	isolation  *isolation  // nil: what comes here has been isolated already
	pool       *pool
	kept       atomic.Bool                     // keep has begun
	channel    atomic.Pointer[producerChannel] // nil while there is none
}

// soundChannel is how long a channel must have lived for the next one to be opened at once.
const soundChannel = 100 * time.Millisecond

// keep opens channels until the connection is closed. Attempts count the channels
// in a row that died young, which happens when each publish kills its channel.
func (s *slot) keep() {
	s.kept.Store(true)
	line := s.line
	for attempt := 0; ; attempt++ {
		link, err := line.live(s.pool.notify)
		if err != nil {
			s.pool.notify() // who waits learns that the connection has been closed
			return
		}
		channel, err := openProducerChannel(line.life, link, s)
		if err != nil {
			s.pool.fail(err)
			s.pauseOn(link, attempt)
			continue
		}
		opened := time.Now()
		s.carry(channel)
		if time.Since(opened) > soundChannel || refusalOf(channel.cause) != nil {
			attempt = -1 // a refusal is the fault of one message
		}
		if attempt > 1 {
			sleep(line.life, line.broker.Backoff.jittered(min(attempt-2, maxQuickAttempt)))
		}
	}
}

// pauseOn waits after a channel could not be opened on link, until that has died or
// for a while.
func (s *slot) pauseOn(link *link, attempt int) {
	timer := time.NewTimer(link.broker.Backoff.jittered(attempt))
	defer timer.Stop()
	select {
	case <-link.done:
	case <-timer.C:
	}
}

// carry offers channel to those who wait, until it has died.
func (s *slot) carry(channel *producerChannel) {
	s.channel.Store(channel)
	for !isClosed(channel.done) {
		changed := channel.link.changed.next()
		s.pool.notify()
		select {
		case <-changed:
			if channel.link.dead() {
				<-channel.done
			}
		case <-channel.done:
		}
	}
	s.channel.Store(nil)
	s.pool.notify()
	if isType[*ChannelError](channel.cause) { // and not with its link
		channel.link.broker.Observer.Observe(ChannelLost{Connection: channel.link.name, Err: channel.cause})
	}
}

// state returns Ready, Blocked, Down or Closed. A slot is Down from when its connection is
// lost until its channel has been opened again.
func (s *slot) state() State {
	state := s.line.state()
	if state == Ready && s.kept.Load() && s.channel.Load() == nil {
		return Down
	}
	return state
}
