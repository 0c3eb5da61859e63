package runtime

import (
	"context"
	"fmt"
	"time"
)

// buildStream prepares the consumer of a stream, and checks that it asks for nothing that streams
// do not have. Of a queue it does nothing.
func (c *queueConsumer) buildStream(subscription *Subscription) error {
	is, err := isStream(*subscription, &c.config)
	if !is {
		return err
	}
	// Its declarations may not say so.
	subscription.Queue.Arguments = subscription.Queue.Arguments.copied()
	subscription.Queue.Arguments["x-queue-type"] = "stream"
	if err := checkStream(*subscription, &c.config, len(c.hosts)); err != nil {
		return err
	}
	c.stream, err = newStreamProgress(*subscription, &c.config)
	return err
}

// beginStream prepares a session on a stream.
func (s *session) beginStream(ctx context.Context, request *ConsumeRequest) error {
	window, offset, err := s.consumer.stream.begin(ctx)
	if err != nil {
		return err
	}
	s.window = window
	request.Arguments = withOffset(request.Arguments, offset)
	return nil
}

// accepts reports whether a delivery is to be handled. Every one of a queue is. Of a stream, what
// was handled before and what the filter does not want is acknowledged here.
func (s *session) accepts(delivery *Delivery) bool {
	if s.window == nil {
		return true
	}
	handle, missing, ok := s.window.accept(delivery)
	if !ok {
		s.abandon(errNoOffset)
		return false
	}
	if missing != nil {
		s.consumer.report(s.handlers, ConsumerEvent{Kind: EventOffsetGap, Delivery: delivery, Err: missing})
	}
	if !handle {
		s.acknowledge(s.handlers, delivery)
	}
	return handle
}

// watchResume waits for the first delivery of a session that resumes: a message that was handled
// before, or the first one after it that the stream still has. If the broker answers, but there is
// none, the stream does not reach that offset: it has been deleted and declared again. Then the
// next session begins with the first message.
func (s *session) watchResume(finished <-chan struct{}) {
	p := s.consumer.stream
	select {
	case <-time.After(p.timeout):
	case <-s.done:
		return
	case <-finished:
		return
	}
	if s.window.hasAny() || s.consumption.Sync != nil && s.consumption.Sync(s.handlers) != nil {
		return
	}
	if from, done := p.reset(s.window); done {
		s.consumer.report(s.handlers, ConsumerEvent{Kind: EventOffsetGap, Err: &OffsetGapError{Stream: s.consumer.queue, From: from, To: 0}})
		closeChannel(s.channel)
	}
}

// An OffsetGapError says which offsets of a stream a consumer does not get.
type OffsetGapError struct {
	Stream string
	// From is the first offset that is missing. To is the offset of the message that came instead:
	// all before it are gone, or were never messages. If To is 0, the stream does not reach From: it
	// has been deleted and declared again, and the consumer begins with its first message.
	From, To int64
}

// Error says what is missing, and why that may be.
func (e *OffsetGapError) Error() string {
	if e.To < e.From {
		return fmt.Sprintf("stream %q does not reach offset %d: it has been deleted and declared again; the consumer begins with its first message", e.Stream, e.From)
	}
	return fmt.Sprintf("stream %q: offsets %d to %d are missing: its retention has removed them before they were delivered, or the broker has used them itself",
		e.Stream, e.From, e.To-1)
}

// saveOffsets saves the progress of a stream from time to time until end is closed, and then once
// more.
func (r *run) saveOffsets(end <-chan struct{}) {
	p := r.consumer.stream
	for ended := false; !ended; {
		select {
		case <-p.changed:
		case <-end:
			ended = true
		}
		r.saveOffset()
		select {
		case <-time.After(saveInterval):
		case <-end:
		}
	}
}

func (r *run) saveOffset() {
	if err := r.consumer.stream.save(context.WithoutCancel(r.ctx)); err != nil {
		r.consumer.report(r.handlers, ConsumerEvent{Kind: EventOffsetUnsaved, Err: err})
	}
}

// save saves the offset if it has changed. After an error it is saved with the next one.
func (p *streamProgress) save(ctx context.Context) error {
	return p.calls.take(ctx, func() error { return p.trySave(ctx) })
}

func (p *streamProgress) trySave(ctx context.Context) error {
	p.mu.Lock()
	next, saved := p.next, p.saved
	p.mu.Unlock()
	if next == saved || next <= 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if err := p.store.SaveOffset(ctx, p.name, p.stream, next-1); err != nil {
		p.note()
		return fmt.Errorf("save the offset %d of %q: %w", next-1, p.name, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.saved = next
	return nil
}
