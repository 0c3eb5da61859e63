package frame

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
const methodOther Method = 50<<16 | 10

type channelModel struct {
	t        *testing.T
	seed     uint64
	random   *rand.Rand
	channels channels

	library  phase    // what the library believes
	late     []Method // what its goroutines have decided to write
	toBroker []Method

	broker   phase // phaseClosed, phaseOpen or phaseClosedByBroker
	toClient []Method
}

func (m *channelModel) step() {
	switch m.random.IntN(8) {
	case 0:
		if m.library == phaseClosed {
			m.writeLate() // a late writer is never so late that the number has been freed and used again
			m.channels.expect(nil)
			m.library = phaseOpening
			m.write(channelOpen)
		}
	case 1:
		if m.library == phaseOpen {
			m.late = append(m.late, methodOther)
		}
	case 2:
		if m.library == phaseOpen {
			m.late = append(m.late, channelClose)
		}
	case 3:
		m.writeLate()
	case 4:
		if m.broker == phaseOpen {
			m.broker = phaseClosedByBroker
			m.toClient = append(m.toClient, channelClose)
		}
	case 5, 6:
		m.brokerReads()
	default:
		m.libraryReads()
	}
}

func (m *channelModel) writeLate() {
	for _, method := range m.late {
		if method == channelClose && m.library == phaseOpen {
			m.library = phaseClosing
		}
		m.write(method)
	}
	m.late = nil
}

func (m *channelModel) write(method Method) {
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
	case method == channelOpen && m.broker == phaseClosed:
		m.broker = phaseOpen
		m.toClient = append(m.toClient, channelOpenOK)
	case method == channelClose && m.broker != phaseClosed:
		if m.broker == phaseOpen {
			m.broker = phaseClosed
		}
		m.toClient = append(m.toClient, channelCloseOK)
	case method == channelCloseOK && m.broker == phaseClosedByBroker:
		m.broker = phaseClosed
	case method == methodOther && m.broker != phaseClosed:
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
	case method == channelOpenOK && m.library == phaseOpening:
		m.library = phaseOpen
	case method == channelClose:
		m.library = phaseClosed
		m.write(channelCloseOK)
	case method == channelCloseOK && (m.library == phaseClosed || m.library == phaseClosing):
		m.library = phaseClosed
	default:
		m.t.Errorf("seed %d: the library gets method %d on a channel in phase %d", m.seed, method&0xffff, m.library)
	}
}
