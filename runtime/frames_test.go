package runtime

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// a frame, made by hand: type, channel, payload.
func frameOf(kind byte, channel uint16, payload ...byte) []byte {
	frame, start := beginFrame(nil, kind, channel)
	return endFrame(append(frame, payload...), start)
}

// methodOf is a method frame.
func methodOf(channel uint16, id uint32, arguments ...byte) []byte {
	return frameOf(frameMethod, channel, append(binary.BigEndian.AppendUint32(nil, id), arguments...)...)
}

func ackOf(channel uint16, tag uint64, multiple bool) []byte {
	return methodOf(channel, methodBasicAck, append(binary.BigEndian.AppendUint64(nil, tag), bit(multiple))...)
}

// script is a net.Conn that reads from a text and keeps what is written.
type script struct {
	net.Conn
	in io.Reader

	mu  sync.Mutex
	out bytes.Buffer
}

func (s *script) Read(p []byte) (int, error) { return s.in.Read(p) }

func (s *script) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

// taker is a frameHandler that notes what it is given.
type taker []string

func (k *taker) notef(format string, a ...any) { *k = append(*k, fmt.Sprintf(format, a...)) }

func (k *taker) wants(method uint32) bool {
	return method == methodBasicAck || method == methodBasicNack || method == methodBasicReturn
}

func (k *taker) method(id uint32, arguments []byte) error {
	k.notef("method %d %x", id&0xffff, arguments)
	return nil
}

func (k *taker) header(payload []byte) error {
	k.notef("header %d", len(payload))
	return nil
}

func (k *taker) body(from *bufio.Reader, size int) error {
	k.notef("body %d", size)
	_, err := from.Discard(size)
	return err
}

func (k *taker) stopWriting() { k.notef("closed") }

// chunks reads in pieces of random sizes.
type chunks struct{ r io.Reader }

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), 1+rand.N(50))]) }

func TestFramesTakesAnswers(t *testing.T) {
	open := methodOf(1, 20<<16|11, 0, 0, 0, 0)
	deliver := methodOf(2, 60<<16|60, 1, 2, 3)
	closing := methodOf(1, methodChannelClose, 1, 0x94, 0, 0, 0, 0, 0)
	largeHeader := frameOf(frameHeader, 1, make([]byte, readBuffer+100)...)
	var in []byte
	for _, frame := range [][]byte{
		open,
		ackOf(1, 7, true),
		ackOf(2, 8, false), // nobody has asked for channel 2's
		methodOf(1, methodBasicNack, append(binary.BigEndian.AppendUint64(nil, 9), 0)...),
		deliver,
		methodOf(1, methodBasicReturn, 1, 2),
		largeHeader,
		frameOf(frameBody, 1, make([]byte, 100_000)...),
		frameOf(frameHeader, 2, 5),
		closing,
		ackOf(1, 10, false), // after the close the library would have to deal with it
	} {
		in = append(in, frame...)
	}
	wantPassed := slices.Concat(open, ackOf(2, 8, false), deliver, frameOf(frameHeader, 2, 5), closing, ackOf(1, 10, false))
	for _, reader := range []io.Reader{bytes.NewReader(in), chunks{bytes.NewReader(in)}} {
		var got taker
		f := newFrames(&script{in: reader})
		f.handle(1, &got)
		passed, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(passed, wantPassed) {
			t.Errorf("passed %x\nwant   %x", passed, wantPassed)
		}
		want := taker{"method 80 000000000000000701", "method 120 000000000000000900", "method 50 0102", fmt.Sprintf("header %d", readBuffer+100), "body 100000", "closed"}
		if !slices.Equal(got, want) {
			t.Errorf("took %q\nwant %q", got, want)
		}
	}
}

// TestFramesShowsLife checks that the library reads something now and then while only
// confirms arrive.
func TestFramesShowsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got taker
		in, out := net.Pipe()
		defer out.Close()
		f := newFrames(in)
		f.handle(1, &got)
		f.signed = time.Now().Add(-2 * signInterval)
		go func() {
			for tag := range uint64(3) {
				_, _ = out.Write(ackOf(1, tag, false))
			}
			out.Close()
		}()
		passed, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(passed, heartbeatFrame()) {
			t.Errorf("passed %x, want one heartbeat", passed)
		}
		if len(got) != 3 {
			t.Errorf("took %q", got)
		}
	})
}

// flood reads the same frame again and again, as much as there is room for: as from a
// broker that is always ahead. It ends after 200 reads, each of which takes 50 ms.
type flood struct {
	frame []byte
	at    int
	reads int
}

func (r *flood) Read(p []byte) (int, error) {
	if r.reads++; r.reads > 200 {
		return 0, io.EOF
	}
	time.Sleep(50 * time.Millisecond)
	for n := 0; n < len(p); {
		copied := copy(p[n:], r.frame[r.at:])
		r.at = (r.at + copied) % len(r.frame)
		n += copied
	}
	return len(p), nil
}

// TestFramesShowsLifeInFlood checks that the library is shown signs of life, often enough for
// the shortest heartbeat, also when there is never a moment at which nothing is left to read.
func TestFramesShowsLifeInFlood(t *testing.T) {
	for _, frame := range [][]byte{ackOf(1, 1, false), frameOf(frameBody, 1, make([]byte, 1000)...), frameOf(frameBody, 1, make([]byte, 100_000)...)} {
		synctest.Test(t, func(t *testing.T) {
			f := newFrames(&script{in: &flood{frame: frame}})
			f.handle(1, new(taker))
			begun := time.Now()
			sign := make([]byte, len(heartbeatFrame()))
			for n := range 9 {
				if _, err := io.ReadFull(f, sign); err != nil || !bytes.Equal(sign, heartbeatFrame()) {
					t.Fatalf("frames of %d bytes: read %x, %v", len(frame), sign, err)
				}
				if passed := time.Since(begun); passed > time.Duration(n+1)*time.Second {
					t.Errorf("sign %d came after %v", n+1, passed)
				}
			}
		})
	}
}

// TestFramesLeavesOddFrames checks that frames of no known kind, and methods without a method,
// reach the library, which ends the connection because of them.
func TestFramesLeavesOddFrames(t *testing.T) {
	for _, frame := range [][]byte{
		frameOf(4, 1, 1, 2, 3), frameOf(7, 1, 1, 2, 3), frameOf(9, 1),
		frameOf(frameMethod, 1), frameOf(frameMethod, 1, 0, 20, 0),
	} {
		var got taker
		f := newFrames(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		passed, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(passed, frame) || len(got) > 0 {
			t.Errorf("%x: passed %x, %v, took %q", frame, passed, err, got)
		}
	}
}

// TestFramesLeavesOtherProtocols checks that what a server says that does not speak AMQP
// 0-9-1 reaches the library, which knows what to make of it.
func TestFramesLeavesOtherProtocols(t *testing.T) {
	const text = "AMQP\x00\x01\x00\x00 and more"
	passed, err := io.ReadAll(newFrames(&script{in: strings.NewReader(text)}))
	if err != nil || string(passed) != text {
		t.Errorf("passed %q, %v", passed, err)
	}
}

func TestFramesRefusesBadEnd(t *testing.T) {
	var got taker
	frame := ackOf(1, 1, false)
	frame[len(frame)-1] = 0
	f := newFrames(&script{in: bytes.NewReader(frame)})
	f.handle(1, &got)
	if _, err := io.ReadAll(f); !errors.Is(err, errBadFrame) {
		t.Errorf("got %v", err)
	}
}

// TestFramesRefusesLarge checks that a frame's size is not believed.
func TestFramesRefusesLarge(t *testing.T) {
	for _, kind := range []byte{frameMethod, frameHeader, frameBody} {
		var got taker
		frame := []byte{kind, 0, 1, 0xff, 0xff, 0xff, 0xf0, 0, 60, 0, 80}
		f := newFrames(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("kind %d: got %v", kind, err)
		}
	}
}

// TestFramesSizeHasASign checks sizes that are negative where an int has 32 bits, on a channel
// that nobody has asked for.
func TestFramesSizeHasASign(t *testing.T) {
	for _, size := range []byte{0x7f, 0x80, 0xff} {
		f := newFrames(&script{in: bytes.NewReader([]byte{frameMethod, 0, 1, size, 0xff, 0xff, 0xf8, 0, 60, 0, 80})})
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("got %v", err)
		}
	}
}

// TestHeaderWithoutReturn has the broker send a content header that belongs to nothing,
// after a message has come back: that must not count as one more.
func TestHeaderWithoutReturn(t *testing.T) {
	p := &producerChannel{waiting: newWindow(2)}
	for range 2 {
		p.waiting.add(inFlight{mandatory: true})
	}
	comesBack := methodOf(1, methodBasicReturn, 1, 0x38, 0, 0, 0)
	header := frameOf(frameHeader, 1, make([]byte, 14)...)
	f := newFrames(&script{in: bytes.NewReader(slices.Concat(comesBack, header, header))})
	f.handle(1, p)
	if _, err := io.ReadAll(f); !errors.Is(err, errUnexpected) {
		t.Errorf("got %v", err)
	}
	if es := p.waiting.take(2, true, nil); es[0].reply.Code != 312 || es[1].reply.Code != 0 {
		t.Errorf("got %v, want the first to have come back", es)
	}
}

// FuzzFrames reads anything, with a producer's and a consumer's channel behind it.
func FuzzFrames(f *testing.F) {
	f.Add(slices.Concat(ackOf(1, 1, false), methodOf(1, methodBasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, 60<<16|60, 1)))
	f.Add(methodOf(1, methodChannelClose, 1, 2))
	f.Add(slices.Concat(delivery(2, 1, "body"), delivery(2, 2, "")))
	f.Add(slices.Concat(delivery(2, 1, "half")[:60], methodOf(2, methodChannelClose)))
	f.Fuzz(func(t *testing.T, in []byte) {
		b := Broker{}.withDefaults()
		p := &producerChannel{link: &link{broker: &b}, waiting: newWindow(1), freed: func() {}, seats: make(chan struct{}, 1)}
		p.seats <- struct{}{}
		p.waiting.add(inFlight{settle: func(Settlement) {}, mandatory: true})
		frames := newFrames(&script{in: bytes.NewReader(in)})
		frames.handle(1, p)
		c := &consumerChannel{deliveries: make(chan *Delivery, 2)}
		frames.handle(2, c)
		_, _ = io.ReadAll(frames)
		close(c.deliveries)
		for d := range c.deliveries {
			if len(d.Body) > len(in) {
				t.Errorf("a body of %d bytes in %d", len(d.Body), len(in))
			}
		}
	})
}

// delivery is the frames of basic.deliver.
func delivery(channel uint16, tag uint64, body string) []byte {
	arguments := binary.BigEndian.AppendUint64([]byte{1, 'c'}, tag)
	frames := methodOf(channel, methodBasicDeliver, append(arguments, 0, 1, 'x', 1, 'k')...)
	header := binary.BigEndian.AppendUint64([]byte{0, classBasic, 0, 0}, uint64(len(body)))
	header = append(header, byte(flagContentType>>8), 0, 1, 't')
	frames = append(frames, frameOf(frameHeader, channel, header...)...)
	if body != "" {
		frames = append(frames, frameOf(frameBody, channel, []byte(body)...)...)
	}
	return frames
}

// TestTagsRise has the broker send deliveries whose answers could not be told apart.
func TestTagsRise(t *testing.T) {
	for _, tags := range [][]uint64{{0}, {1, 1}, {1, 3, 2}} {
		var in []byte
		for _, tag := range tags {
			in = append(in, delivery(1, tag, "body")...)
		}
		c := &consumerChannel{deliveries: make(chan *Delivery, 3)}
		f := newFrames(&script{in: bytes.NewReader(in)})
		f.handle(1, c)
		if _, err := io.ReadAll(f); !errors.Is(err, errTag) || len(c.deliveries) != len(tags)-1 {
			t.Errorf("tags %v: %d arrived, %v", tags, len(c.deliveries), err)
		}
	}
}

// TestLargeBodyIsNotBelieved has the broker promise a body and not send it.
func TestLargeBodyIsNotBelieved(t *testing.T) {
	promise := delivery(1, 1, "")
	at := bytes.Index(promise, []byte{0, classBasic, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	binary.BigEndian.PutUint64(promise[at+4:], maxBody)
	c := &consumerChannel{deliveries: make(chan *Delivery, 1)}
	f := newFrames(&script{in: bytes.NewReader(slices.Concat(promise, frameOf(frameBody, 1, 'b')))})
	f.handle(1, c)
	if _, err := io.ReadAll(f); err != nil {
		t.Fatal(err)
	}
	if got := cap(c.arriving.delivery.Body); got > bodyAhead || len(c.deliveries) > 0 {
		t.Errorf("%d bytes were taken for it", got)
	}
}

// TestFramesTruncated cuts the input everywhere: that is an error or the end, and
// never a panic.
func TestFramesTruncated(t *testing.T) {
	whole := slices.Concat(ackOf(1, 1, false), methodOf(1, methodBasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, 60<<16|60, 1))
	for n := range whole {
		var got taker
		f := newFrames(&script{in: bytes.NewReader(whole[:n])})
		f.handle(1, &got)
		_, _ = io.ReadAll(f)
	}
}

// TestFramesWritesWhole writes the library's frames in arbitrary pieces, with
// publishes in between: no frame is cut.
func TestFramesWritesWhole(t *testing.T) {
	conn := &script{}
	f := newFrames(conn)
	if _, err := f.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		t.Fatal(err)
	}
	var library []byte
	for n := range 200 {
		library = append(library, frameOf(frameMethod, 1, bytes.Repeat([]byte{byte(n)}, 4+rand.N(300))...)...)
	}
	publish := frameOf(frameBody, 2, 'p')
	publishes := 0
	for len(library) > 0 {
		n := min(1+rand.N(200), len(library))
		if written, err := f.Write(library[:n]); err != nil || written != n {
			t.Fatal(written, err)
		}
		library = library[n:]
		_, _ = f.Conn.Write(publish)
		publishes++
	}
	out := conn.out.Bytes()[8:]
	var next, published int
	for len(out) > 0 {
		size := int(binary.BigEndian.Uint32(out[3:])) + frameOverhead
		if len(out) < size || out[size-1] != frameEnd {
			t.Fatalf("cut frame: %x", out[:min(len(out), 40)])
		}
		if out[2] == 2 {
			published++
		} else if payload := out[frameHead : size-1]; bytes.Count(payload, []byte{byte(next)}) != len(payload) {
			t.Fatalf("frame %d of the library is %x", next, payload)
		} else {
			next++
		}
		out = out[size:]
	}
	if next != 200 || published != publishes {
		t.Errorf("%d of 200 frames of the library and %d of %d publishes arrived", next, published, publishes)
	}
}

// TestFramesKnowsChannelNumber checks that the number of the channel that is being opened is
// noticed, in one piece or in several.
func TestFramesKnowsChannelNumber(t *testing.T) {
	f := newFrames(&script{})
	_, _ = f.Write([]byte("AMQP\x00\x00\x09\x01"))
	open := methodOf(0x1234, methodChannelOpen, 0)
	_, _ = f.Write(open)
	if got := f.opened.Load(); got != 0x1234 {
		t.Errorf("got %#x", got)
	}
	open = methodOf(0x4321, methodChannelOpen, 0)
	_, _ = f.Write(open[:9])
	_, _ = f.Write(open[9:])
	if got := f.opened.Load(); got != 0x4321 {
		t.Errorf("got %#x", got)
	}
}

func TestForgetLeavesSuccessor(t *testing.T) {
	var first, second taker
	f := newFrames(&script{})
	f.handle(1, &first)
	f.handle(1, &second)
	f.forget(1, &first)
	if f.handler(1) != &second {
		t.Error("the number's next channel was forgotten")
	}
	f.forget(1, &second)
	if f.handler(1) != nil {
		t.Error("the channel was not forgotten")
	}
}
