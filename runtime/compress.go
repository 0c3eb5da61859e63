package runtime

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
)

// A ContentCodec compresses and decompresses the bodies of messages in one content encoding. Many
// goroutines call its methods at once.
type ContentCodec interface {
	// NewWriter returns a writer that writes to w what is written to it, compressed. Its Close
	// ends the content and does not close w; then the writer is not used any more.
	NewWriter(w io.Writer) (io.WriteCloser, error)
	// NewReader returns a reader of what r has, decompressed. It is closed when it is not needed
	// any more. It must not take much memory before it has been read: the content may come from
	// strangers. How much is read of it is limited: see WithMaxContentSize.
	NewReader(r io.Reader) (io.ReadCloser, error)
}

// WithContentEncoding lets a client compress and decompress the bodies of messages whose content
// encoding property is name, in lower case. A producer compresses what the contract gives the
// encoding; a consumer decompresses what has it, whatever the contract says. "gzip" and "deflate"
// are known to every client and can be replaced. "zstd" is in the module
// github.com/scampgen/scampgen/runtime/zstd. An encoding without a codec is refused: the publish
// fails, and the delivery is invalid content.
//
// Encrypted messages are compressed first. The length of a compressed body says something about
// what is in it: do not compress secrets together with what a stranger has written.
func WithContentEncoding(name string, codec ContentCodec) Option {
	return contentEncodingOption{name, codec}
}

type contentEncodingOption struct {
	name  string
	codec ContentCodec
}

func (o contentEncodingOption) applyToProducer(c *producerConfig) { o.apply(&c.encodings) }
func (o contentEncodingOption) applyToConsumer(c *consumerConfig) { o.apply(&c.encodings) }

func (o contentEncodingOption) apply(encodings *contentEncodings) {
	all := maps.Clone(*encodings)
	all[o.name] = o.codec
	*encodings = all
}

// WithMaxContentSize limits how many bytes a body may have after it has been decompressed. What has
// more is invalid content, and takes no more memory than about twice the limit. The default is
// Broker.MaxMessageSize, or 128 MiB if that is 0.
func WithMaxContentSize(bytes int) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.maxContent = bytes })
}

// maxContent is the default of WithMaxContentSize.
const maxContent = 128 << 20

// contentEncodings are the codecs of a client by the names of their encodings.
type contentEncodings map[string]ContentCodec

// standardEncodings are the codecs that every client has.
var standardEncodings = contentEncodings{"gzip": &gzipCodec{}, "deflate": &deflateCodec{}}

// check returns an error for an encoding that cannot be.
func (e contentEncodings) check() error {
	for name, codec := range e {
		if codec == nil {
			return fmt.Errorf("WithContentEncoding: no codec for %q", name)
		}
		if name == "" || name != strings.ToLower(name) || encodingOf(name) != name {
			return fmt.Errorf("WithContentEncoding: %q is not the name of an encoding in lower case", name)
		}
	}
	return nil
}

// codec returns the codec of the compression that a content encoding property names.
func (e contentEncodings) codec(property string) (ContentCodec, error) {
	if codec := e[encodingOf(property)]; codec != nil {
		return codec, nil
	}
	return nil, fmt.Errorf("content encoding %.100q: there is no codec for it (see WithContentEncoding)", property)
}

// notCompressed are values of the property that name no compression: HTTP's identity, and the
// character sets and transfer encodings that client libraries such as Spring AMQP and Celery set.
var notCompressed = map[string]bool{"": true, "identity": true, "utf-8": true, "utf8": true, "us-ascii": true, "ascii": true, "binary": true, "7bit": true, "8bit": true}

// encodingOf returns the compression that a content encoding property names, "" for none. Spring
// AMQP puts its own in front of the character set: "gzip:UTF-8" or "gzip, UTF-8". What names
// several compressions is returned as it is, and nobody has a codec for it.
func encodingOf(property string) string {
	if property == "" {
		return ""
	}
	found := ""
	for _, name := range strings.FieldsFunc(strings.ToLower(property), func(r rune) bool { return r == ',' || r == ':' }) {
		switch name = strings.TrimSpace(name); {
		case notCompressed[name]:
		case found != "":
			return property
		case name == "x-gzip": // RFC 9110
			found = "gzip"
		default:
			found = name
		}
	}
	return found
}

// compress replaces m's body as its content encoding says. It does not change the old body, and
// reports whether there is another one.
func (e contentEncodings) compress(m *Message) (bool, error) {
	if encodingOf(m.ContentEncoding) == "" {
		return false, nil
	}
	codec, err := e.codec(m.ContentEncoding)
	if err != nil {
		return false, err
	}
	var compressed bytes.Buffer
	compressed.Grow(len(m.Body)/4 + 64)
	w, err := codec.NewWriter(&compressed)
	if err == nil {
		_, err = w.Write(m.Body)
		err = errors.Join(err, w.Close())
	}
	if err != nil {
		return false, fmt.Errorf("compress: %w", err)
	}
	m.Body = compressed.Bytes()
	return true, nil
}

// decompress returns the delivery with its body decompressed, itself if that is not compressed.
func (e contentEncodings) decompress(delivery *Delivery, most int) (*Delivery, error) {
	if encodingOf(delivery.ContentEncoding) == "" {
		return delivery, nil
	}
	codec, err := e.codec(delivery.ContentEncoding)
	if err != nil {
		return nil, &InvalidError{Reason: err.Error()}
	}
	body, err := readAll(codec, delivery.Body, most)
	if err != nil {
		return nil, &InvalidError{Reason: "decompress", Err: err}
	}
	opened := *delivery
	opened.Body = body
	return &opened, nil
}

// readAll returns what data is compressed, at most so many bytes.
func readAll(codec ContentCodec, data []byte, most int) ([]byte, error) {
	r, err := codec.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if closed := r.Close(); err == nil {
		err = closed
	}
	switch {
	case len(body) > most:
		return nil, fmt.Errorf("the content has more than %d bytes (see WithMaxContentSize)", most)
	case err != nil:
		return nil, err
	}
	return body, nil
}

// gzipCodec is the encoding gzip (RFC 1952).
type gzipCodec struct{ writers sync.Pool }

func (c *gzipCodec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	return newPooledWriter(&c.writers, w, func() resettable { return gzip.NewWriter(nil) }), nil
}

func (c *gzipCodec) NewReader(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }

// deflateCodec is the encoding deflate. For HTTP, which names it, that is the format of zlib (RFC
// 1950). Some write deflated data without zlib's header (RFC 1951), which is read, too.
type deflateCodec struct{ writers sync.Pool }

func (c *deflateCodec) NewWriter(w io.Writer) (io.WriteCloser, error) {
	return newPooledWriter(&c.writers, w, func() resettable { return zlib.NewWriter(nil) }), nil
}

func (c *deflateCodec) NewReader(r io.Reader) (io.ReadCloser, error) {
	buffered := bufio.NewReader(r)
	if header, err := buffered.Peek(2); err == nil && header[0]&0x0f == 8 && (uint(header[0])<<8|uint(header[1]))%31 == 0 {
		return zlib.NewReader(buffered)
	}
	return flate.NewReader(buffered), nil
}

// resettable is a compressing writer of the standard library. It is large: it is used again.
type resettable interface {
	io.WriteCloser
	Reset(w io.Writer)
}

// A pooledWriter is a writer that goes back to its pool when it is closed.
type pooledWriter struct {
	resettable
	pool *sync.Pool
}

func newPooledWriter(pool *sync.Pool, w io.Writer, create func() resettable) *pooledWriter {
	writer, ok := pool.Get().(resettable)
	if !ok {
		writer = create()
	}
	writer.Reset(w)
	return &pooledWriter{writer, pool}
}

func (w *pooledWriter) Close() error {
	err := w.resettable.Close()
	w.Reset(nil)
	w.pool.Put(w.resettable)
	return err
}
