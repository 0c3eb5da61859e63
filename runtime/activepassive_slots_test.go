package runtime_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// arrivals counts what a peer received, by message id.
type arrivals struct {
	mu  sync.Mutex
	ids map[string]int
}

func (a *arrivals) note(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ids == nil {
		a.ids = make(map[string]int)
	}
	a.ids[id]++
}

func (a *arrivals) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ids)
}

// TestFailoverWhileWaitingForASlot lets two pairs and a producer share the active side. Its window
// is full, and many publishes wait for a slot. The side fails: each publish of a pair settles once,
// through the passive side, and arrives there once.
func TestFailoverWhileWaitingForASlot(t *testing.T) {
	for name, fail := range map[string]func(*nullbroker.Server){
		"blocked": func(s *nullbroker.Server) { s.Block(true) },
		"lost":    func(s *nullbroker.Server) { _ = s.Close() },
	} {
		for _, mode := range []string{"waiting", "async"} {
			t.Run(name+", "+mode, func(t *testing.T) {
				var there arrivals
				here := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
				passive := peer(t, nullbroker.Config{Publish: func(p nullbroker.Publish) nullbroker.Answer {
					there.note(p.MessageID)
					return nullbroker.Ack
				}})
				active := runtime.DedicatedChannel(connect(t, here.URL()), runtime.WithWindow(4))
				other := runtime.DedicatedConnection(runtime.Broker{URL: passive.URL()})
				t.Cleanup(func() { _ = other.Close(testContext(t)) })
				standby := runtime.DedicatedChannel(other, runtime.WithWindow(4))
				failover := runtime.Failover{Grace: time.Millisecond, BlockedGrace: time.Millisecond}
				alone := produce(t, active, nil, runtime.WithPublishTimeout(time.Second))
				plain := alone.PublishAsync(testContext(t), to("plain"), "x")
				var publishing sync.WaitGroup
				for pair := range 2 {
					p := produce(t, runtime.ActivePassiveProducer(active, standby, failover), nil)
					for i := range 50 {
						publishing.Go(func() {
							id := runtime.WithMessageID(fmt.Sprint(pair, " ", i))
							var receipt runtime.Receipt
							var err error
							if mode == "async" {
								receipt, err = p.PublishAsync(testContext(t), to("q"), "x", id).Wait(testContext(t))
							} else {
								receipt, err = p.Publish(testContext(t), to("q"), "x", id)
							}
							if err != nil || receipt.Attempts > 3 {
								t.Errorf("%+v, %v", receipt, err)
							}
						})
					}
				}
				for state, changed := active.Info().State(); state != runtime.StateFull; state, changed = active.Info().State() {
					<-changed
				}
				fail(here)
				publishing.Wait()
				if there.count() != 100 {
					t.Errorf("%d arrived, want 100", there.count())
				}
				for id, n := range there.ids {
					if n > 1 {
						t.Errorf("%s arrived %d times", id, n)
					}
				}
				if _, err := plain.Wait(testContext(t)); err == nil {
					t.Error("the producer that is no pair got an answer that nobody gave")
				}
				here.Block(false)
			})
		}
	}
}
