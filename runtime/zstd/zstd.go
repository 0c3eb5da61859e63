// Package zstd has the content encoding zstd (RFC 8878) for clients of package runtime:
//
//	producer, err := orders.NewProducer(ctx, source, runtime.WithContentEncoding(zstd.Name, zstd.New()))
//
// It is a module of its own, so that programs that do not use it do not depend on
// github.com/klauspost/compress.
package zstd

import (
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Name is the name of the encoding.
const Name = "zstd"

// maxWindow is the largest window that is read, in bytes. RFC 9659 says that content with this
// encoding needs no more.
const maxWindow = 8 << 20

// A Codec is a runtime.ContentCodec. Create one with New. Many goroutines may use it, and several
// clients can share one. It keeps what it compresses and decompresses with for further messages.
type Codec struct{ encoders, decoders sync.Pool }

// New returns a codec that compresses at the library's default level.
func New() *Codec { return new(Codec) }

// NewWriter returns a writer that writes to w what is written to it, compressed.
func (c *Codec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	if encoder, ok := c.encoders.Get().(*zstd.Encoder); ok {
		encoder.Reset(w)
		return &writer{encoder, c}, nil
	}
	encoder, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, err
	}
	return &writer{encoder, c}, nil
}

// NewReader returns a reader of what r has, decompressed. It refuses content that needs a window of
// more than 8 MiB.
func (c *Codec) NewReader(r io.Reader) (io.ReadCloser, error) {
	if decoder, ok := c.decoders.Get().(*zstd.Decoder); ok {
		return &reader{decoder, c}, decoder.Reset(r)
	}
	decoder, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return &reader{decoder, c}, nil
}

// A writer gives its encoder back when it is closed.
type writer struct {
	*zstd.Encoder
	codec *Codec
}

func (w *writer) Close() error {
	err := w.Encoder.Close()
	w.Reset(nil)
	w.codec.encoders.Put(w.Encoder)
	return err
}

// A reader gives its decoder back when it is closed.
type reader struct {
	*zstd.Decoder
	codec *Codec
}

func (r *reader) Close() error {
	err := r.Reset(nil)
	r.codec.decoders.Put(r.Decoder)
	return err
}
