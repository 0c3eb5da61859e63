package rabbittest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"strconv"
	"sync"
)

// An epmd is the Erlang port mapper by which the nodes of this process, and their rabbitmqctl, find
// each other. It is private: it does not touch the machine's own epmd or other test binaries, and
// it ends with this process.
type epmd struct {
	port    int
	cookie  string
	process *process // nil in Docker, where each container starts its own
}

// mapper is the only epmd of this process and the number of nodes that use it.
var mapper struct {
	mu    sync.Mutex
	epmd  *epmd
	users int
}

func acquireEpmd(l launcher) (*epmd, error) {
	mapper.mu.Lock()
	defer mapper.mu.Unlock()
	if mapper.epmd == nil {
		e, err := startEpmd(l)
		if err != nil {
			return nil, fmt.Errorf("epmd: %w", err)
		}
		mapper.epmd = e
	}
	mapper.users++
	return mapper.epmd, nil
}

func (e *epmd) release() {
	mapper.mu.Lock()
	defer mapper.mu.Unlock()
	if mapper.users--; mapper.users > 0 {
		return
	}
	mapper.epmd = nil
	if e.process != nil {
		_ = e.process.kill()
	}
}

func startEpmd(l launcher) (*epmd, error) {
	free, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	e := &epmd{port: free[0], cookie: rand.Text()}
	cmd := l.portMapper(e)
	if cmd == nil {
		return e, nil
	}
	if e.process, err = startProcess(cmd); err != nil {
		return nil, err
	}
	err = poll(context.Background(), waitLimit, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", loopback(e.port))
		if err != nil {
			return err
		}
		return conn.Close()
	})
	if err != nil {
		_ = e.process.kill()
		return nil, err
	}
	return e, nil
}

func (e *epmd) environment() []string {
	return []string{"ERL_EPMD_ADDRESS=127.0.0.1", "ERL_EPMD_PORT=" + strconv.Itoa(e.port)}
}
