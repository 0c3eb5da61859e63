package zstd_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	library "github.com/klauspost/compress/zstd"

	"github.com/scampgen/scampgen/runtime"
	"github.com/scampgen/scampgen/runtime/scamptest"
	"github.com/scampgen/scampgen/runtime/zstd"
)

var _ runtime.ContentCodec = zstd.New()

// Many goroutines compress and decompress with one codec.
func TestRoundTrips(t *testing.T) {
	codec := zstd.New()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 50 {
				content := bytes.Repeat([]byte{byte(rand.IntN(256)), 'x'}, rand.IntN(100000))
				got, err := read(codec, write(t, codec, content))
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("%d bytes are read as %d: %v", len(content), len(got), err)
				}
			}
		})
	}
	group.Wait()
}

// What is broken is an error, and the codec can be used afterwards.
func TestBrokenContent(t *testing.T) {
	codec := zstd.New()
	whole := write(t, codec, []byte(strings.Repeat("parcel ", 1000)))
	var far bytes.Buffer
	encoder, err := library.NewWriter(&far, library.WithWindowSize(32<<20), library.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	for range 40 {
		if _, err := encoder.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cut": whole[:len(whole)-3], "other": []byte("parcel"), "a window of 32 MiB": far.Bytes()} {
		if _, err := read(codec, data); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := read(codec, whole); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// Clients use the codec that they are given.
func TestClients(t *testing.T) {
	publication := &runtime.Publication{Name: "Note", RoutingKey: "notes", Type: "Note", ContentType: "text/plain", ContentEncoding: zstd.Name}
	queue := runtime.Queue{Name: "notes", Durable: true}
	declarations := &runtime.Declarations{Queues: []runtime.Queue{queue}}
	source, codec := scamptest.New(), runtime.WithContentEncoding(zstd.Name, zstd.New())
	producer, err := runtime.NewProducer(t.Context(), source, declarations, codec)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("parcel ", 1000)
	if _, err := producer.Publish(t.Context(), publication, text); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	consumer, err := runtime.NewConsumer(ctx, source, runtime.Subscription{
		Queue: queue, Declarations: declarations,
		Routes: []runtime.Route{runtime.RouteText(publication, func(ctx context.Context, got string) error {
			if delivery := runtime.DeliveryFrom(ctx); got != text || len(delivery.Body) > 200 {
				t.Errorf("got %d characters of %d bytes", len(got), len(delivery.Body))
			}
			cancel()
			return nil
		})},
	}, codec)
	if err != nil {
		t.Fatal(err)
	}
	if err := consumer.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if consumer.Count(runtime.EventHandled) != 1 {
		t.Error("the message has not been handled")
	}
}

func write(t *testing.T, codec *zstd.Codec, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := codec.NewWriter(&b)
	if err != nil {
		t.Error(err)
		return nil
	}
	if _, err := w.Write(content); err != nil {
		t.Error(err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

func read(codec *zstd.Codec, data []byte) ([]byte, error) {
	r, err := codec.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
