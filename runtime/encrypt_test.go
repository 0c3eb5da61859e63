package runtime

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"strings"
	"testing"
)

const rascalKey = "f81db52a3b2c717fe65d9a3b7dd04d2a08793e1a28e3083db3ea08db56e7c315"

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rascalProfile(t testing.TB, name, algorithm string) *EncryptionProfile {
	t.Helper()
	p, err := NewRascalProfile(name, algorithm, unhex(t, rascalKey)[:map[string]int{"128": 16, "192": 24, "256": 32}[algorithm[4:7]]])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func gcmProfile(t testing.TB, name string, first byte) *EncryptionProfile {
	t.Helper()
	key := unhex(t, rascalKey)
	key[0] = first
	p, err := NewAESGCMProfile(name, key)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func ring(t testing.TB, profiles ...*EncryptionProfile) keyring {
	t.Helper()
	keys, err := newKeyring(profiles)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// The message was published by Rascal 21 and read from a broker.
func TestRascalVector(t *testing.T) {
	body, err := base64.StdEncoding.DecodeString("m2DoH1iXlxMdLhc7EvtPkj2MF+Dkrjr7Zjh8XSDs8d0=")
	if err != nil {
		t.Fatal(err)
	}
	delivery := &Delivery{Message: Message{
		ContentType: "application/octet-stream",
		Headers: Headers{"rascal": Headers{"encryption": Headers{
			"name": "p", "iv": "630d4a862dec6b4bfa14e8cc3a9e479e", "originalContentType": "application/json",
		}}},
		Body: body,
	}}
	opened, _, err := ring(t, rascalProfile(t, "p", "aes-256-cbc")).open(delivery)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(opened.Body); got != `{"a":1,"b":"é"}` || opened.ContentType != "application/json" {
		t.Errorf("opened %q as %q", got, opened.ContentType)
	}
}

func TestEncryptRoundTrip(t *testing.T) {
	profiles := map[string]*EncryptionProfile{"gcm": gcmProfile(t, "gcm", 0)}
	for _, algorithm := range []string{"aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-ctr", "aes-256-ctr"} {
		profiles[algorithm] = rascalProfile(t, algorithm, algorithm)
	}
	for name, profile := range profiles {
		for size := range 50 {
			plain := bytes.Repeat([]byte("x"), size)
			given := Headers{"own": "header"}
			m := Message{MessageID: "m-1", ContentType: "text/plain", Headers: given, Body: plain}
			profile.encrypt(&m)
			if !maps.Equal(given, Headers{"own": "header"}) || !bytes.Equal(plain, bytes.Repeat([]byte("x"), size)) {
				t.Fatalf("%s: what was handed in has changed", name)
			}
			if size >= 16 && bytes.Contains(m.Body, plain) || m.ContentType != "application/octet-stream" || m.Headers["own"] != "header" {
				t.Fatalf("%s: encrypted to %+v", name, m)
			}
			opened, by, err := profile.openFor(t, &m)
			if err != nil || by != profile || !bytes.Equal(opened.Body, plain) || opened.ContentType != "text/plain" {
				t.Fatalf("%s, %d bytes: opened %+v, %v", name, size, opened, err)
			}
		}
	}
}

// openFor opens m with a keyring that holds only this profile.
func (p *EncryptionProfile) openFor(t testing.TB, m *Message) (*Delivery, *EncryptionProfile, error) {
	return ring(t, p).open(&Delivery{Message: *m})
}

// Whatever is wrong with a message, the answer is the same.
func TestTampering(t *testing.T) {
	said := func(m *Message) Headers { return m.Headers["rascal"].(Headers)["encryption"].(Headers) }
	tests := []struct {
		name   string
		change func(*Message)
		both   bool // detected even without authentication
	}{
		{"unknown profile", func(m *Message) { said(m)["name"] = "other" }, true},
		{"no profile", func(m *Message) { delete(said(m), "name") }, true},
		{"no iv", func(m *Message) { delete(said(m), "iv") }, true},
		{"iv of another size", func(m *Message) { said(m)["iv"] = "00" }, true},
		{"iv that is no hex", func(m *Message) { said(m)["iv"] = strings.Repeat("zz", 16) }, true},
		{"header of another type", func(m *Message) { m.Headers["rascal"].(Headers)["encryption"] = "yes" }, true},
		{"another algorithm", func(m *Message) { said(m)["alg"] = "none" }, true},
		{"body of another length", func(m *Message) { m.Body = m.Body[:len(m.Body)-1] }, true},
		{"no body", func(m *Message) { m.Body = nil }, true},
		{"last byte", func(m *Message) { m.Body[len(m.Body)-1] ^= 1 }, false},
		{"first byte", func(m *Message) { m.Body[0] ^= 1 }, false},
		{"another iv", func(m *Message) { said(m)["iv"] = strings.Repeat("00", 12) }, false},
		{"another message id", func(m *Message) { m.MessageID = "m-2" }, false},
		{"another content type", func(m *Message) { said(m)["originalContentType"] = "text/html" }, false},
		{"no algorithm", func(m *Message) { delete(said(m), "alg") }, false},
		{"another version", func(m *Message) { said(m)["v"] = 2 }, false},
	}
	for _, profile := range []*EncryptionProfile{gcmProfile(t, "p", 0), rascalProfile(t, "p", "aes-256-cbc")} {
		for _, test := range tests {
			if !test.both && !profile.authenticated {
				continue
			}
			m := Message{MessageID: "m-1", ContentType: "application/json", Body: []byte(`{"id":"1"}`)}
			profile.encrypt(&m)
			test.change(&m)
			if _, _, err := profile.openFor(t, &m); err != error(errDecrypt) { //nolint:errorlint // the very same
				t.Errorf("%s, %s: %v", profile.algorithm, test.name, err)
			}
		}
	}
	wrong := Message{MessageID: "m-1", ContentType: "application/json", Body: []byte("{}")}
	gcmProfile(t, "p", 0).encrypt(&wrong)
	if _, _, err := gcmProfile(t, "p", 1).openFor(t, &wrong); !errors.Is(err, errDecrypt) {
		t.Errorf("wrong key: %v", err)
	}
}

func TestNewProfileRefuses(t *testing.T) {
	key := make([]byte, 32)
	tests := []struct {
		name string
		make func() (*EncryptionProfile, error)
		want string
	}{
		{"AEAD", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "aes-256-gcm", key) }, "Rascal loses the tag"},
		{"AEAD, other key", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "aes-128-gcm", key[:16]) }, "Rascal loses the tag"},
		{"unknown", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "chacha20-poly1305", key) }, "wanted aes-256-cbc"},
		{"rest", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "aes-256-cbcx", key) }, "wanted aes-256-cbc"},
		{"bits", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "aes-512-cbc", key) }, "wanted aes-256-cbc"},
		{"key", func() (*EncryptionProfile, error) { return NewRascalProfile("p", "aes-128-cbc", key) }, "32 bytes, aes-128-cbc wants 16"},
		{"own key", func() (*EncryptionProfile, error) { return NewAESGCMProfile("p", key[:16]) }, "16 bytes, wanted 32"},
		{"name", func() (*EncryptionProfile, error) { return NewAESGCMProfile("", key) }, "profile: no name"},
	}
	for _, test := range tests {
		if _, err := test.make(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if _, err := newKeyring([]*EncryptionProfile{nil}); err == nil {
		t.Error("a nil profile is taken")
	}
	if _, err := newKeyring([]*EncryptionProfile{gcmProfile(t, "p", 0), gcmProfile(t, "p", 1)}); err == nil {
		t.Error("two profiles of one name are taken")
	}
}

// With a cipher without authentication, a wrong key sometimes yields a body that only the decoder
// refuses. The error must look like any other.
func TestRouterAnswersSealedAlike(t *testing.T) {
	type order struct{ ID string }
	publication := &Publication{Name: "Order", Type: "Order"}
	handled := 0
	route := RouteJSON(publication, func(context.Context, *order) error { handled++; return nil })
	profile := rascalProfile(t, "p", "aes-256-ctr")
	routes, err := newRouter([]Route{route}, "", ring(t, profile))
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Type: "Order", ContentType: "application/json", Body: []byte(`{"ID":"1"}`)}
	profile.encrypt(&m)
	if err := routes.handle(t.Context(), &Delivery{Message: m}); err != nil || handled != 1 {
		t.Fatalf("handled %d, %v", handled, err)
	}
	m.Body[0] ^= 1
	if err := routes.handle(t.Context(), &Delivery{Message: m}); !errors.Is(err, errDecrypt) {
		t.Errorf("a changed body: %v", err)
	}
	if err := routes.handle(t.Context(), &Delivery{Message: Message{Type: "Order", Body: []byte(`{`)}}); errors.Is(err, errDecrypt) || err == nil {
		t.Errorf("a body that was never encrypted: %v", err)
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add("p", "630d4a862dec6b4bfa14e8cc3a9e479e", []byte("0123456789abcdef"))
	keys := ring(f, rascalProfile(f, "p", "aes-256-cbc"), rascalProfile(f, "q", "aes-256-ctr"), gcmProfile(f, "r", 0))
	f.Fuzz(func(t *testing.T, name, iv string, body []byte) {
		came := bytes.Clone(body)
		delivery := &Delivery{Message: Message{Body: body, Headers: Headers{"rascal": Headers{"encryption": Headers{"name": name, "iv": iv}}}}}
		_, _, err := keys.open(delivery)
		if err != nil && !errors.Is(err, errDecrypt) {
			t.Errorf("another answer: %v", err)
		}
		if !bytes.Equal(body, came) {
			t.Error("the delivery's body has changed")
		}
	})
}
