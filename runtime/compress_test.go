package runtime

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// compressed returns content as a compressing writer of the standard library writes it.
func compressed(t *testing.T, content []byte, create func(io.Writer) io.WriteCloser) []byte {
	t.Helper()
	var b bytes.Buffer
	w := create(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
func zlibbed(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
func deflated(w io.Writer) io.WriteCloser {
	f, _ := flate.NewWriter(w, flate.BestCompression)
	return f
}

// What a consumer reads by the content encoding of a delivery.
func TestDecompress(t *testing.T) {
	const most = 10000
	text := []byte(strings.Repeat("parcel ", 1000))
	packed := map[string][]byte{"gzip": compressed(t, text, gzipped), "zlib": compressed(t, text, zlibbed), "raw": compressed(t, text, deflated)}
	bomb := compressed(t, make([]byte, 1<<20), gzipped)
	for _, c := range []struct {
		name, encoding string
		body, want     []byte
		wrong          string
	}{
		{"gzip", "gzip", packed["gzip"], text, ""},
		{"another case", "GZIP", packed["gzip"], text, ""},
		{"the old name", "x-gzip", packed["gzip"], text, ""},
		{"two members", "gzip", append(compressed(t, text[:70], gzipped), compressed(t, text[70:], gzipped)...), text, ""},
		{"Spring AMQP", "gzip:UTF-8", packed["gzip"], text, ""},
		{"a newer Spring AMQP", "gzip, UTF-8", packed["gzip"], text, ""},
		{"deflate", "deflate", packed["zlib"], text, ""},
		{"deflate without a header", "deflate", packed["raw"], text, ""},
		{"none", "", text, text, ""},
		{"identity", "identity", text, text, ""},
		{"a character set", "UTF-8", text, text, ""},
		{"binary", "binary", text, text, ""},
		{"unknown", "br", text, nil, `invalid content: content encoding "br": there is no codec for it (see WithContentEncoding)`},
		{"two", "deflate, gzip", text, nil, `invalid content: content encoding "deflate, gzip": there is no codec for it (see WithContentEncoding)`},
		{"not gzip", "gzip", text, nil, "invalid content: decompress: gzip: invalid header"},
		{"empty", "gzip", nil, nil, "invalid content: decompress: EOF"},
		{"cut", "gzip", packed["gzip"][:40], nil, "invalid content: decompress: unexpected EOF"},
		{"changed", "gzip", append(bytes.Clone(packed["gzip"][:len(packed["gzip"])-8]), make([]byte, 8)...), nil, "invalid content: decompress: gzip: invalid checksum"},
		{"cut deflate", "deflate", packed["raw"][:10], nil, "invalid content: decompress: unexpected EOF"},
		{"empty deflate", "deflate", nil, nil, "invalid content: decompress: unexpected EOF"},
		{"a bomb", "gzip", bomb, nil, "invalid content: decompress: the content has more than 10000 bytes (see WithMaxContentSize)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := bytes.Clone(c.body)
			delivery := &Delivery{Message: Message{ContentEncoding: c.encoding, Body: c.body}}
			opened, err := standardEncodings.decompress(delivery, most)
			if c.wrong != "" {
				if !isType[*InvalidError](err) || err.Error() != c.wrong {
					t.Errorf("got %v, want %s", err, c.wrong)
				}
				return
			}
			if err != nil || !bytes.Equal(opened.Body, c.want) {
				t.Errorf("got %v and %.20q", err, opened.Body)
			}
			if !bytes.Equal(delivery.Body, before) || delivery.ContentEncoding != c.encoding {
				t.Error("the delivery has changed")
			}
		})
	}
}

// A content of exactly the limit is not too large.
func TestDecompressLimit(t *testing.T) {
	content := bytes.Repeat([]byte("x"), 1000)
	delivery := &Delivery{Message: Message{ContentEncoding: "gzip", Body: compressed(t, content, gzipped)}}
	if _, err := standardEncodings.decompress(delivery, 1000); err != nil {
		t.Error(err)
	}
	if _, err := standardEncodings.decompress(delivery, 999); !isType[*InvalidError](err) {
		t.Errorf("got %v", err)
	}
}

// What a producer compresses, a consumer decompresses, from many goroutines at once and with writers
// that are used again.
func TestCompressAgain(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 50 {
				content := make([]byte, rand.IntN(5000))
				for j := range content {
					content[j] = byte(rand.IntN(4))
				}
				name := []string{"gzip", "deflate", "utf-8", ""}[i%4]
				m := Message{ContentEncoding: name, Body: bytes.Clone(content)}
				changed, err := standardEncodings.compress(&m)
				if err != nil || changed != (i%4 < 2) || changed && len(content) > 500 && len(m.Body) >= len(content) {
					t.Errorf("%s: %v, %d of %d bytes, %v", name, changed, len(m.Body), len(content), err)
				}
				opened, err := standardEncodings.decompress(&Delivery{Message: m}, 5000)
				if err != nil || !bytes.Equal(opened.Body, content) {
					t.Errorf("%s: %v", name, err)
				}
			}
		})
	}
	group.Wait()
}

// upper is a codec that a program has registered.
type upper struct{ fail error }

func (u upper) NewWriter(w io.Writer) (io.WriteCloser, error) { return upperWriter{w}, u.fail }
func (u upper) NewReader(r io.Reader) (io.ReadCloser, error) {
	b, _ := io.ReadAll(r)
	return io.NopCloser(bytes.NewReader(bytes.ToLower(b))), u.fail
}

type upperWriter struct{ io.Writer }

func (w upperWriter) Write(p []byte) (int, error) { return w.Writer.Write(bytes.ToUpper(p)) }
func (upperWriter) Close() error                  { return nil }

func TestRegisteredCodec(t *testing.T) {
	broken := errors.New("broken")
	producer := newProducerConfig(SourceInfo{}, []ProducerOption{WithContentEncoding("upper", upper{}), WithContentEncoding("broken", upper{broken})})
	consumer := newConsumerConfig(SourceInfo{}, []ConsumerOption{WithContentEncoding("upper", upper{}), WithContentEncoding("broken", upper{broken}), WithMaxContentSize(3)})
	m := Message{ContentEncoding: "upper", Body: []byte("abc")}
	if _, err := producer.encodings.compress(&m); err != nil || string(m.Body) != "ABC" {
		t.Errorf("got %s, %v", m.Body, err)
	}
	if opened, err := consumer.encodings.decompress(&Delivery{Message: m}, consumer.maxContent); err != nil || string(opened.Body) != "abc" {
		t.Errorf("got %v", err)
	}
	m.Body = []byte("ABCD")
	if _, err := consumer.encodings.decompress(&Delivery{Message: m}, consumer.maxContent); !isType[*InvalidError](err) {
		t.Errorf("got %v", err)
	}
	m.ContentEncoding = "broken"
	if _, err := producer.encodings.compress(&m); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := consumer.encodings.decompress(&Delivery{Message: m}, 10); !errors.Is(err, broken) || !isType[*InvalidError](err) {
		t.Errorf("got %v", err)
	}
	if len(standardEncodings) != 2 {
		t.Error("an option has changed the codecs of all clients")
	}
}

func TestContentEncodingOptions(t *testing.T) {
	for want, options := range map[string][]ConsumerOption{
		"": {WithContentEncoding("zstd", upper{})},
		`WithContentEncoding: no codec for "zstd"`:                                  {WithContentEncoding("zstd", nil)},
		`WithContentEncoding: "ZSTD" is not the name of an encoding in lower case`:  {WithContentEncoding("ZSTD", upper{})},
		`WithContentEncoding: "" is not the name of an encoding in lower case`:      {WithContentEncoding("", upper{})},
		`WithContentEncoding: "utf-8" is not the name of an encoding in lower case`: {WithContentEncoding("utf-8", upper{})},
		"content size 0: wanted at least 1":                                         {WithMaxContentSize(0)},
	} {
		config := newConsumerConfig(SourceInfo{}, options)
		if err := config.check(Subscription{}); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// The default limit is what the connection sends at most.
func TestMaxContentOfConnection(t *testing.T) {
	connection := DedicatedConnection(Broker{URL: "amqp://localhost", MaxMessageSize: 1234})
	defer connection.Close(t.Context())
	source := DedicatedChannel(connection)
	for _, c := range []struct {
		source ConsumerSource
		want   int
	}{
		{source, 1234},
		{ActivePassive(source, source, Failover{}), 1234},
		{ActivePassive(source, source, Failover{Consumers: ConsumeTakeOver}), 1234},
		{&fakeSource{}, 128 << 20},
	} {
		if got := newConsumerConfig(c.source.Info(), nil).maxContent; got != c.want {
			t.Errorf("%T: got %d, want %d", c.source, got, c.want)
		}
	}
}

// An encrypted message is compressed before. Of one that cannot be decompressed nothing is said that
// tells whether it was decrypted, if that is not known.
func TestCompressedAndEncrypted(t *testing.T) {
	cbc, err := NewRascalProfile("cbc", "aes-256-cbc", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := NewAESGCMProfile("gcm", bytes.Repeat([]byte{2}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, profile := range []*EncryptionProfile{cbc, gcm} {
		got := ""
		router, err := newRouter([]Route{RouteText(orderPlaced, func(_ context.Context, text string) error { got = text; return nil })}, "", ring(t, profile))
		if err != nil {
			t.Fatal(err)
		}
		router.encodings, router.maxContent = standardEncodings, 1000
		text := strings.Repeat("secret ", 100)
		m := Message{MessageID: "1", ContentType: "text/plain", ContentEncoding: "gzip", Body: []byte(text)}
		if _, err := standardEncodings.compress(&m); err != nil {
			t.Fatal(err)
		}
		plain := m.Body
		profile.encrypt(&m)
		if len(m.Body) > len(plain)+32 {
			t.Errorf("%d bytes of %d", len(m.Body), len(plain))
		}
		if err := router.handle(t.Context(), &Delivery{Message: m}); err != nil || got != text {
			t.Errorf("got %.20q, %v", got, err)
		}
		broken := Message{MessageID: "1", ContentType: "text/plain", ContentEncoding: "gzip", Body: []byte("secret")}
		profile.encrypt(&broken)
		want := map[*EncryptionProfile]string{cbc: "invalid content: decrypt", gcm: "invalid content: decompress"}[profile]
		if err := router.handle(t.Context(), &Delivery{Message: broken}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
