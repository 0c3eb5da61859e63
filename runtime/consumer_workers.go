package runtime

import (
	"hash/maphash"
	"sync"
)

// runWorkers handles deliveries until there are no more.
func (s *session) runWorkers() {
	if s.consumer.config.orderedBy != nil && s.consumer.config.workers > 1 {
		s.runPartitions()
		return
	}
	var workers sync.WaitGroup
	for range s.consumer.config.workers {
		keepRunning(&workers, func() {
			for delivery := s.next(); delivery != nil; delivery = s.next() {
				s.handle(delivery)
			}
		})
	}
	workers.Wait()
}

// keepRunning runs loop in a goroutine of group until it returns. A function of the user may end
// the goroutine with runtime.Goexit, as t.FailNow does: then another goroutine runs loop again.
func keepRunning(group *sync.WaitGroup, loop func()) {
	group.Go(func() {
		returned := false
		defer func() {
			if !returned {
				keepRunning(group, loop)
			}
		}()
		loop()
		returned = true
	})
}

// runPartitions gives each worker a partition: the deliveries with one key go to the same
// partition. A partition buffers all unacknowledged deliveries, so that a full one never stops the
// others.
func (s *session) runPartitions() {
	var workers, distribution sync.WaitGroup
	partitions := make([]chan *Delivery, s.consumer.config.workers)
	for i := range partitions {
		partitions[i] = make(chan *Delivery, s.spec.request.Prefetch)
		keepRunning(&workers, func() {
			for delivery := range partitions[i] {
				if s.stopping() {
					s.leave(s.handlers, delivery)
				} else {
					s.handle(delivery)
				}
			}
		})
	}
	seed := maphash.MakeSeed()
	keepRunning(&distribution, func() {
		for delivery := s.next(); delivery != nil; delivery = s.next() {
			if key, ok := s.key(delivery); ok {
				partitions[maphash.String(seed, key)%uint64(len(partitions))] <- delivery
			}
		}
	})
	distribution.Wait()
	for _, partition := range partitions {
		close(partition)
	}
	workers.Wait()
}

// key calls the user's function. If that panics, the delivery has failed.
func (s *session) key(delivery *Delivery) (key string, ok bool) {
	err := errExited
	defer func() {
		if err != nil {
			h := s.newHandling(delivery)
			s.recover(&h, err)
		}
	}()
	err = func() (err error) {
		defer catch(&err)
		key = s.consumer.config.orderedBy(delivery)
		return nil
	}()
	return key, err == nil
}
