package runtime

import (
	"math/rand/v2"
	"testing"
)

// TestChannelsModel lets a broker and the client library open, use and close one channel number
// again and again, each at any moment and while frames of the other are still on their way. Neither
// may ever get a frame that ends the connection.
func TestChannelsModel(t *testing.T) {
	for seed := range uint64(500) {
		m := &channelModel{t: t, seed: seed, random: rand.New(rand.NewPCG(seed, 0))}
		for range 200 {
			m.step()
		}
		if t.Failed() {
			return
		}
	}
}

// methodOther stands for any other method of a channel.
const methodOther uint32 = 50<<16 | 10

type channelModel struct {
	t        *testing.T
	seed     uint64
	random   *rand.Rand
	channels channels

	library  channelPhase // what the library believes
	late     []uint32     // what its goroutines have decided to write
	toBroker []uint32

	broker   channelPhase // channelClosed, channelOpen or channelClosedByBroker
	toClient []uint32
}

func (m *channelModel) step() {
	switch m.random.IntN(8) {
	case 0:
		if m.library == channelClosed {
			m.writeLate() // a late writer is never so late that the number has been freed and used again
			m.channels.expect(nil)
			m.library = channelOpening
			m.write(methodChannelOpen)
		}
	case 1:
		if m.library == channelOpen {
			m.late = append(m.late, methodOther)
		}
	case 2:
		if m.library == channelOpen {
			m.late = append(m.late, methodChannelClose)
		}
	case 3:
		m.writeLate()
	case 4:
		if m.broker == channelOpen {
			m.broker = channelClosedByBroker
			m.toClient = append(m.toClient, methodChannelClose)
		}
	case 5, 6:
		m.brokerReads()
	default:
		m.libraryReads()
	}
}

func (m *channelModel) writeLate() {
	for _, method := range m.late {
		if method == methodChannelClose && m.library == channelOpen {
			m.library = channelClosing
		}
		m.write(method)
	}
	m.late = nil
}

func (m *channelModel) write(method uint32) {
	pass, err := m.channels.onWrite(1, method)
	if err != nil {
		m.t.Errorf("seed %d: %v", m.seed, err)
	}
	if pass {
		m.toBroker = append(m.toBroker, method)
	}
}

func (m *channelModel) brokerReads() {
	if len(m.toBroker) == 0 {
		return
	}
	method := m.toBroker[0]
	m.toBroker = m.toBroker[1:]
	switch {
	case method == methodChannelOpen && m.broker == channelClosed:
		m.broker = channelOpen
		m.toClient = append(m.toClient, methodChannelOpenOK)
	case method == methodChannelClose && m.broker != channelClosed:
		if m.broker == channelOpen {
			m.broker = channelClosed
		}
		m.toClient = append(m.toClient, methodChannelCloseOK)
	case method == methodChannelCloseOK && m.broker == channelClosedByBroker:
		m.broker = channelClosed
	case method == methodOther && m.broker != channelClosed:
	default:
		m.t.Errorf("seed %d: the broker gets method %d on a channel in phase %d", m.seed, method&0xffff, m.broker)
	}
}

func (m *channelModel) libraryReads() {
	if len(m.toClient) == 0 {
		return
	}
	method := m.toClient[0]
	m.toClient = m.toClient[1:]
	if m.channels.onRead(1, method) {
		return
	}
	switch {
	case method == methodChannelOpenOK && m.library == channelOpening:
		m.library = channelOpen
	case method == methodChannelClose:
		m.library = channelClosed
		m.write(methodChannelCloseOK)
	case method == methodChannelCloseOK && (m.library == channelClosed || m.library == channelClosing):
		m.library = channelClosed
	default:
		m.t.Errorf("seed %d: the library gets method %d on a channel in phase %d", m.seed, method&0xffff, m.library)
	}
}
