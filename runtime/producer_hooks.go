package runtime

import "sync"

// hooks calls a producer's callbacks on goroutines of its own, so that a slow one delays only the
// next one.
type hooks struct {
	config  producerConfig
	ending  chan struct{}
	stopped chan struct{} // closed when the goroutines have ended

	mu      sync.Mutex
	waiting []*ReturnedError
	wake    chan struct{}
	once    sync.Once
}

// maxReturned is how many returned messages may wait for WithOnReturned.
const maxReturned = 1024

// startHooks starts the goroutines that config's callbacks need.
func startHooks(source SourceInfo, config producerConfig) *hooks {
	h := &hooks{config: config, ending: make(chan struct{}), stopped: make(chan struct{}), wake: make(chan struct{}, 1)}
	var running sync.WaitGroup
	if config.onReturned != nil {
		running.Go(h.callReturned)
	}
	if source.State != nil && (config.onBusy != nil || config.onReady != nil) {
		running.Go(func() { h.callBusy(source) })
	}
	go func() {
		running.Wait()
		close(h.stopped)
	}()
	return h
}

// stop ends the goroutines after the waiting calls.
func (h *hooks) stop() { h.once.Do(func() { close(h.ending) }) }

// returned queues a call of WithOnReturned.
func (h *hooks) returned(err *ReturnedError) {
	if h == nil || h.config.onReturned == nil {
		return
	}
	h.mu.Lock()
	if len(h.waiting) == maxReturned {
		h.waiting = h.waiting[1:]
	}
	h.waiting = append(h.waiting, err)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

func (h *hooks) callReturned() {
	for ending := false; !ending; {
		select {
		case <-h.wake:
		case <-h.ending:
			ending = true
		}
		for {
			err := h.next()
			if err == nil {
				break
			}
			h.config.onReturned(err)
		}
	}
}

// next removes the oldest returned message and returns it, or nil.
func (h *hooks) next() *ReturnedError {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		return nil
	}
	err := h.waiting[0]
	h.waiting = h.waiting[1:]
	return err
}

// callBusy calls WithOnBusy and WithOnReady at each change. Changes that come and go during a call
// are not reported.
func (h *hooks) callBusy(source SourceInfo) {
	busy := false
	for {
		state, changed := source.State()
		if now := state != StateReady; now != busy {
			busy = now
			call := h.config.onReady
			if busy {
				call = h.config.onBusy
			}
			if call != nil {
				call()
			}
		}
		select {
		case <-changed:
		case <-h.ending:
			return
		}
	}
}
