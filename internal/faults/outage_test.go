package faults_test

import (
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
)

// An outage measures how long a node is down: the longest time in which a plain client could not
// connect and declare the queue. Topologies without another node are silent for as long and a
// little more.
type outage struct {
	stop    chan struct{}
	done    sync.WaitGroup
	longest time.Duration // set when done
}

// measureOutage begins to measure. It ends with end, or with the test.
func measureOutage(t *testing.T, host *rabbittest.VirtualHost) *outage {
	a := &outage{stop: make(chan struct{})}
	a.done.Go(func() { a.watch(host) })
	t.Cleanup(func() { a.end() })
	return a
}

func (a *outage) watch(host *rabbittest.VirtualHost) {
	for last := time.Now(); ; {
		if dialWithin(time.Second, host, declareQueue) == nil {
			a.longest = max(a.longest, time.Since(last))
			last = time.Now()
		}
		select {
		case <-a.stop:
			return
		case <-time.After(20 * time.Millisecond): // often enough, and no load
		}
	}
}

// end ends the measurement and returns its result.
func (a *outage) end() time.Duration {
	select {
	case <-a.stop:
	default:
		close(a.stop)
	}
	a.done.Wait()
	return a.longest
}
