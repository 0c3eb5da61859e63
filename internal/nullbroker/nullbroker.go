// Package nullbroker is a peer that speaks enough AMQP 0-9-1 to answer a client and does nothing
// else: it keeps no messages and routes nothing. Benchmarks use it to find a client's own limit,
// and tests to do what no real broker does on request: stay silent, lose a confirm, stop in the
// middle of a frame.
package nullbroker

import (
	"net"
	"sync"
)

// An Answer is what becomes of one publish.
type Answer uint8

// The answers to a publish. Ack is the zero value.
const (
	Ack    Answer = iota
	Nack          // basic.nack
	Return        // basic.return, then basic.ack
	Silent        // nothing, ever
)

// A Publish is a message that a client has published.
type Publish struct {
	Connection int // numbers the server's connections from 1
	Channel    uint16
	Tag        uint64 // numbers the channel's publishes from 1
	Exchange   string
	RoutingKey string
	MessageID  string
	Body       []byte // valid during the call

	properties []byte // in wire format, flags first: a returned message has all of them
}

// A Request is a method on a channel that has an answer, such as "channel.open" or "queue.declare".
type Request struct {
	Connection int // numbers the server's connections from 1
	Channel    uint16
	Method     string
}

// Config changes how a server answers. One goroutine for each connection calls its functions.
type Config struct {
	// Accept is called for each connection before anything is sent. If it returns false, the
	// connection stays open and the server stays silent.
	Accept func(connection int) bool

	// Refuse returns the code and text of the connection.close that answers connection.open, or 0.
	Refuse func(connection int) (code uint16, text string)

	// Answers reports whether a request on a channel is answered. An unanswered request has no
	// effect either. If nil, every request is answered.
	Answers func(Request) bool

	// Publish returns how a publish is answered. If nil, every one is acknowledged.
	Publish func(Publish) Answer

	// Delivery is the body of the messages that consumers get, without end. If it is nil, they get
	// none.
	Delivery []byte

	// FrameMax is the size of the largest frame that the server agrees to, in bytes. It closes
	// connections that send larger ones. It is 128 KiB if 0.
	FrameMax uint32

	// ChannelMax is how many channels a connection may open. It is 2047 if 0.
	ChannelMax uint16

	// NoHeartbeats stops the server from sending any.
	NoHeartbeats bool
}

// A Server listens on a port of its own.
type Server struct {
	config   Config
	listener net.Listener

	mu       sync.Mutex
	accepted int
	closed   bool
	sessions map[*session]struct{}
	running  sync.WaitGroup
}

// Listen starts a server on a free port of the loopback address.
func Listen(config Config) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{config: config, listener: listener, sessions: make(map[*session]struct{})}
	s.running.Go(s.accept)
	return s, nil
}

// URL returns the address that clients dial.
func (s *Server) URL() string { return "amqp://guest:guest@" + s.listener.Addr().String() + "/" }

// Close ends every connection and waits until nothing of the server runs.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.Cut()
	s.running.Wait()
	return err
}

// Cut closes every connection's socket and returns how many there were.
func (s *Server) Cut() int {
	return s.each(func(session *session) { session.end() })
}

// Reset closes every connection with a TCP reset and returns how many there were.
func (s *Server) Reset() int {
	return s.each(func(session *session) {
		if tcp, ok := session.conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		session.end()
	})
}

// Block tells every connection that publishers are blocked, or no longer are.
func (s *Server) Block(on bool) {
	s.each(func(session *session) { session.inject(blockedFrame(on)) })
}

// Send writes raw bytes to every connection.
func (s *Server) Send(raw []byte) {
	s.each(func(session *session) { session.inject(raw) })
}

// Freeze makes the server read nothing more from the open connections, as a broker with an alarm
// does, until it is called again with false.
func (s *Server) Freeze(on bool) {
	s.each(func(session *session) { session.freeze(on) })
}

// Channels returns how many channels are open on all connections.
func (s *Server) Channels() int {
	n := 0
	s.each(func(session *session) { n += int(session.open.Load()) })
	return n
}

func (s *Server) each(do func(*session)) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session := range s.sessions {
		do(session)
	}
	return len(s.sessions)
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.accepted++
		session := newSession(conn, s.config, s.accepted)
		s.sessions[session] = struct{}{}
		closed := s.closed
		s.mu.Unlock()
		if closed {
			_ = conn.Close()
		}
		s.running.Go(func() {
			session.serve()
			s.mu.Lock()
			defer s.mu.Unlock()
			delete(s.sessions, session)
		})
	}
}
