package runtime_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// peer starts a peer that answers as config says. It ends after the test's connections.
func peer(t *testing.T, config nullbroker.Config) *nullbroker.Server {
	t.Helper()
	server, err := nullbroker.Listen(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return server
}

// byKey answers publishes by their routing key.
func byKey(answers map[string]nullbroker.Answer) func(nullbroker.Publish) nullbroker.Answer {
	return func(p nullbroker.Publish) nullbroker.Answer { return answers[p.RoutingKey] }
}

// briefly returns a context that ends soon.
func briefly(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

// afterArrival returns a context whose deadline is as good as over once arrived is called, for a
// publish that has left when its context ends, however slow the machine is.
func afterArrival(t *testing.T) (arrived func(), ctx context.Context) {
	ctx, cancel := context.WithCancelCause(testContext(t))
	return func() { cancel(context.DeadlineExceeded) }, ctx
}

func TestOutcomes(t *testing.T) {
	arrived, overdue := afterArrival(t)
	answers := byKey(map[string]nullbroker.Answer{"nack": nullbroker.Nack, "return": nullbroker.Return, "silent": nullbroker.Silent})
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		if p.RoutingKey == "silent" {
			arrived()
		}
		return answers(p)
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil, runtime.WithNackRetries(2))

	receipt, err := producer.Publish(testContext(t), to("ack"), "x")
	if err != nil || receipt.Attempts != 1 {
		t.Errorf("acked: %+v, %v", receipt, err)
	}
	receipt, err = producer.Publish(testContext(t), to("nack"), "x")
	if !errors.Is(err, runtime.ErrNacked) || runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 3 {
		t.Errorf("nacked: %+v, %v", receipt, err)
	}
	receipt, err = producer.Publish(testContext(t), to("return"), "x")
	var returned *runtime.ReturnedError
	if !errors.As(err, &returned) || returned.Reply != (runtime.Reply{Code: 312, Text: "NO_ROUTE"}) ||
		returned.Message.MessageID != receipt.MessageID || runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 1 {
		t.Errorf("returned: %+v, %v", receipt, err)
	}
	_, err = producer.Publish(overdue, to("silent"), "x")
	if !runtime.MayHaveBeenDelivered(err) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
	want := runtime.Counts{Connected: 1, Acked: 1, Nacked: 1, Returned: 1, Unknown: 1, Retried: 2}
	got := counters.Counts()
	got.Publishing = 0
	if got != want {
		t.Errorf("counted %+v\nwant    %+v", got, want)
	}
}

// TestLateConfirm checks that a confirm which comes when nobody waits for it any more
// is not taken for that of the next publish.
func TestLateConfirm(t *testing.T) {
	arrived, overdue := afterArrival(t)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived()
		return nullbroker.Silent
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	if _, err := producer.Publish(overdue, to("q"), "first"); !runtime.MayHaveBeenDelivered(err) {
		t.Fatal(err)
	}
	second := producer.PublishAsync(testContext(t), to("q"), "second")
	server.Send(ack(1))
	select {
	case <-second.Done():
		t.Fatal("the confirm of the first publish settled the second")
	case <-time.After(50 * time.Millisecond):
	}
	server.Send(ack(2))
	if _, err := second.Result(); err != nil {
		t.Error(err)
	}
}

// TestReturnedAmongEqualIDs publishes two messages with one id, as the event and the
// answer of one request may have. The second comes back: the first must not be blamed, and
// the second not be taken for delivered.
func TestReturnedAmongEqualIDs(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: byKey(map[string]nullbroker.Answer{
		"taken": nullbroker.Silent, "not taken": nullbroker.Return,
	})})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	first := producer.PublishAsync(testContext(t), to("taken"), "x", runtime.WithMessageID("same"))
	_, err := producer.Publish(testContext(t), to("not taken"), "x", runtime.WithMessageID("same"))
	if _, returned := errors.AsType[*runtime.ReturnedError](err); !returned {
		t.Errorf("the second: %v, want a *ReturnedError", err)
	}
	server.Send(ack(1))
	if _, err := first.Result(); err != nil {
		t.Errorf("the first: %v", err)
	}
}

// ack returns the frame of basic.ack for a publish on channel 1.
func ack(tag uint64) []byte {
	frame := []byte{1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80}
	frame = binary.BigEndian.AppendUint64(frame, tag)
	return append(frame, 0, 0xCE)
}

// TestSmallFrames publishes to a broker that takes small frames only. Bodies are cut; headers
// that do not fit are refused, for they would cost the connection.
func TestSmallFrames(t *testing.T) {
	arrived := make(chan int, 10)
	server := peer(t, nullbroker.Config{FrameMax: 4096, Publish: func(p nullbroker.Publish) nullbroker.Answer {
		arrived <- len(p.Body)
		return nullbroker.Ack
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil)
	for _, size := range []int{0, 4087, 4088, 4089, 100_000} {
		_, err := producer.Publish(testContext(t), to("q"), make([]byte, size), runtime.WithHeaders(runtime.Headers{"a": make([]byte, 3900)}))
		if err != nil {
			t.Fatal(err)
		}
		if got := <-arrived; got != size {
			t.Errorf("%d bytes of %d arrived", got, size)
		}
	}
	_, err := producer.Publish(testContext(t), to("q"), "x", runtime.WithHeaders(runtime.Headers{"a": make([]byte, 4096)}))
	if !errors.Is(err, runtime.ErrNotSent) {
		t.Errorf("got %v, want ErrNotSent", err)
	}
	if lost := counters.Counts().ConnectionsLost; lost != 0 {
		t.Errorf("%d connections were lost", lost)
	}
}

// TestPublishAfterTheEnd publishes with a context that has ended: nothing is sent.
func TestPublishAfterTheEnd(t *testing.T) {
	var arrived atomic.Int32
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived.Add(1)
		return nullbroker.Ack
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	cause := errors.New("the caller has left")
	ctx, cancel := context.WithCancelCause(testContext(t))
	cancel(cause)
	for name, publish := range map[string]func() error{
		"waiting": func() error { _, err := producer.Publish(ctx, to("q"), "x"); return err },
		"async":   func() error { _, err := producer.PublishAsync(ctx, to("q"), "x").Result(); return err },
	} {
		if err := publish(); !errors.Is(err, runtime.ErrNotSent) || !errors.Is(err, cause) {
			t.Errorf("%s: got %v, want ErrNotSent and the cause", name, err)
		}
	}
	if _, err := producer.Publish(testContext(t), to("q"), "x"); err != nil {
		t.Fatal(err)
	}
	if got := arrived.Load(); got != 1 {
		t.Errorf("%d publishes arrived, want the last alone", got)
	}
}

// TestConfirmsOutOfOrder answers three publishes in the wrong order.
func TestConfirmsOutOfOrder(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	var pending [3]*runtime.Pending
	for i := range pending {
		pending[i] = producer.PublishAsync(testContext(t), to("q"), "x")
	}
	for _, tag := range []uint64{3, 1, 2} {
		server.Send(ack(tag))
		if _, err := pending[tag-1].Result(); err != nil {
			t.Errorf("publish %d: %v", tag, err)
		}
	}
}

// TestWindow checks that a publish waits for room and that its context ends that.
func TestWindow(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL()), runtime.WithWindow(2)), nil)
	first := producer.PublishAsync(testContext(t), to("q"), "1")
	second := producer.PublishAsync(testContext(t), to("q"), "2")
	_, err := producer.PublishAsync(briefly(t), to("q"), "3").Result()
	if !errors.Is(err, runtime.ErrNotSent) || runtime.MayHaveBeenDelivered(err) {
		t.Errorf("publish to a full window: %v", err)
	}
	if !producer.Busy() {
		t.Error("the producer is not busy")
	}
	third := make(chan *runtime.Pending)
	go func() { third <- producer.PublishAsync(testContext(t), to("q"), "3") }()
	server.Send(ack(1))
	last := <-third
	server.Send(ack(2))
	server.Send(ack(3))
	for i, p := range []*runtime.Pending{first, second, last} {
		if _, err := p.Result(); err != nil {
			t.Errorf("publish %d: %v", i+1, err)
		}
	}
	if producer.Busy() {
		t.Error("the producer is still busy")
	}
}

// TestBlocked checks that a producer stops when the broker says so, keeps to contexts
// meanwhile, tells of each edge once, and that the connection survives.
func TestBlocked(t *testing.T) {
	var arrived atomic.Int64
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived.Add(1)
		return nullbroker.Ack
	}})
	edges := make(chan string, 10)
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil,
		runtime.OnBusy(func() { edges <- "busy" }), runtime.OnReady(func() { edges <- "ready" }))
	server.Block(true)
	if got := <-edges; got != "busy" || !producer.Busy() {
		t.Errorf("got %q, busy is %v", got, producer.Busy())
	}
	_, err := producer.Publish(briefly(t), to("q"), "x")
	if !errors.Is(err, runtime.ErrNotSent) || !errors.Is(err, context.DeadlineExceeded) || arrived.Load() != 0 {
		t.Errorf("publish while blocked: %v, and %d arrived", err, arrived.Load())
	}
	waiting := producer.PublishAsync
	done := make(chan error, 1)
	go func() {
		_, err := waiting(testContext(t), to("q"), "x").Result()
		done <- err
	}()
	server.Block(true) // again, which is no edge
	server.Block(false)
	if got := <-edges; got != "ready" {
		t.Errorf("got %q", got)
	}
	if err := <-done; err != nil {
		t.Errorf("publish that waited for the end of it: %v", err)
	}
	counts := counters.Counts()
	if counts.Connected != 1 || counts.Blocked != 1 || counts.Unblocked != 1 || len(edges) != 0 {
		t.Errorf("counted %+v, and %d edges more", counts, len(edges))
	}
}

// TestUnread publishes to a peer that has stopped reading: contexts are kept, and
// after the write timeout another connection is made, on which the messages arrive.
func TestUnread(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	counters := &runtime.Counters{}
	conn := runtime.DedicatedConnection(runtime.Broker{URL: server.URL(), WriteTimeout: 200 * time.Millisecond, Observer: counters})
	t.Cleanup(func() { _ = conn.Close(testContext(t)) })
	producer := produce(t, runtime.DedicatedChannel(conn), nil)
	server.Freeze(true)
	body := make([]byte, 1<<20)
	var pending []*runtime.Pending
	for range 20 {
		pending = append(pending, producer.PublishAsync(testContext(t), to("q"), body))
	}
	again := 0
	for i, p := range pending {
		receipt, err := p.Result()
		if err != nil {
			t.Errorf("publish %d: %+v, %v", i, receipt, err)
		}
		again += receipt.Attempts - 1
	}
	if again == 0 {
		t.Error("none was sent again")
	}
	// A machine that stalls for as long as the timeout loses another connection.
	if counts := counters.Counts(); counts.ConnectionsLost < 1 || counts.Connected != counts.ConnectionsLost+1 {
		t.Errorf("counted %+v", counts)
	}
}

// TestRetryKeepsID loses the connection between the publish and its confirm: the
// message comes again, with the same id.
func TestRetryKeepsID(t *testing.T) {
	ids := make(chan string, 10)
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		ids <- p.MessageID
		if p.Connection == 1 {
			return nullbroker.Silent
		}
		return nullbroker.Ack
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	first := <-ids
	server.Reset()
	receipt, err := pending.Result()
	if err != nil || receipt.Attempts != 2 || receipt.MessageID != first || <-ids != first {
		t.Errorf("got %+v, %v, want two attempts of %s", receipt, err, first)
	}
}

func TestAtMostOnce(t *testing.T) {
	arrived := make(chan struct{}, 10)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived <- struct{}{}
		return nullbroker.Silent
	}})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil, runtime.AtMostOnce())
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	<-arrived
	server.Cut()
	receipt, err := pending.Result()
	if !runtime.MayHaveBeenDelivered(err) || receipt.Attempts != 1 || len(arrived) != 0 {
		t.Errorf("got %+v, %v, and %d arrived again", receipt, err, len(arrived))
	}
}

// TestChannelClosedByPeer closes a channel under publishes that wait for their
// confirm: they are sent again on the next channel, and the connection stays.
func TestChannelClosedByPeer(t *testing.T) {
	arrived := make(chan struct{}, 10)
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer {
		arrived <- struct{}{}
		if len(arrived) == 1 {
			return nullbroker.Silent
		}
		return nullbroker.Ack
	}})
	counters := &runtime.Counters{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), counters)), nil)
	pending := producer.PublishAsync(testContext(t), to("q"), "x")
	for len(arrived) == 0 {
		time.Sleep(time.Millisecond)
	}
	server.Send(closeChannel(1, 406, "PRECONDITION_FAILED"))
	receipt, err := pending.Result()
	if err != nil || receipt.Attempts != 2 {
		t.Errorf("got %+v, %v", receipt, err)
	}
	if counts := counters.Counts(); counts.ChannelsLost != 1 || counts.ConnectionsLost != 0 {
		t.Errorf("counted %+v", counts)
	}
}

// closeChannel returns the frame of channel.close.
func closeChannel(channel, code uint16, text string) []byte {
	payload := []byte{0, 20, 0, 40}
	payload = binary.BigEndian.AppendUint16(payload, code)
	payload = append(append(payload, byte(len(text))), text...)
	payload = append(payload, 0, 0, 0, 0)
	frame := binary.BigEndian.AppendUint16([]byte{1}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	return append(append(frame, payload...), 0xCE)
}

// TestConsumeIsChecked consumes with bounds that the broker would take for none, and twice.
func TestConsumeIsChecked(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	source := runtime.DedicatedChannel(connect(t, server.URL()))
	channel, err := source.ConsumerChannel(testContext(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, prefetch := range []int{-1, 0, 1 << 16} {
		if _, err := channel.Consume(testContext(t), "q", prefetch); err == nil {
			t.Errorf("consumes with a prefetch of %d", prefetch)
		}
	}
	if _, err := channel.Consume(testContext(t), "q", 1<<16-1); err != nil {
		t.Error(err)
	}
	if _, err := channel.Consume(testContext(t), "q", 1); err == nil {
		t.Error("consumes twice")
	}
}

// TestMistakeIsNotRepeated publishes what makes the peer close the channel each time.
func TestMistakeIsNotRepeated(t *testing.T) {
	tests := []struct {
		name     string
		code     uint16
		text     string
		attempts int
	}{
		{"its exchange does not exist", 404, "NOT_FOUND - no exchange 'x' in vhost '/'", 1},
		{"its user is another", 406, "PRECONDITION_FAILED - user_id property set to 'u' but authenticated user was 'guest'", 1},
		{"somebody's user is another", 406, "PRECONDITION_FAILED - user_id property set to 'v' but authenticated user was 'guest'", 3},
		{"it is too large", 406, "PRECONDITION_FAILED - message size 5 is larger than configured max size 4", 1},
		{"something is too large", 406, "PRECONDITION_FAILED - message size 55 is larger than configured max size 4", 3},
		{"it wants an answer at once", 406, "PRECONDITION_FAILED - fast reply consumer does not exist", 1},
		{"somebody's mistake, perhaps its own", 406, "PRECONDITION_FAILED", 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			arrived := make(chan nullbroker.Publish, 10)
			server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
				arrived <- p
				return nullbroker.Silent
			}})
			producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil)
			publication := &runtime.Publication{Name: "P", Exchange: "x", UserID: "u", ReplyTo: "amq.rabbitmq.reply-to"}
			pending := producer.PublishAsync(testContext(t), publication, "large")
			for range test.attempts {
				server.Send(closeChannel((<-arrived).Channel, test.code, test.text))
			}
			receipt, err := pending.Result()
			var mistake *runtime.ChannelError
			if !errors.As(err, &mistake) || mistake.Reply.Code != test.code || receipt.Attempts != test.attempts {
				t.Errorf("got %+v, %v", receipt, err)
			}
		})
	}
}

func TestNotConfirmed(t *testing.T) {
	got := make(chan nullbroker.Publish, 10)
	server := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
		p.Body = bytes.Clone(p.Body)
		got <- p
		return nullbroker.Return
	}})
	events := &recorder{}
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL(), events), runtime.NotConfirmed()), nil)
	receipt, err := producer.Publish(testContext(t), to("q"), "x")
	if err != nil {
		t.Fatal(err)
	}
	if p := <-got; string(p.Body) != "x" || p.MessageID != receipt.MessageID {
		t.Errorf("%+v arrived", p)
	}
	for count[runtime.UnconfirmedReturned](events) == 0 {
		time.Sleep(time.Millisecond)
	}
	want := runtime.UnconfirmedReturned{
		Connection: t.Name() + " producer", MessageID: receipt.MessageID, RoutingKey: "q", Reply: runtime.Reply{Code: 312, Text: "NO_ROUTE"},
	}
	if returned := all[runtime.UnconfirmedReturned](events)[0]; returned != want {
		t.Errorf("got %+v, want %+v", returned, want)
	}
}
