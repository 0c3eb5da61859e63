package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scampgen/scampgen/internal/nullbroker"
	"github.com/scampgen/scampgen/runtime"
)

// TestMissingConfirm waits for a confirm that does not come: the error says what was waited for.
func TestMissingConfirm(t *testing.T) {
	server := peer(t, nullbroker.Config{Publish: func(nullbroker.Publish) nullbroker.Answer { return nullbroker.Silent }})
	producer := produce(t, runtime.DedicatedChannel(connect(t, server.URL())), nil, runtime.WithPublishTimeout(50*time.Millisecond))
	_, err := producer.Publish(testContext(t), &runtime.Publication{Name: "Test", Exchange: "x", RoutingKey: "k"}, "m", runtime.WithMessageID("1"))
	var unknown *runtime.UnknownError
	if !errors.As(err, &unknown) || !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	if unknown.MessageID != "1" || unknown.Exchange != "x" || unknown.RoutingKey != "k" || unknown.Waited < 50*time.Millisecond {
		t.Errorf("got %+v", unknown)
	}
	for _, want := range []string{`message "1"`, `exchange "x" with routing key "k"`, "not confirmed within " + unknown.Waited.Round(time.Millisecond).String()} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}
