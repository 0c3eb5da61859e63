package runtime

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestMiddlewareOrder(t *testing.T) {
	var order []string
	note := func(name string) Middleware {
		return func(next Handler) Handler {
			return func(ctx context.Context, d *Delivery) error {
				order = append(order, name)
				return next(ctx, d)
			}
		}
	}
	handler := chain(func(context.Context, *Delivery) error { order = append(order, "handler"); return nil }, []Middleware{note("first"), note("second")})
	if err := handler(t.Context(), &Delivery{}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"first", "second", "handler"}; !slices.Equal(order, want) {
		t.Errorf("called %v, want %v", order, want)
	}
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := HandlerTimeout(time.Second)(func(ctx context.Context, _ *Delivery) error {
			<-ctx.Done()
			return ctx.Err()
		})(t.Context(), &Delivery{})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
	})
}

func TestDeduplicate(t *testing.T) {
	store := &mapStore{ids: make(map[string]bool)}
	var calls int
	var result error
	handler := Deduplicate(store)(func(context.Context, *Delivery) error { calls++; return result })
	deliver := func(id string) error {
		return handler(t.Context(), &Delivery{Message: Message{MessageID: id}})
	}
	result = errShop
	if err := deliver("1"); !errors.Is(err, errShop) || store.ids["1"] {
		t.Errorf("a failed message: %v, remembered %v", err, store.ids)
	}
	result = nil
	for range 3 {
		if err := deliver("1"); err != nil {
			t.Error(err)
		}
	}
	if calls != 2 {
		t.Errorf("called %d times, want once for the failure and once for the success", calls)
	}
	for range 2 {
		if err := deliver(""); err != nil {
			t.Error(err)
		}
	}
	if calls != 4 {
		t.Errorf("messages without an id: called %d times in all, want 4", calls)
	}
	store.broken = errors.New("the store is down")
	if err := deliver("2"); !errors.Is(err, store.broken) || calls != 4 {
		t.Errorf("got %v with %d calls, want the store's error before the handler", err, calls)
	}
}

type mapStore struct {
	ids    map[string]bool
	broken error
}

func (s *mapStore) Handled(_ context.Context, id string) (bool, error) { return s.ids[id], s.broken }

func (s *mapStore) Remember(_ context.Context, id string) error {
	s.ids[id] = true
	return s.broken
}

func TestRememberLast(t *testing.T) {
	store := RememberLast(2)
	for _, id := range []string{"1", "2", "2", "3"} {
		if err := store.Remember(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]bool{"1": false, "2": true, "3": true} {
		if got, err := store.Handled(t.Context(), id); got != want || err != nil {
			t.Errorf("%s: %v, %v, want %v", id, got, err, want)
		}
	}
}
