package frame

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTakesAnswers(t *testing.T) {
	open := methodOf(1, 20<<16|11, 0, 0, 0, 0)
	deliver := methodOf(2, 60<<16|60, 1, 2, 3)
	closing := methodOf(1, channelClose, 1, 0x94, 0, 0, 0, 0, 0)
	largeHeader := frameOf(frameHeader, 1, make([]byte, readBuffer+100)...)
	var in []byte
	for _, frame := range [][]byte{
		open,
		ackOf(1, 7, true),
		ackOf(2, 8, false), // nobody has asked for channel 2's
		methodOf(1, BasicNack, append(binary.BigEndian.AppendUint64(nil, 9), 0)...),
		deliver,
		methodOf(1, BasicReturn, 1, 2),
		largeHeader,
		frameOf(frameBody, 1, make([]byte, 100_000)...),
		frameOf(frameHeader, 2, 5),
		closing,
		ackOf(1, 10, false), // after the close the library would have to handle it
	} {
		in = append(in, frame...)
	}
	wantPassed := slices.Concat(open, ackOf(2, 8, false), deliver, frameOf(frameHeader, 2, 5), closing, ackOf(1, 10, false))
	for _, reader := range []io.Reader{bytes.NewReader(in), chunks{bytes.NewReader(in)}} {
		var got fakeHandler
		f := NewConn(&script{in: reader})
		f.handle(1, &got)
		passed, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(passed, wantPassed) {
			t.Errorf("passed %x\nwant   %x", passed, wantPassed)
		}
		want := fakeHandler{"method 80 000000000000000701", "method 120 000000000000000900", "method 50 0102", fmt.Sprintf("header %d", readBuffer+100), "body 100000", "closed"}
		if !slices.Equal(got, want) {
			t.Errorf("took %q\nwant %q", got, want)
		}
	}
}

// TestShowsLife checks that the library reads something now and then while only confirms
// arrive.
func TestShowsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got fakeHandler
		in, out := net.Pipe()
		defer out.Close()
		f := NewConn(in)
		f.handle(1, &got)
		f.libraryRead = time.Now().Add(-2 * heartbeatInterval)
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

// flood reads the same frame again and again, as much as there is room for, like a broker that is
// always ahead. It ends after 200 reads, each of which takes 50 ms.
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

// TestShowsLifeInFlood checks that the library gets heartbeats, often enough for the shortest
// heartbeat interval, even if there is always something left to read.
func TestShowsLifeInFlood(t *testing.T) {
	for _, frame := range [][]byte{ackOf(1, 1, false), frameOf(frameBody, 1, make([]byte, 1000)...), frameOf(frameBody, 1, make([]byte, 100_000)...)} {
		synctest.Test(t, func(t *testing.T) {
			f := NewConn(&script{in: &flood{frame: frame}})
			f.handle(1, new(fakeHandler))
			start := time.Now()
			sign := make([]byte, len(heartbeatFrame()))
			for n := range 9 {
				if _, err := io.ReadFull(f, sign); err != nil || !bytes.Equal(sign, heartbeatFrame()) {
					t.Fatalf("frames of %d bytes: read %x, %v", len(frame), sign, err)
				}
				if passed := time.Since(start); passed > time.Duration(n+1)*time.Second {
					t.Errorf("sign %d came after %v", n+1, passed)
				}
			}
		})
	}
}

// TestWritesWhole writes the library's frames in arbitrary pieces, with publishes in between:
// no frame is split.
func TestWritesWhole(t *testing.T) {
	conn := &script{}
	f := NewConn(conn)
	if _, err := f.Write([]byte("AMQP\x00\x00\x09\x01")); err != nil {
		t.Fatal(err)
	}
	f.handle(1, nil)
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
		size := int(binary.BigEndian.Uint32(out[3:])) + Overhead
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

// TestLeavesOddFrames checks that frames of an unknown type, and method frames without a
// method, reach the library, which ends the connection because of them.
func TestLeavesOddFrames(t *testing.T) {
	for _, frame := range [][]byte{
		frameOf(4, 1, 1, 2, 3), frameOf(7, 1, 1, 2, 3), frameOf(9, 1),
		frameOf(frameMethod, 1), frameOf(frameMethod, 1, 0, 20, 0),
	} {
		var got fakeHandler
		f := NewConn(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		passed, err := io.ReadAll(f)
		if err != nil || !bytes.Equal(passed, frame) || len(got) > 0 {
			t.Errorf("%x: passed %x, %v, took %q", frame, passed, err, got)
		}
	}
}

// TestLeavesOtherProtocols checks that the bytes of a server that does not speak AMQP 0-9-1
// reach the library, which can handle them.
func TestLeavesOtherProtocols(t *testing.T) {
	const text = "AMQP\x00\x01\x00\x00 and more"
	passed, err := io.ReadAll(NewConn(&script{in: strings.NewReader(text)}))
	if err != nil || string(passed) != text {
		t.Errorf("passed %q, %v", passed, err)
	}
}

func TestRefusesBadEnd(t *testing.T) {
	var got fakeHandler
	frame := ackOf(1, 1, false)
	frame[len(frame)-1] = 0
	f := NewConn(&script{in: bytes.NewReader(frame)})
	f.handle(1, &got)
	if _, err := io.ReadAll(f); !errors.Is(err, errBadFrame) {
		t.Errorf("got %v", err)
	}
}

// TestRefusesLarge checks that the size of a frame is not trusted.
func TestRefusesLarge(t *testing.T) {
	for _, kind := range []byte{frameMethod, frameHeader, frameBody} {
		var got fakeHandler
		frame := []byte{kind, 0, 1, 0xff, 0xff, 0xff, 0xf0, 0, 60, 0, 80}
		f := NewConn(&script{in: bytes.NewReader(frame)})
		f.handle(1, &got)
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("kind %d: got %v", kind, err)
		}
	}
	f := NewConn(&script{in: bytes.NewReader([]byte{frameMethod, 0, 1, 0x7f, 0xff, 0xff, 0xf0, 0, 20, 0, 41})})
	if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
		t.Errorf("channel.close-ok for nobody: got %v", err)
	}
}

// TestSizeHasASign checks sizes that are negative if an int has 32 bits, on a channel that
// nobody has asked for.
func TestSizeHasASign(t *testing.T) {
	for _, size := range []byte{0x7f, 0x80, 0xff} {
		f := NewConn(&script{in: bytes.NewReader([]byte{frameMethod, 0, 1, size, 0xff, 0xff, 0xf8, 0, 60, 0, 80})})
		if _, err := io.ReadAll(f); !errors.Is(err, errLargeFrame) {
			t.Errorf("got %v", err)
		}
	}
}

// TestTruncated cuts the input at every position: that is an error or the end, and never a
// panic.
func TestTruncated(t *testing.T) {
	whole := slices.Concat(ackOf(1, 1, false), methodOf(1, BasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, 60<<16|60, 1))
	for n := range whole {
		var got fakeHandler
		f := NewConn(&script{in: bytes.NewReader(whole[:n])})
		f.handle(1, &got)
		_, _ = io.ReadAll(f)
	}
}

// FuzzConn reads anything, with a handler behind it.
func FuzzConn(f *testing.F) {
	f.Add(slices.Concat(ackOf(1, 1, false), methodOf(1, BasicReturn, 1, 2), frameOf(frameHeader, 1, 1), methodOf(2, BasicDeliver, 1)))
	f.Add(methodOf(1, channelClose, 1, 2))
	f.Add(slices.Concat(methodOf(1, BasicReturn, 1, 2), frameOf(frameHeader, 1, make([]byte, 14)...), frameOf(frameBody, 1, 'b')))
	f.Fuzz(func(t *testing.T, in []byte) {
		var got fakeHandler
		c := NewConn(&script{in: bytes.NewReader(in)})
		c.handle(1, &got)
		if passed, _ := io.ReadAll(c); len(passed) > len(in)+len(heartbeatFrame()) {
			t.Errorf("%d bytes of %d passed", len(passed), len(in))
		}
	})
}
