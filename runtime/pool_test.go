package runtime

import (
	"math"
	"testing"
)

// TestPoolTurnWraps chooses among channels when the counter no longer fits into a 32-bit int, and
// when it wraps.
func TestPoolTurnWraps(t *testing.T) {
	connection := DedicatedConnection(Broker{})
	p := ChannelPool(connection, 3).(*pool)
	for _, turn := range []uint32{math.MaxInt32 - 1, math.MaxUint32 - 1} {
		p.turn.Store(turn)
		for range 4 {
			if channel := p.best(); channel != nil {
				t.Errorf("got %v of a pool without channels", channel)
			}
		}
	}
}

// TestPoolAlarm blocks and unblocks the connections of a pool one by one, in any order: the pool is
// blocked from when the last one is blocked until the last one is unblocked.
func TestPoolAlarm(t *testing.T) {
	const connections = 3
	p := ChannelPerConnection(ConnectionPool(Broker{}, connections)).(*pool)
	conns := make([]*conn, connections)
	for i, supervisor := range p.supervisors {
		conns[i] = &conn{}
		supervisor.connSupervisor.conn = conns[i]
	}
	for _, step := range []struct {
		conn    int
		blocked bool
		want    State
	}{
		{0, true, StateReady},
		{1, true, StateReady},
		{2, true, StateBlocked},
		{1, false, StateBlocked},
		{2, false, StateBlocked},
		{2, true, StateBlocked},
		{0, false, StateBlocked},
		{2, false, StateReady},
		{1, true, StateReady}, // the next alarm
	} {
		conns[step.conn].blocked.Store(step.blocked)
		if state, _ := p.State(); state != step.want {
			t.Errorf("when connection %d was set to blocked %v the pool is %s, want %s", step.conn, step.blocked, state, step.want)
		}
	}
}

// TestPoolAlarmEndsWithConnections loses the only connection that was still blocked.
func TestPoolAlarmEndsWithConnections(t *testing.T) {
	p := ChannelPerConnection(ConnectionPool(Broker{}, 2)).(*pool)
	for _, supervisor := range p.supervisors {
		supervisor := supervisor.connSupervisor
		supervisor.started, supervisor.conn = true, &conn{}
		supervisor.conn.blocked.Store(true)
	}
	if state, _ := p.State(); state != StateBlocked {
		t.Fatalf("the pool is %s", state)
	}
	healed, lost := p.supervisors[0].connSupervisor, p.supervisors[1].connSupervisor
	healed.conn.blocked.Store(false)
	lost.conn = nil
	if state, _ := p.State(); state != StateReady {
		t.Errorf("the pool is %s while one connection takes publishes and none is blocked", state)
	}
}
