package scamptest

import "github.com/scampgen/scampgen/runtime"

// Status returns what producers of the broker have now: see runtime.Producer.Status.
func (b *Broker) Status() runtime.SourceStatus { return b.producers.Status() }

// Status returns what producers of the pool have now. A window has no limit here, so it is 0.
func (p *Pool) Status() runtime.SourceStatus {
	var status runtime.SourceStatus
	status.State, _ = p.state()
	p.broker.mu.Lock()
	defer p.broker.mu.Unlock()
	for _, slot := range p.slots {
		for _, channel := range slot.channels {
			if channel != nil && channel.dead == nil && status.State == runtime.StateReady {
				status.Channels++
				status.InFlight += len(channel.pending)
			}
		}
	}
	if status.State >= runtime.StateDown {
		status.Err = p.broker.errClosed()
	}
	return status
}
