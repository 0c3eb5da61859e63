package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A CallError says that no reply has come to a request that has been published: the time ran out,
// or the connection was lost on which replies arrive. The request may have been handled, or may yet
// be: MayHaveBeenDelivered is true.
type CallError struct {
	CorrelationID string
	Waited        time.Duration // from the call
	Err           error         // context.DeadlineExceeded, what happened to the connection, or ErrClosed
}

// Error says why there is no reply.
func (e *CallError) Error() string {
	return fmt.Sprintf("no reply to request %q after %v: %v", e.CorrelationID, e.Waited.Round(time.Millisecond), e.Err)
}

// Unwrap returns the reason.
func (e *CallError) Unwrap() error { return e.Err }

// A ReplyError is an error that the handler of a request answers with, instead of a reply. The
// caller gets an equal one. For all other errors of a handler the consumer's recovery decides, and
// the caller gets no reply.
type ReplyError struct {
	Code string // for programs; not empty
	Text string // for people
}

// Error returns the code and the text.
func (e *ReplyError) Error() string {
	if e.Text == "" {
		return e.Code
	}
	return e.Code + ": " + e.Text
}

// A Caller publishes requests and receives their replies. Many goroutines may use it at once: their
// calls share the channels of its source.
//
// Replies come to one queue, which is deleted with the Caller. Make one Caller for all calls, as
// with a Producer.
type Caller struct {
	requests *Producer
	replies  *Consumer
	prefix   string        // of correlation ids: replies to others' requests may be in the queue
	last     atomic.Uint64 // number of the last call
	dropped  atomic.Int64

	registration registration

	stop    context.CancelFunc // stops the consumer
	stopped chan struct{}      // closed when it has stopped

	mu       sync.Mutex
	waiting  map[string]call // by correlation id
	sessions int             // that replies can arrive on; a pair has up to two
	ended    error           // why no more calls are made, or nil
	changed  signal          // sessions, ended, or whether a call is waiting
}

// A call receives one callEnd. What comes later is dropped.
type call chan callEnd

// A callEnd is a reply, or why there will be none.
type callEnd struct {
	delivery *Delivery
	body     []byte // decrypted
	err      error
}

// CallerSpec says what a Caller needs on the broker. The zero value is right for requests to the
// default exchange whose queue exists.
type CallerSpec struct {
	// Declarations are made for the requests, as in NewProducer. May be nil.
	Declarations *Declarations

	// Replies is the queue for replies, which the Caller declares. If it has no name, the Caller
	// makes an exclusive queue with a unique name. Two Callers must not share a queue: each drops
	// replies to requests that are not its own.
	Replies Queue
}

// callTimeout limits a call whose context has no deadline.
const callTimeout = 30 * time.Second

// NewCaller returns a Caller as soon as replies can arrive. It waits for the broker until ctx ends,
// and returns at once when the broker refuses (*RefusedError, *DeclarationError). With Broker.Lazy it
// does not wait. Close the Caller when it is no longer needed.
//
// The options are those of its Producer. Those that are a ConsumerOption as well apply to the
// replies too. With WithEncryption, replies that are encrypted with the same profile can be read.
//
// On an active/passive pair, requests go to the side in use, and replies come from both.
func NewCaller(ctx context.Context, source Source, spec CallerSpec, options ...ProducerOption) (*Caller, error) {
	c := &Caller{
		prefix:  rand.Text()[:10] + "-",
		stopped: make(chan struct{}),
		waiting: make(map[string]call),
	}
	info := source.Info()
	source = unregistered{source}
	var err error
	if c.requests, err = NewProducer(ctx, source, spec.Declarations, options...); err != nil {
		return nil, fmt.Errorf("new caller: %w", err)
	}
	if err = c.receiveReplies(ctx, source, spec.Replies, options); err != nil {
		return nil, fmt.Errorf("new caller: %w", errors.Join(err, c.requests.Close(ctx)))
	}
	c.registration.begin(info, c)
	return c, nil
}

// unregistered is a source that is not told of its clients: those of a caller are its own.
type unregistered struct{ Source }

func (s unregistered) Info() SourceInfo {
	info := s.Source.Info()
	info.Register = nil
	return info
}

// Call publishes request as publication says, waits for the reply, and decodes it into reply: a
// *string, a *[]byte, a pointer to what the reply's JSON describes, or a ReplyChoice. It waits
// until ctx ends, or for 30 s if ctx has no deadline.
//
// A *ReplyError is the error that the other side answered with. An *InvalidError says that a reply
// came that cannot be decoded. A *CallError says that there is no reply, but that the request may
// have been handled, or may yet be. All other errors are those of Producer.Publish.
// MayHaveBeenDelivered tells them apart.
func (c *Caller) Call(ctx context.Context, publication *Publication, request, reply any, options ...PublishOption) error {
	end, err := c.call(ctx, publication, request, options)
	if err != nil {
		return fmt.Errorf("call %s: %w", publication.Name, err)
	}
	if err := end.decode(reply); err != nil {
		return fmt.Errorf("call %s: %w", publication.Name, err)
	}
	return nil
}

// Dropped returns how many replies came that no call waited for: late ones, the second reply to a
// request that was delivered twice, and replies to requests of others.
func (c *Caller) Dropped() int64 { return c.dropped.Load() }

// Close stops new calls and waits until those that are waiting have their replies. When ctx ends
// first, they end with a *CallError and ctx's error is returned. The queue for replies is deleted,
// unless it has a name of its own and is not marked to be. Close does not close the source's
// connections. Closing twice is harmless.
func (c *Caller) Close(ctx context.Context) error {
	c.end(ErrClosed)
	err := c.awaitIdle(ctx)
	c.fail(ErrClosed)
	c.stop()
	<-c.stopped
	err = errors.Join(err, c.requests.Close(ctx))
	c.registration.end()
	return err
}

// call makes one call and returns the answer.
func (c *Caller) call(ctx context.Context, publication *Publication, request any, options []PublishOption) (callEnd, error) {
	started := time.Now()
	ctx, cancel := withCallTimeout(ctx)
	defer cancel() // also ends the publish if the reply comes before the confirm
	id := c.prefix + strconv.FormatUint(c.last.Add(1), 36)
	call, err := c.enter(ctx, id)
	if err != nil {
		return callEnd{}, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	defer c.leave(id)
	options = append(slices.Clip(options), WithReplyTo(c.replies.queue), WithCorrelationID(id))
	pending := c.requests.PublishAsync(ctx, publication, request, options...)
	a, err := call.wait(ctx, pending)
	switch {
	case err != nil:
		return callEnd{}, err
	case a.err != nil:
		return callEnd{}, &CallError{CorrelationID: id, Waited: time.Since(started), Err: a.err}
	}
	return a, nil
}

// wait waits for the end. It returns an error if the request could not be published.
func (c call) wait(ctx context.Context, request *Pending) (callEnd, error) {
	var failed error
	published, ended := request.Done(), ctx.Done()
	for {
		select {
		case a := <-c:
			return a, nil
		case <-published:
			published = nil
			if _, failed = request.Wait(ctx); failed == nil {
				continue
			}
		case <-ended:
			if ended = nil; published != nil { // the publish ends with ctx, and knows better
				continue
			}
		}
		select { // the reply of a request that was not confirmed
		case a := <-c:
			return a, nil
		default:
		}
		if failed != nil {
			return callEnd{}, failed
		}
		return callEnd{err: cause(ctx)}, nil
	}
}

// enter adds a call, after it has waited until replies can arrive.
func (c *Caller) enter(ctx context.Context, id string) (call, error) {
	for {
		changed := c.changed.next()
		call, err := c.tryEnter(id)
		if call != nil || err != nil {
			return call, err
		}
		if err := pause(ctx, changed); err != nil {
			return nil, fmt.Errorf("wait until replies can arrive: %w", err)
		}
	}
}

// tryEnter adds a call if replies can arrive.
func (c *Caller) tryEnter(id string) (call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended != nil || c.sessions == 0 {
		return nil, c.ended
	}
	call := make(call, 1)
	c.waiting[id] = call
	return call, nil
}

func (c *Caller) leave(id string) {
	c.mu.Lock()
	delete(c.waiting, id)
	idle := len(c.waiting) == 0
	c.mu.Unlock()
	if idle {
		c.changed.notify()
	}
}

// end stops new calls.
func (c *Caller) end(err error) {
	c.mu.Lock()
	if c.ended == nil {
		c.ended = err
	}
	c.mu.Unlock()
	c.changed.notify()
}

// fail ends the calls that are waiting.
func (c *Caller) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, call := range c.waiting {
		call.send(callEnd{err: err})
	}
}

// send ends a call. It reports whether it has not ended before.
func (c call) send(a callEnd) bool {
	select {
	case c <- a:
		return true
	default:
		return false
	}
}

// awaitIdle waits until no call is waiting.
func (c *Caller) awaitIdle(ctx context.Context) error {
	for {
		changed := c.changed.next()
		c.mu.Lock()
		idle := len(c.waiting) == 0
		c.mu.Unlock()
		if idle {
			return nil
		}
		if err := pause(ctx, changed); err != nil {
			return fmt.Errorf("close caller: %w", err)
		}
	}
}

func withCallTimeout(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, callTimeout)
}
