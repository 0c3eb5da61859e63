package runtime_test

import (
	"testing"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestConsumeIsChecked calls Consume with prefetches that mean no limit to the broker, and twice.
func TestConsumeIsChecked(t *testing.T) {
	server := peer(t, nullbroker.Config{})
	source := runtime.DedicatedChannel(connect(t, server.URL()))
	channel, err := source.ConsumerChannel(testContext(t), runtime.ConsumerRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, prefetch := range []int{-1, 0, 1 << 16} {
		if _, err := channel.Consume(testContext(t), runtime.ConsumeRequest{Queue: "q", Prefetch: prefetch}); err == nil {
			t.Errorf("consumes with a prefetch of %d", prefetch)
		}
	}
	if _, err := channel.Consume(testContext(t), runtime.ConsumeRequest{Queue: "q", Prefetch: 1<<16 - 1}); err != nil {
		t.Error(err)
	}
	if _, err := channel.Consume(testContext(t), runtime.ConsumeRequest{Queue: "q", Prefetch: 1}); err == nil {
		t.Error("consumes twice")
	}
}
