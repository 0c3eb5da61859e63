package interop_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/scampgen/scampgen/runtime"
)

func TestEncrypted(t *testing.T) {
	s := openShop(t)
	for _, test := range []struct {
		algorithm string
		keySize   int
	}{
		{"aes-256-cbc", 32},
		{"aes-128-ctr", 16},
	} {
		profile, profiles := newProfile(t, test.algorithm, test.keySize)
		t.Run("from Rascal "+test.algorithm, func(t *testing.T) { encryptedFromRascal(t, s, profile, profiles) })
		t.Run("to Rascal "+test.algorithm, func(t *testing.T) { encryptedToRascal(t, s, profile, profiles) })
	}
}

// newProfile returns a profile and Rascal's configuration for it.
func newProfile(t *testing.T, algorithm string, keySize int) (*runtime.EncryptionProfile, map[string]any) {
	t.Helper()
	key := bytes.Repeat([]byte{0xa7}, keySize)
	profile, err := runtime.NewRascalProfile("current", algorithm, key)
	if err != nil {
		t.Fatal(err)
	}
	return profile, map[string]any{
		"current": map[string]any{"algorithm": algorithm, "key": hex.EncodeToString(key), "ivLength": 16},
	}
}

func encryptedFromRascal(t *testing.T, s *shop, profile *runtime.EncryptionProfile, profiles map[string]any) {
	arrivals, stop := s.consume(t, nil, runtime.WithDecryption(profile))
	defer stop()
	order := newOrder()
	job := publication(order, "rascal-1")
	job["profile"] = "current"
	publish(t, "rascal.mjs", map[string]any{"url": s.host.URL, "encryption": profiles, "publish": job})
	got := wait(t, arrivals)
	checkArrival(t, got, order, "rascal-1")
	if got.delivery.ContentType != "application/octet-stream" {
		t.Errorf("content type %q: it was not encrypted", got.delivery.ContentType)
	}
}

func encryptedToRascal(t *testing.T, s *shop, profile *runtime.EncryptionProfile, profiles map[string]any) {
	order := newOrder()
	id := s.publish(t, order, runtime.WithEncryption(profile))
	script := start(t, "rascal.mjs", map[string]any{
		"url": s.host.URL, "encryption": profiles, "subscribe": map[string]any{"queue": queue, "messages": 1},
	})
	var got nodeMessage
	script.next(t, &got)
	script.end(t)
	checkMessage(t, got, order, id)
	said := got.Headers.Rascal.Encryption
	if got.ContentType != "application/octet-stream" || said.Name != "current" || len(said.IV) != 32 || said.OriginalContentType != "application/json" {
		t.Errorf("content type %q, encryption header %+v", got.ContentType, said)
	}
	s.host.WaitMessages(t, queue, 0)
}
