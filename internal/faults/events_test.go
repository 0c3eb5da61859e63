package faults_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/rabbittest"
	"github.com/scampgen/scampgen/runtime"
)

// events counts the runtime's events.
type events struct {
	mu     sync.Mutex
	counts map[string]int
	errs   []error // of lost channels and connections
	story  []happening
}

// Observe implements runtime.Observer.
func (e *events) Observe(_ context.Context, event runtime.Event) {
	var name string
	var err error
	switch event := event.(type) {
	case runtime.ConnectedEvent:
		name = "Connected"
	case runtime.ConnectionLostEvent:
		name, err = "ConnectionLost", event.Err
	case runtime.ConnectionBlockedEvent:
		name = "ConnectionBlocked"
	case runtime.ConnectionUnblockedEvent:
		name = "ConnectionUnblocked"
	case runtime.ChannelLostEvent:
		name, err = "ChannelLost", event.Err
	case runtime.FailedOverEvent:
		name = "FailedOver"
	default:
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.counts[name]++
	e.story = append(e.story, happening{time.Now(), event})
	if err != nil {
		e.errs = append(e.errs, err)
	}
}

// A happening is an event with its time.
type happening struct {
	at    time.Time
	event runtime.Event
}

// during returns what happened between two times.
func (e *events) during(from, to time.Time) string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out strings.Builder
	for _, h := range e.story {
		if !h.at.Before(from) && !h.at.After(to) {
			fmt.Fprintf(&out, "%8v %T%+v\n", h.at.Sub(from).Round(time.Millisecond), h.event, h.event)
		}
	}
	return out.String()
}

// moments returns all that happened.
func (e *events) moments() []rabbittest.Moment {
	e.mu.Lock()
	defer e.mu.Unlock()
	moments := make([]rabbittest.Moment, len(e.story))
	for i, h := range e.story {
		moments[i] = rabbittest.Moment{At: h.at, What: fmt.Sprintf("%T%+v", h.event, h.event)}
	}
	return moments
}

// nothingLost fails the test if a channel or a connection was lost.
func (e *events) nothingLost(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.errs) > 0 {
		t.Errorf("channels or connections were lost: %v", e.errs)
	}
}

func (e *events) count(name string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.counts[name]
}
