package runtime

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestAnswersKeepTheBrokersRules answers a thousand deliveries in every kind of disorder.
// fakeChannel fails the test for a frame that the broker would refuse. The test checks that each
// delivery got its answer, and that those left open got none.
func TestAnswersKeepTheBrokersRules(t *testing.T) {
	for _, prefetch := range []int{1, 2, 10, 100, 1000} {
		for _, workers := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("prefetch %d, %d workers", prefetch, workers), func(t *testing.T) {
				channel := newFakeChannel(t)
				a := newAnswers(channel, prefetch, workers, func(err error) { t.Error(err) })
				var mu sync.Mutex
				var acked, rejected []uint64
				tags := make(chan uint64)
				var group sync.WaitGroup
				for range workers {
					group.Go(func() {
						for tag := range tags {
							var err error
							choice := rand.N(10)
							switch choice {
							case 0:
								continue // left open
							case 1:
								err = a.Reject(tag, false)
							case 2:
								err = a.Ack(tag, false)
							default:
								err = a.ack(tag)
							}
							if err != nil {
								t.Errorf("tag %d: %v", tag, err)
							}
							mu.Lock()
							if choice == 1 {
								rejected = append(rejected, tag)
							} else {
								acked = append(acked, tag)
							}
							mu.Unlock()
						}
					})
				}
				for tag := uint64(1); tag <= 1000; tag++ {
					channel.mu.Lock()
					channel.outstanding = append(channel.outstanding, tag)
					channel.mu.Unlock()
					a.add(tag)
					tags <- tag
				}
				close(tags)
				group.Wait()
				a.close()
				slices.Sort(acked)
				slices.Sort(rejected)
				if got := channel.answered(); !slices.Equal(got, acked) {
					t.Errorf("acknowledged %d deliveries, want %d", len(got), len(acked))
				}
				if got := slices.Sorted(slices.Values(channel.refused())); !slices.Equal(got, rejected) {
					t.Errorf("rejected %v, want %v", got, rejected)
				}
			})
		}
	}
}

func TestAcknowledgementsAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		stop := start(t, newTestConsumer(t, newFakeSource(channel), succeed))
		for range 980 {
			channel.deliver(message("1"))
		}
		synctest.Wait()
		if got, want := channel.frames, 980/49; got != want {
			t.Errorf("%d frames for 980 deliveries at prefetch 100, want %d", got, want)
		}
		channel.deliver(message("last"))
		synctest.Wait()
		if got := len(channel.answered()); got != 980 {
			t.Errorf("the last delivery was acknowledged at once: %d", got)
		}
		time.Sleep(batchDelay)
		synctest.Wait()
		if got := len(channel.answered()); got != 981 {
			t.Errorf("%d deliveries acknowledged after %v, want all 981", got, batchDelay)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestSlowHandlerHoldsUpNoAcknowledgement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := newFakeChannel(t)
		a := newAnswers(channel, 100, 2, func(err error) { t.Error(err) })
		for tag := uint64(1); tag <= 90; tag++ {
			channel.outstanding = append(channel.outstanding, tag)
			a.add(tag)
			if tag > 1 {
				_ = a.ack(tag)
			}
		}
		time.Sleep(batchDelay)
		synctest.Wait()
		if got := len(channel.answered()); got != 89 {
			t.Errorf("%d of 89 acknowledged while the first is being handled", got)
		}
		_ = a.ack(1)
		a.close()
		if got := len(channel.answered()); got != 90 {
			t.Errorf("%d of 90 acknowledged", got)
		}
	})
}

// The time stands still, so that no acknowledgement is written before the channel dies.
func TestAnswersOfDeadChannelAreStale(t *testing.T) {
	synctest.Test(t, testAnswersOfDeadChannelAreStale)
}

func testAnswersOfDeadChannelAreStale(t *testing.T) {
	channel := newFakeChannel(t)
	var told error
	a := newAnswers(channel, 100, 1, func(err error) { told = err })
	a.add(1)
	a.add(2)
	if err := a.ack(1); err != nil {
		t.Fatal(err)
	}
	channel.die()
	a.discard()
	if !errors.Is(told, ErrStale) {
		t.Errorf("got %v for the acknowledgement that was dropped, want ErrStale", told)
	}
	for name, answer := range map[string]func() error{
		"handled": func() error { return a.ack(2) },
		"Ack":     func() error { return a.Ack(2, false) },
		"Reject":  func() error { return a.Reject(2, true) },
	} {
		if err := answer(); !errors.Is(err, ErrStale) {
			t.Errorf("%s: %v, want ErrStale", name, err)
		}
	}
	if channel.frames != 0 {
		t.Errorf("%d frames sent, want 0", channel.frames)
	}
}

func TestHandlerCannotAcknowledgeOthers(t *testing.T) {
	channel := newFakeChannel(t)
	a := newAnswers(channel, 100, 1, nil)
	a.add(1)
	a.add(2)
	if err := a.Ack(2, true); err == nil || channel.frames != 0 {
		t.Errorf("got %v and %d frames, want a refusal and none", err, channel.frames)
	}
}

// TestLateAcknowledgementsAreReported calls close while the frame of an acknowledgement is being
// written. What is handled meanwhile is either acknowledged or reported as too late.
func TestLateAcknowledgementsAreReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channel := &slowAck{fakeChannel: newFakeChannel(t)}
		a := newAnswers(channel, 1000, 1, func(err error) { t.Error(err) })
		for tag := uint64(1); tag <= 2; tag++ {
			channel.outstanding = append(channel.outstanding, tag)
			a.add(tag)
		}
		if err := a.ack(1); err != nil {
			t.Fatal(err)
		}
		go a.close()
		synctest.Wait() // it is being written
		err := a.ack(2)
		time.Sleep(time.Minute)
		if got := channel.answered(); !errors.Is(err, ErrStale) && len(got) != 2 {
			t.Errorf("acknowledged %v, and the second answer had the error %v", got, err)
		}
	})
}

// slowAck takes a second to write an acknowledgement.
type slowAck struct{ *fakeChannel }

func (c *slowAck) Ack(tag uint64, multiple bool) error {
	time.Sleep(time.Second)
	return c.fakeChannel.Ack(tag, multiple)
}

// TestStaleIsCalledUnlocked uses an observer that answers another delivery when it hears of an
// acknowledgement that came too late.
func TestStaleIsCalledUnlocked(t *testing.T) {
	for name, end := range map[string]func(*answers){
		"kill":  (*answers).discard,
		"close": (*answers).close,
		"send":  (*answers).flush,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				channel := newFakeChannel(t)
				var a *answers
				told := 0
				a = newAnswers(channel, 1000, 1, func(error) {
					told++
					if !a.mu.TryLock() {
						t.Error("called with the lock held")
						return
					}
					a.mu.Unlock()
				})
				a.add(1)
				if err := a.ack(1); err != nil {
					t.Fatal(err)
				}
				channel.die()
				end(a)
				time.Sleep(time.Second)
				if told != 1 {
					t.Errorf("called %d times, want once", told)
				}
			})
		})
	}
}
