package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// socketPair returns the two ends of a TCP connection.
func socketPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	accepted := make(chan net.Conn)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Error(err)
		}
		accepted <- conn
	}()
	client, err = net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client, server
}

// open returns a Conn whose peer may not stall.
func open(t *testing.T, socket net.Conn, timeout time.Duration) *Conn {
	t.Helper()
	return openWith(t, socket, Config{Timeout: timeout, MayStall: func() bool { return false }, OnRoom: func() {}})
}

func openWith(t *testing.T, socket net.Conn, config Config) *Conn {
	t.Helper()
	w := NewConn(socket, config)
	t.Cleanup(func() { w.Close() })
	return w
}

// TestOrder writes from many goroutines: each write arrives complete, and those of one
// goroutine in order. A peer that reads with pauses makes the Conn buffer.
func TestOrder(t *testing.T) {
	const writers, writes = 8, 2000
	client, server := socketPair(t)
	w := open(t, client, time.Minute)
	var writing sync.WaitGroup
	for id := range writers {
		writing.Go(func() {
			for n := range writes {
				record := bytes.Repeat([]byte{byte(id)}, 8+n%100)
				binary.BigEndian.PutUint32(record, uint32(n))
				binary.BigEndian.PutUint16(record[4:], uint16(len(record)))
				if _, err := w.Write(record); err != nil {
					t.Error(err)
				}
			}
		})
	}
	go func() {
		writing.Wait()
		for w.buffered.Load() > 0 {
			time.Sleep(time.Millisecond)
		}
		client.(*net.TCPConn).CloseWrite()
	}()
	all, err := io.ReadAll(server)
	if err != nil {
		t.Fatal(err)
	}
	var next [writers]int
	for len(all) > 0 {
		n, size := int(binary.BigEndian.Uint32(all)), int(binary.BigEndian.Uint16(all[4:]))
		id := all[size-1]
		if n != next[id] || bytes.Count(all[6:size], []byte{id}) != size-6 {
			t.Fatalf("record %d of writer %d is %x, want number %d", n, id, all[:size], next[id])
		}
		next[id]++
		all = all[size:]
	}
	for id, n := range next {
		if n != writes {
			t.Errorf("%d records of writer %d arrived, want %d", n, id, writes)
		}
	}
}

// TestNeverWaits writes much more than the sockets hold to a peer that reads nothing.
func TestNeverWaits(t *testing.T) {
	client, server := socketPair(t)
	room := make(chan struct{}, 1)
	w := openWith(t, client, Config{Timeout: time.Minute, OnRoom: func() { room <- struct{}{} }})
	const size = 32 << 20
	done := make(chan error)
	go func() {
		_, err := w.Write(make([]byte, size))
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if !w.Full() {
		t.Error("the Conn is not full")
	}
	go func() {
		<-room
		if w.Full() {
			t.Error("there is no room though it was said")
		}
		done <- nil
	}()
	if n, err := io.CopyN(io.Discard, server, size); err != nil {
		t.Errorf("%d bytes arrived: %v", n, err)
	}
	<-done
}

// TestStall checks that a peer that accepts nothing ends the connection, unless it has said so
// before.
func TestStall(t *testing.T) {
	client, _ := socketPair(t)
	var asked atomic.Int64
	w := openWith(t, client, Config{
		Timeout:  20 * time.Millisecond,
		MayStall: func() bool { return asked.Add(1) < 4 },
		OnRoom:   func() {},
	})
	if _, err := w.Write(make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
	if n := asked.Load(); n != 4 {
		t.Errorf("asked %d times whether to be patient, want 4", n)
	}
	if err := w.Err(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("failed with %v", err)
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("a write after the failure succeeded")
	}
}

// TestSlow checks that a peer that accepts bytes, however slowly, is waited for.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe() // accepts only what is being read
		defer server.Close()
		w := open(t, client, 50*time.Millisecond)
		const size = 10
		if _, err := w.Write(make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		for range size {
			time.Sleep(40 * time.Millisecond)
			if _, err := io.ReadFull(server, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Err(); err != nil {
			t.Error(err)
		}
	})
}

// TestStraight checks that a single write after an answer does not wait for the flusher: it has
// been sent when Write returns.
func TestStraight(t *testing.T) {
	client, server := socketPair(t)
	w := open(t, client, time.Minute)
	if tryWriter(client) == nil {
		t.Skip("this system has no way to try a write")
	}
	buffer := make([]byte, 16)
	for range 100 {
		if _, err := w.Write([]byte("question")); err != nil {
			t.Fatal(err)
		}
		if n := w.buffered.Load(); n != 0 {
			t.Fatalf("%d bytes were buffered", n)
		}
		if _, err := io.ReadFull(server, buffer[:8]); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Write([]byte("answer")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(w, buffer[:6]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStandsAlone checks that the first write after an answer is expected to be the only one
// unless others followed the previous one: "w" is a write, "r" something read.
func TestStandsAlone(t *testing.T) {
	for events, want := range map[string]string{
		"w":           "straight",
		"wrwrw":       "straight straight straight",
		"www":         "straight gather gather",
		"wwrwrw":      "straight gather gather straight",
		"wwrwwrwwrw":  "straight gather gather gather gather gather gather",
		"wrrwrrw":     "straight straight straight",
		"wwwrwrwwrwr": "straight gather gather gather straight gather gather",
	} {
		w := &Conn{}
		w.hasRead.Store(true)
		var got []string
		for _, event := range events {
			switch {
			case event == 'r':
				w.hasRead.Store(true)
			case w.standsAlone():
				got = append(got, "straight")
			default:
				got = append(got, "gather")
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s: %s, want %s", events, got, want)
		}
	}
}

// TestCloses checks that Close ends a flusher that is stuck in the socket, and may be called
// again.
func TestCloses(t *testing.T) {
	client, _ := socketPair(t)
	w := open(t, client, time.Minute)
	if _, err := w.Write(make([]byte, 32<<20)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after Close: %v", err)
	}
}

// TestReset checks that a reset by the peer fails the next write, or an earlier one.
func TestReset(t *testing.T) {
	client, server := socketPair(t)
	w := open(t, client, time.Minute)
	if err := server.(*net.TCPConn).SetLinger(0); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if _, err := w.Read(make([]byte, 1)); err == nil {
		t.Fatal("read from a reset connection")
	}
	for range 1000 {
		if _, err := w.Write(make([]byte, 1000)); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("a thousand writes to a reset connection succeeded")
}

// TestCloseIsNoFailure closes a Conn while its goroutine writes: the failed write is not the
// reason why the connection ended.
func TestCloseIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		w := open(t, near, time.Minute)
		if _, err := w.Write([]byte("nobody reads this")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := w.Err(); err != nil {
			t.Errorf("got %v", err)
		}
		if _, err := w.Write(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a write after Close: %v", err)
		}
	})
}
