package nullbroker

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// The methods that the server knows.
const (
	connectionStart   method = 10<<16 | 10
	connectionStartOK method = 10<<16 | 11
	connectionTune    method = 10<<16 | 30
	connectionOpen    method = 10<<16 | 40
	connectionOpenOK  method = 10<<16 | 41
	connectionClose   method = 10<<16 | 50
	connectionCloseOK method = 10<<16 | 51
	connectionBlocked method = 10<<16 | 60
	connectionUnblock method = 10<<16 | 61

	channelOpen    method = 20<<16 | 10
	channelOpenOK  method = 20<<16 | 11
	channelClose   method = 20<<16 | 40
	channelCloseOK method = 20<<16 | 41

	exchangeDeclare   method = 40<<16 | 10
	exchangeDeclareOK method = 40<<16 | 11
	queueDeclare      method = 50<<16 | 10
	queueDeclareOK    method = 50<<16 | 11
	queueBind         method = 50<<16 | 20
	queueBindOK       method = 50<<16 | 21
	confirmSelect     method = 85<<16 | 10
	confirmSelectOK   method = 85<<16 | 11

	basicQos       method = 60<<16 | 10
	basicQosOK     method = 60<<16 | 11
	basicConsume   method = 60<<16 | 20
	basicConsumeOK method = 60<<16 | 21
	basicCancel    method = 60<<16 | 30
	basicCancelOK  method = 60<<16 | 31
	basicPublish   method = 60<<16 | 40
	basicReturn    method = 60<<16 | 50
	basicDeliver   method = 60<<16 | 60
	basicAck       method = 60<<16 | 80
	basicReject    method = 60<<16 | 90
	basicNack      method = 60<<16 | 120
)

// requests names the methods on a channel that have an answer.
var requests = map[method]string{
	channelOpen: "channel.open", channelClose: "channel.close",
	exchangeDeclare: "exchange.declare", queueDeclare: "queue.declare", queueBind: "queue.bind",
	confirmSelect: "confirm.select", basicQos: "basic.qos", basicConsume: "basic.consume", basicCancel: "basic.cancel",
}

// session serves one connection. One goroutine reads and answers; another sends heartbeats.
type session struct {
	conn   net.Conn
	config Config
	number int

	frames   frameReader
	channels map[uint16]*channel
	open     atomic.Int64 // the number of replies

	mu     sync.Mutex // guards writing to conn
	out    []byte     // answers that have not been written yet
	thawed sync.Cond
	frozen bool
	ended  bool
}

// channel is the state of one AMQP channel.
type channel struct {
	number     uint16
	confirming bool
	tag        uint64 // of the last publish
	acked      uint64 // the last one that acknowledge has confirmed
	publish    Publish
	remaining  int64 // bytes of the publish's body that are still missing

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

// end closes the socket, even while the session is frozen.
func (s *session) end() {
	_ = s.conn.Close() // first: somebody may be writing with the lock held
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.thawed.Broadcast()
}

// start sends connection.start. It needs no flush so early.
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
	if name := requests[m]; name != "" && s.config.Answers != nil && !s.config.Answers(Request{s.number, number, name}) {
		return true
	}
	if m == channelOpen {
		s.channels[number] = &channel{number: number}
		s.open.Store(int64(len(s.channels)))
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
		s.open.Store(int64(len(s.channels)))
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
