package runtime

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	for _, test := range []struct {
		name    string
		backoff Backoff
		attempt int
		want    time.Duration
	}{
		{"first of the zero value", Backoff{}, 0, 100 * time.Millisecond},
		{"third of the zero value", Backoff{}, 2, 400 * time.Millisecond},
		{"never beyond Max", Backoff{}, 1000, 30 * time.Second},
		{"own values", Backoff{Min: time.Second, Max: 5 * time.Second, Factor: 3}, 1, 3 * time.Second},
		{"capped", Backoff{Min: time.Second, Max: 5 * time.Second, Factor: 3}, 2, 5 * time.Second},
		{"always the same", Backoff{Min: time.Second, Max: time.Second, Factor: 1}, 9, time.Second},
		{"Min above the default Max", Backoff{Min: time.Hour}, 3, time.Hour},
		{"before the first", Backoff{}, -1, 100 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.backoff.delay(test.attempt); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for range 100 {
				if got := test.backoff.jittered(test.attempt); got < test.want/2 || got > test.want {
					t.Fatalf("with jitter %v, want %v to %v", got, test.want/2, test.want)
				}
			}
		})
	}
}
