package runtime

import (
	"context"
	"errors"
	"time"
)

// stallBackoff sets how long a stream may deliver nothing before another consumer is asked, and asked
// again.
var stallBackoff = Backoff{Min: 10 * time.Second, Max: 2 * time.Minute}

// stallTimeout limits how long that consumer waits for a message, and how much later the first one may
// get it.
const stallTimeout = 5 * time.Second

// errStalled ends a session that the broker has forgotten.
var errStalled = errors.New("the broker delivers nothing, but the stream goes on")

// watchStall ends a session to which the broker delivers nothing although the stream has what comes
// next. RabbitMQ 4.3 leaves a consumer of a stream like this, and does not cancel it, when its node
// has begun its copy of the stream anew after a partition. Another consumer on this node gets all.
func (s *session) watchStall(host virtualHost) {
	before, waited := s.window.awaited()
	for quiet := 0; sleep(s.handlers, stallBackoff.jittered(quiet)); {
		offset, waits := s.window.awaited()
		switch {
		case !waits || !waited || offset != before:
			quiet = 0
		case s.isStalled(host, offset):
			s.abandon(errStalled)
			return
		default:
			quiet++
		}
		before, waited = offset, waits
	}
}

// isStalled reports whether another consumer gets the message at an offset or a later one, and the session
// still does not.
func (s *session) isStalled(host virtualHost, offset int64) bool {
	ctx, cancel := context.WithTimeout(s.handlers, stallTimeout)
	defer cancel()
	if !s.probe(ctx, host, offset) || !sleep(s.handlers, stallTimeout) {
		return false
	}
	now, waits := s.window.awaited()
	return waits && now == offset
}

// probe reports whether a consumer on another channel gets the message at an offset, or a later one.
func (s *session) probe(ctx context.Context, host virtualHost, offset int64) bool {
	channel, err := host.open(ctx, nil)
	if err != nil {
		return false
	}
	defer closeChannel(channel)
	request := s.spec.request
	request.Tag, request.Prefetch, request.Arguments = "", 1, withOffset(request.Arguments, offset)
	consumption, err := channel.Consume(ctx, request)
	if err != nil || consumption.Passive { // the passive side of a pair has other offsets
		return false
	}
	for {
		select {
		case delivery, more := <-consumption.Deliveries:
			if !more {
				return false
			}
			if got, ok := delivery.StreamOffset(); !ok || got >= offset {
				return ok
			}
			if delivery.Ack() != nil {
				return false
			}
		case <-ctx.Done():
			return false
		}
	}
}

// awaited returns the offset that is expected. It is false if that is not known, as before the first
// message of a consumer that begins with the next one, or if others have to be handled before.
func (w *streamWindow) awaited() (offset int64, waits bool) {
	p := w.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.window != w || w.first < len(w.entries) || !w.any && w.resumes {
		return 0, false
	}
	offset = w.expected()
	return max(offset, 0), offset != unknownOffset || p.start == "first"
}
