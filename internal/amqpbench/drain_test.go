//go:build unix

package amqpbench

import (
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// startDrain keeps the queue of url's virtual host empty, from a process of its own.
func startDrain(b *testing.B, url string) {
	b.Helper()
	startProcess(b, envDrain+"="+url)
}

// drain consumes until standard input is closed. It leaves the processors to the sides that are
// compared: deliveries are not parsed, and what has come in a millisecond is read at once.
func drain(url string) error {
	var socket *drained
	conn, err := amqp.DialConfig(url, amqp.Config{Dial: func(network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		socket = &drained{Conn: conn}
		return socket, err
	}})
	if err != nil {
		return err
	}
	defer socket.Conn.Close()
	channel, err := conn.Channel()
	if err != nil {
		return err
	}
	if _, err := channel.Consume(queue, "", true, false, false, false, nil); err != nil {
		return err
	}
	socket.consuming.Store(true)
	fmt.Println("consuming")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// drained is a connection that discards what it receives while it is consuming.
type drained struct {
	net.Conn
	consuming atomic.Bool
}

func (d *drained) Read(p []byte) (int, error) {
	n, err := d.Conn.Read(p)
	if err != nil || !d.consuming.Load() {
		return n, err
	}
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for buffer := make([]byte, 1<<20); err == nil; <-pace.C {
		_, err = d.Conn.Read(buffer)
	}
	return 0, err
}

// SetReadDeadline does nothing: the client library would miss the heartbeats that are discarded.
func (d *drained) SetReadDeadline(time.Time) error { return nil }
