//go:build unix

package amqpbench

import (
	"os"
	"testing"
	"time"

	"github.com/scampgen/scampgen/runtime"
)

func BenchmarkProfile(b *testing.B) {
	url := startNullBroker(b)
	body := make([]byte, bodySize)
	l := load{100, 1}
	raw, scamp := newRaw(b, url, true), newScamp(b, url, runtime.WithWindow(100))
	for range b.N {
		if os.Getenv("SIDE") == "raw" {
			drive(b, l, 3*time.Second, func(int) (func() error, error) { return raw.publish(body) })
		} else {
			drive(b, l, 3*time.Second, func(share int) (func() error, error) { return scamp.publish(body, share) })
		}
	}
}
