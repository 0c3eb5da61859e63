package runtime

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// A StreamOffset says where a consumer of a stream begins that has not handled anything of it yet.
// The functions that return one are StreamFirst, StreamLast, StreamNext, StreamAt, StreamSince and
// StreamWithin. The zero value says nothing.
type StreamOffset struct {
	argument any // the value of x-stream-offset
}

// StreamFirst begins with the oldest message that the stream still has.
func StreamFirst() StreamOffset { return StreamOffset{"first"} }

// StreamLast begins with the last chunk of messages that the broker has written, which may be one
// message or many. If the connection breaks before the first delivery, the consumer begins again as
// with StreamNext.
func StreamLast() StreamOffset { return StreamOffset{"last"} }

// StreamNext begins with what is published from now on. If the connection breaks before the first
// delivery, the consumer begins again with what was published since a minute before its first
// beginning, so that nothing is skipped.
func StreamNext() StreamOffset { return StreamOffset{"next"} }

// StreamAt begins with the message that has this offset, from 0, or with the first one after it if
// the stream's retention has removed that. If the stream is shorter, it waits for that message.
func StreamAt(offset int64) StreamOffset { return StreamOffset{offset} }

// StreamSince begins with the first chunk that was written at t or later. AMQP has whole seconds: a
// fraction of a second is cut off.
func StreamSince(t time.Time) StreamOffset { return StreamOffset{t} }

// StreamWithin begins with the first chunk that was written within the last d, by the broker's
// clock. A fraction of a second counts as a whole one.
func StreamWithin(d time.Duration) StreamOffset {
	return StreamOffset{fmt.Sprintf("%ds", (d+time.Second-1)/time.Second)}
}

// String returns the offset as the broker knows it.
func (o StreamOffset) String() string {
	if t, ok := o.argument.(time.Time); ok {
		return t.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(o.argument)
}

// offsetArgument is the argument of basic.consume that says where a consumer of a stream begins.
const offsetArgument = "x-stream-offset"

// offsetHeader is the header in which the broker says the offset of a delivery.
const offsetHeader = "x-stream-offset"

// WithStreamOffset sets where a consumer of a stream begins that knows no offset: see
// WithOffsetStore for one that does. It takes precedence over the contract's offset.
func WithStreamOffset(offset StreamOffset) ConsumerOption {
	return WithConsumerArguments(Headers{offsetArgument: offset.argument})
}

// An OffsetStore keeps how far a stream has been handled, for the next process that consumes it.
// One goroutine of a consumer calls its methods at a time; several consumers may share a store.
type OffsetStore interface {
	// LoadOffset returns the offset that was saved last under this name for the stream: everything
	// up to it has been handled. It returns false if there is none.
	LoadOffset(ctx context.Context, name, stream string) (offset int64, found bool, err error)
	// SaveOffset saves an offset. It may replace a higher one, if the stream has been deleted and
	// declared again.
	SaveOffset(ctx context.Context, name, stream string, offset int64) error
}

// WithOffsetStore makes a consumer of a stream begin after the offset that store has for name, and
// save there how far it has handled the stream: the highest offset up to which all messages have
// been handled, about once a second and at the end of Run. The first time it saves where it begins.
// After a crash the next process handles again what was not saved. The name stands for all
// processes that share the work of one consumer, of which one at a time may consume. If the store
// has no offset, the consumer begins as WithStreamOffset or the contract says, or else with the
// first message.
func WithOffsetStore(store OffsetStore, name string) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.offsets, c.offsetName, c.noOffsets = store, name, store == nil })
}

// WithStreamFilter makes a consumer of a stream handle only messages whose header
// x-stream-filter-value is one of values, and with unfiltered also those that have none. RabbitMQ
// from 3.13 on leaves out chunks that have no such message; older ones deliver everything. What
// does not match and arrives all the same is passed over, on any broker.
func WithStreamFilter(unfiltered bool, values ...string) ConsumerOption {
	list := make([]any, len(values))
	for i, value := range values {
		list[i] = value
	}
	return WithConsumerArguments(Headers{filterArgument: list, unfilteredArgument: unfiltered})
}

// StreamOffset returns the offset of a delivery from a stream. It returns false if the delivery has
// none. A handler that keeps the offset in the same transaction as its own writes handles nothing
// twice: its OffsetStore reads it from there, and SaveOffset does nothing.
func (d *Delivery) StreamOffset() (offset int64, ok bool) {
	return integer(d.Headers[offsetHeader])
}

// MemoryOffsets is an OffsetStore in memory, for tests and for consumers that begin anew within one
// process. The zero value is empty and ready for use.
type MemoryOffsets struct {
	mu  sync.Mutex
	all map[[2]string]int64
}

// LoadOffset implements OffsetStore.
func (m *MemoryOffsets) LoadOffset(_ context.Context, name, stream string) (offset int64, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	offset, found = m.all[[2]string{name, stream}]
	return offset, found, nil
}

// SaveOffset implements OffsetStore.
func (m *MemoryOffsets) SaveOffset(_ context.Context, name, stream string, offset int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.all == nil {
		m.all = make(map[[2]string]int64)
	}
	m.all[[2]string{name, stream}] = offset
	return nil
}

// The arguments of basic.consume that filter a stream, and the header that they are about.
const (
	filterArgument     = "x-stream-filter"
	unfilteredArgument = "x-stream-match-unfiltered"
	filterHeader       = "x-stream-filter-value"
)

// A streamFilter is what a consumer of a stream wants of it. The zero value wants everything. The
// broker leaves out whole chunks only, so what it delivers is a little more.
type streamFilter struct {
	values     map[string]bool // nil: no filter
	unfiltered bool
}

// newStreamFilter reads the filter from the arguments of basic.consume.
func newStreamFilter(arguments Headers) (f streamFilter, err error) {
	switch given := arguments[filterArgument].(type) {
	case nil:
		return f, nil
	case string:
		f.values = map[string]bool{given: true}
	case []any:
		f.values = make(map[string]bool, len(given))
		for _, value := range given {
			text, ok := value.(string)
			if !ok {
				return f, fmt.Errorf("argument %s: %v is no string", filterArgument, value)
			}
			f.values[text] = true
		}
	default:
		return f, fmt.Errorf("argument %s: wanted a string or a list of strings", filterArgument)
	}
	if f.unfiltered = arguments[unfilteredArgument] == true; len(f.values) == 0 && !f.unfiltered {
		return f, fmt.Errorf("argument %s: without values no message is handled", filterArgument)
	}
	return f, nil
}

func (f streamFilter) matches(d *Delivery) bool {
	if f.values == nil {
		return true
	}
	value, ok := d.Headers[filterHeader].(string)
	if !ok {
		return f.unfiltered
	}
	return f.values[value]
}

// withOffset returns arguments with another offset.
func withOffset(arguments Headers, offset any) Headers {
	changed := arguments.copied()
	changed[offsetArgument] = offset
	return changed
}
