package nullbroker

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"
)

// The methods that the server knows.
var (
	connectionStart   = id(10, 10)
	connectionStartOK = id(10, 11)
	connectionTune    = id(10, 30)
	connectionOpen    = id(10, 40)
	connectionOpenOK  = id(10, 41)
	connectionClose   = id(10, 50)
	connectionCloseOK = id(10, 51)
	connectionBlocked = id(10, 60)
	connectionUnblock = id(10, 61)

	channelOpen    = id(20, 10)
	channelOpenOK  = id(20, 11)
	channelClose   = id(20, 40)
	channelCloseOK = id(20, 41)

	exchangeDeclare   = id(40, 10)
	exchangeDeclareOK = id(40, 11)
	queueDeclare      = id(50, 10)
	queueDeclareOK    = id(50, 11)
	queueBind         = id(50, 20)
	queueBindOK       = id(50, 21)
	confirmSelect     = id(85, 10)
	confirmSelectOK   = id(85, 11)

	basicQos       = id(60, 10)
	basicQosOK     = id(60, 11)
	basicConsume   = id(60, 20)
	basicConsumeOK = id(60, 21)
	basicCancel    = id(60, 30)
	basicCancelOK  = id(60, 31)
	basicPublish   = id(60, 40)
	basicReturn    = id(60, 50)
	basicDeliver   = id(60, 60)
	basicAck       = id(60, 80)
	basicReject    = id(60, 90)
	basicNack      = id(60, 120)
)

// session serves one connection. One goroutine reads and answers; another sends
// heartbeats.
type session struct {
	conn   net.Conn
	config Config
	number int

	frames   frameReader
	channels map[uint16]*channel

	mu     sync.Mutex // guards writing to conn
	out    []byte     // answers that have not been written
	thawed sync.Cond
	frozen bool
	ended  bool
}

// channel is the state of one AMQP channel.
type channel struct {
	number     uint16
	confirming bool
	tag        uint64 // of the last publish
	acked      uint64 // the last one that the client knows of
	publish    Publish
	remaining  int64 // bytes of the publish's body that are still to come

	consumer  string
	prefetch  int
	delivered uint64 // tag of the last delivery
	settled   uint64 // how many deliveries have been answered
}

func newSession(conn net.Conn, config Config, number int) *session {
	s := &session{conn: conn, config: config, number: number, channels: make(map[uint16]*channel)}
	s.frames = frameReader{r: bufio.NewReaderSize(conn, frameMax), largest: cmp.Or(int(config.FrameMax), frameMax)}
	s.thawed.L = &s.mu
	return s
}

func (s *session) serve() {
	done := make(chan struct{})
	var beating sync.WaitGroup
	defer beating.Wait()
	defer close(done)
	defer s.end()
	if s.config.Accept != nil && !s.config.Accept(s.number) {
		_, _ = io.Copy(io.Discard, s.conn)
		return
	}
	if !s.config.NoHeartbeats {
		beating.Go(func() { s.beat(done) })
	}
	var protocol [8]byte
	if _, err := io.ReadFull(s.conn, protocol[:]); err != nil {
		return
	}
	s.start()
	for {
		if s.frames.r.Buffered() == 0 {
			s.acknowledge()
			if s.flush() != nil {
				return
			}
		}
		f, err := s.frames.next()
		if err != nil || !s.handle(f) {
			_ = s.flush()
			return
		}
	}
}

// end closes the socket, also while the session is frozen.
func (s *session) end() {
	_ = s.conn.Close() // first: somebody may be writing with the lock held
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.thawed.Broadcast()
}

// start sends connection.start. What goes out so early needs no flush of its own.
func (s *session) start() {
	arguments := []byte{0, 9}
	arguments = append(arguments, 0, 0, 0, 0) // no server properties
	arguments = append(arguments, long("PLAIN AMQPLAIN EXTERNAL")...)
	arguments = append(arguments, long("en_US")...)
	s.out = appendMethod(s.out, 0, connectionStart, arguments...)
}

// handle answers one frame and returns false when the connection is to end.
func (s *session) handle(f frame) bool {
	s.waitWhileFrozen()
	switch f.kind {
	case frameMethod:
		if len(f.payload) < 4 {
			return false
		}
		m, arguments := method(binary.BigEndian.Uint32(f.payload)), f.payload[4:]
		if f.channel == 0 {
			return s.handleConnection(m)
		}
		return s.handleChannel(f.channel, m, arguments)
	case frameHeader:
		return s.handleHeader(f)
	case frameBody:
		return s.handleBody(f)
	}
	return true
}

func (s *session) handleConnection(m method) bool {
	switch m {
	case connectionStartOK:
		arguments := binary.BigEndian.AppendUint16(nil, cmp.Or(s.config.ChannelMax, 2047))
		arguments = binary.BigEndian.AppendUint32(arguments, uint32(s.frames.largest))
		s.out = appendMethod(s.out, 0, connectionTune, append(arguments, 0, 0)...)
	case connectionOpen:
		if s.config.Refuse != nil {
			if code, text := s.config.Refuse(s.number); code != 0 {
				arguments := append(binary.BigEndian.AppendUint16(nil, code), short(text)...)
				s.out = appendMethod(s.out, 0, connectionClose, append(arguments, 0, 0, 0, 0)...)
				return true
			}
		}
		s.out = appendMethod(s.out, 0, connectionOpenOK, 0)
	case connectionClose:
		s.out = appendMethod(s.out, 0, connectionCloseOK)
		return false
	case connectionCloseOK:
		return false
	}
	return true
}

func (s *session) handleChannel(number uint16, m method, arguments []byte) bool {
	if m == channelOpen {
		if s.config.Open != nil && !s.config.Open(s.number, number) {
			return true
		}
		s.channels[number] = &channel{number: number}
		s.out = appendMethod(s.out, number, channelOpenOK, 0, 0, 0, 0)
		return true
	}
	c := s.channels[number]
	if c == nil {
		return m == channelCloseOK
	}
	switch m {
	case channelClose:
		delete(s.channels, number)
		s.out = appendMethod(s.out, number, channelCloseOK)
	case exchangeDeclare:
		s.out = appendMethod(s.out, number, exchangeDeclareOK)
	case queueDeclare:
		name, _ := cutShort(arguments[2:])
		s.out = appendMethod(s.out, number, queueDeclareOK, append(short(name), make([]byte, 8)...)...)
	case queueBind:
		s.out = appendMethod(s.out, number, queueBindOK)
	case confirmSelect:
		c.confirming = true
		s.out = appendMethod(s.out, number, confirmSelectOK)
	case basicPublish:
		return s.beginPublish(c, arguments)
	default:
		s.consume(c, m, arguments)
	}
	return true
}

// flush writes the answers.
func (s *session) flush() error {
	if len(s.out) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.conn.Write(s.out)
	s.out = s.out[:0]
	return err
}

// inject writes raw bytes between the answers.
func (s *session) inject(raw []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.conn.Write(raw)
}

func (s *session) freeze(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frozen = on
	s.thawed.Broadcast()
}

func (s *session) waitWhileFrozen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.frozen && !s.ended {
		s.thawed.Wait()
	}
}

// beat sends a heartbeat every second until done is closed.
func (s *session) beat(done <-chan struct{}) {
	heartbeat := appendFrame(nil, frameHeartbeat, 0, func(dst []byte) []byte { return dst })
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			s.inject(heartbeat)
		}
	}
}

func blockedFrame(on bool) []byte {
	if on {
		return appendMethod(nil, 0, connectionBlocked, short("low on memory")...)
	}
	return appendMethod(nil, 0, connectionUnblock)
}
