package runtime

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// errCancelled and errDied say why a session ended.
var (
	errCancelled = errors.New("the consumer was cancelled: its queue was deleted, its node went down or another virtual host takes over")
	errDied      = errors.New("the channel died")
)

// A sessionSpec is what a session consumes.
type sessionSpec struct {
	request        ConsumeRequest
	isSuspectQueue bool // the queue is the suspect queue: see recovery_queue.go
	widenAfter     int  // how many deliveries in a row must not be suspects before a narrow session widens
}

// A session is what a consumer does on one channel: workers take deliveries, call the handler and
// answer, until the deliveries end.
type session struct {
	run         *run
	consumer    *queueConsumer
	channel     ConsumerChannel
	done        <-chan struct{} // the channel's
	stopped     <-chan struct{} // the run's; nil if there is nothing to answer
	stopCancels atomic.Bool     // cancelAtStop cancels the deliveries, and close does not
	slots       sessionSlots
	consumption Consumption
	answers     atomic.Pointer[answers] // nil before the first delivery, and if there is nothing to answer
	window      *streamWindow           // nil if the queue is no stream
	abandoned   atomic.Pointer[error]   // why this side has closed the channel of a stream

	// turn holds one token: one worker at a time takes a delivery, so that answers knows their
	// order. Its owner may change the two fields below.
	turn  chan struct{}
	spec  sessionSpec
	width width

	// handlers is the parent of every handler's context. It ends when the channel dies or the stop
	// timeout has passed: then answers have no effect any more. If there is nothing to answer, the
	// end of the channel does not matter.
	handlers    context.Context
	endHandlers context.CancelCauseFunc

	drained    chan struct{} // closed when a worker has seen the end of the deliveries
	drainOnce  sync.Once
	cause      error // why they ended; set before drained is closed
	recoveries sync.WaitGroup
}

func newSession(r *run, channel ConsumerChannel, spec sessionSpec) *session {
	s := &session{
		run:      r,
		consumer: r.consumer,
		channel:  channel,
		done:     channel.Done(),
		turn:     make(chan struct{}, 1),
		spec:     spec,
		drained:  make(chan struct{}),
	}
	if !s.noAck() {
		s.stopped = r.ctx.Done()
	}
	s.handlers, s.endHandlers = context.WithCancelCause(r.handlers)
	return s
}

// work runs the workers. It returns when the deliveries have ended and all that were started have
// been answered, or when waiting for handlers makes no sense any more.
func (s *session) work() {
	defer context.AfterFunc(s.run.ctx, s.cancelAtStop)()
	finished := make(chan struct{})
	go s.watch(finished)
	go s.watchCancel(finished)
	if s.window != nil && s.window.resumes {
		go s.watchResume(finished)
	}
	go func() {
		defer close(finished)
		s.runWorkers()
		s.recoveries.Wait()
	}()
	select {
	case <-finished:
	case <-s.run.expired:
	}
	s.close()
}

// watchCancel closes the channel when the broker has cancelled the consumer and handlers still run
// after the stop timeout. Their messages belong to others by then: RabbitMQ from 4.3 on can
// cancel the consumer of a quorum queue that has had a message for longer than the consumer timeout,
// and leave the channel open. Handlers of a queue that was deleted may finish until then.
func (s *session) watchCancel(finished <-chan struct{}) {
	select {
	case <-s.consumption.Cancelled:
	case <-s.done:
		return
	case <-finished:
		return
	}
	select {
	case <-time.After(s.consumer.config.stopTimeout):
		closeChannel(s.channel)
	case <-s.done:
	case <-finished:
	}
}

// watch ends the handlers' context when the channel dies, and releases the slots of handlers that
// do not return.
func (s *session) watch(finished <-chan struct{}) {
	if s.noAck() {
		return
	}
	select {
	case <-s.done:
		s.endHandlers(ErrStale)
	case <-finished:
		return
	}
	select {
	case <-time.After(handlerGrace):
		s.releaseAllSlots()
	case <-finished:
	}
}

// maxTrailingAnswers is how many answers a channel may send between the cancel and the close. A quorum
// queue of RabbitMQ drops those that it has not got to when the channel closes, and delivers these
// messages again: it is 32 behind the channel at most (quorum_commands_soft_limit), and what is more
// waits in the channel. It answers a cancel after it has got to all that came before.
const maxTrailingAnswers = 30

// cancelAtStop cancels the deliveries when the stop begins, so that other consumers get new messages
// at once. It leaves that to close if too many answers may follow.
func (s *session) cancelAtStop() {
	if answers := s.answers.Load(); answers != nil && answers.trailing() > maxTrailingAnswers {
		return
	}
	s.stopCancels.Store(true)
	_ = s.channel.Cancel(s.handlers) // a failed cancel ends the deliveries too; what was started may still be answered
}

// close sends the last answers and closes the channel. If the deliveries have not ended, it cancels
// them between the two: see maxTrailingAnswers.
func (s *session) close() {
	answers := s.answers.Load()
	switch {
	case answers == nil:
	case s.dead():
		answers.discard()
	default:
		answers.close()
		if !s.stopCancels.Load() && !isClosed(s.drained) && !isClosed(s.run.expired) {
			inTime(s.channel.Cancel)
		}
	}
	closeChannel(s.channel)
	s.endHandlers(ErrStale)
}

// noAck reports whether there is nothing to answer: the broker has forgotten what it has delivered.
func (s *session) noAck() bool { return s.spec.request.NoAck }

// stopping reports whether no further delivery is to be handled because the consumer stops. If
// there is nothing to answer, those that have arrived are handled until the stop timeout.
func (s *session) stopping() bool {
	if s.noAck() {
		return s.handlers.Err() != nil
	}
	return s.run.ctx.Err() != nil
}

// leave leaves a delivery to the broker, which delivers it again. If it does not, that is reported.
func (s *session) leave(ctx context.Context, delivery *Delivery) {
	if s.noAck() {
		s.consumer.report(ctx, ConsumerEvent{Kind: EventDiscarded, Delivery: delivery, Err: context.Cause(s.handlers)})
	}
}

// next returns the next delivery, or nil when there are no more. Deliveries that come after the
// stop or after the channel's end are left to the broker.
func (s *session) next() *Delivery {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	for {
		select {
		case <-s.stopped:
			return nil
		case delivery, more := <-s.consumption.Deliveries:
			if !more {
				s.drainOnce.Do(s.drain)
				return nil
			}
			if s.isToHandle(delivery) {
				return delivery
			}
		}
	}
}

// isToHandle registers a delivery, unless it is left to the broker.
func (s *session) isToHandle(delivery *Delivery) bool {
	if s.stopping() || s.stale() {
		s.leave(s.handlers, delivery)
		return false
	}
	s.register(delivery)
	if !s.accepts(delivery) {
		return false
	}
	s.adjustWidth(delivery)
	return !s.stale()
}

// register makes answers the Acknowledger of the delivery.
func (s *session) register(delivery *Delivery) {
	delivery.Queue = s.consumer.queue
	if s.noAck() {
		delivery.Acknowledger = answeredByNoAck{}
	} else {
		s.registerAnswer(delivery)
	}
	switch {
	case s.spec.isSuspectQueue: // it was delivered once before it came to this queue
		delivery.Redelivered = true
		delivery.DeliveryCount++
	case !s.consumer.recovery.brokerCounts:
		delivery.DeliveryCount = 0 // the header was published with the message
	}
}

// registerAnswer adds the delivery to answers.
func (s *session) registerAnswer(delivery *Delivery) {
	answers := s.answers.Load()
	if answers == nil {
		answers = newAnswers(delivery.Acknowledger, s.prefetch(), s.consumer.config.workers, s.reportStale)
		answers.stream = s.window
		s.answers.Store(answers)
	}
	answers.add(delivery.Tag)
	delivery.Acknowledger = answers
}

// answeredByNoAck is the Acknowledger of deliveries that need no answer.
type answeredByNoAck struct{}

func (answeredByNoAck) Ack(uint64, bool) error    { return ErrAnswered }
func (answeredByNoAck) Reject(uint64, bool) error { return ErrAnswered }

// handle calls the handler for one delivery and answers it, even if the handler ends the goroutine.
func (s *session) handle(delivery *Delivery) {
	s.run.running.Add(1)
	h := s.newHandling(delivery)
	err := errExited
	defer func() {
		s.run.running.Add(-1)
		h.end()
		s.settle(&h, err)
	}()
	err = s.call(&h)
}

// settle answers a delivery whose handler has ended with err.
func (s *session) settle(h *handling, err error) {
	if err != nil {
		s.endReply(h.ctx, h.delivery, 0, fmt.Errorf("%w: %w", ErrNotSent, err))
	}
	switch {
	case errors.Is(err, errUncounted):
		s.moveToSuspectQueue(h)
	case err == nil:
		s.consumer.reportHandled(h)
		if h.delivery.reply != nil {
			f := h.failure(nil)
			s.recoveries.Go(func() { s.reply(f) })
			return
		}
		s.acknowledge(h.ctx, h.delivery)
	case s.handlers.Err() != nil:
		// The handler could not finish, so this does not count as an attempt.
		s.leave(h.ctx, h.delivery)
	case !s.noAck() && !s.answers.Load().isOpen(h.delivery.Tag):
		s.consumer.report(h.ctx, h.event(EventFailed, err)) // nothing more: the handler has answered by itself
	default:
		s.recover(h, err)
	}
}

// call calls the handler. A panic becomes a *PanicError.
func (s *session) call(h *handling) (err error) {
	defer catch(&err)
	restoreAddress(h.delivery)
	if err := s.consumer.recovery.checkRedeliveries(h.delivery); err != nil {
		return err
	}
	if err := s.acquireSlot(); err != nil {
		return err
	}
	defer s.releaseSlot()
	h.begin()
	return s.consumer.handler(h.ctx, h.delivery)
}

// errExited is the error of a function that did not return.
var errExited error = &PanicError{Value: errors.New("the handler ended its goroutine, as runtime.Goexit and t.FailNow do")}

// catch turns a panic into a *PanicError.
func catch(err *error) {
	if value := recover(); value != nil {
		*err = &PanicError{Value: value, Stack: debug.Stack()}
	}
}

// acknowledge acknowledges a delivery.
func (s *session) acknowledge(ctx context.Context, delivery *Delivery) {
	if s.noAck() {
		return
	}
	s.answered(ctx, delivery, s.answers.Load().ack(delivery.Tag))
}

// answered reports an answer that came too late. If the handler has answered by itself, there is
// nothing to report.
func (s *session) answered(ctx context.Context, delivery *Delivery, err error) {
	if err != nil && !errors.Is(err, ErrAnswered) {
		s.consumer.report(ctx, ConsumerEvent{Kind: EventStale, Delivery: delivery, Err: err})
	}
}

// reportStale reports batched acknowledgements that came too late.
func (s *session) reportStale(err error) {
	s.consumer.report(s.handlers, ConsumerEvent{Kind: EventStale, Err: err})
}

// dead reports whether the channel is dead.
func (s *session) dead() bool { return isClosed(s.done) }

// stale reports whether deliveries can no longer be answered.
func (s *session) stale() bool { return !s.noAck() && s.dead() }

// drain notes that the deliveries have ended, and why. If a channel has died, done is closed before
// the deliveries.
func (s *session) drain() {
	s.cause = errCancelled
	switch {
	case s.dead():
		s.cause = causeOf(s.channel)
	case s.width == ending:
		s.cause = errNarrowNext
	}
	close(s.drained)
}

// abandon ends the session because of err.
func (s *session) abandon(err error) {
	s.abandoned.Store(&err)
	closeChannel(s.channel)
}

// isCancelled reports whether the broker has cancelled the consumer.
func (s *session) isCancelled() bool { return isClosed(s.consumption.Cancelled) }

// reason returns why the session has ended.
func (s *session) reason() error {
	if abandoned := s.abandoned.Load(); abandoned != nil {
		return *abandoned
	}
	switch {
	case isClosed(s.drained):
		return s.cause
	case s.isCancelled():
		return errCancelled
	}
	return causeOf(s.channel)
}

// causeOf returns why a channel has died, if it is known.
func causeOf(channel ConsumerChannel) error {
	if err := channel.Err(); err != nil {
		return fmt.Errorf("%w: %w", errDied, err)
	}
	return errDied
}

// hasConsumed reports whether a session ended after its deliveries had begun.
func hasConsumed(err error) bool {
	return errors.Is(err, errCancelled) || errors.Is(err, errDied) || errors.Is(err, errStalled)
}

// interruption returns the kind of event for the end of a session.
func interruption(err error) ConsumerEventKind {
	if errors.Is(err, errCancelled) {
		return EventCancelled
	}
	return EventInterrupted
}
