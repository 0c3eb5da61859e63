package runtime

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// An EncryptionProfile is a named key and an algorithm. Create one with NewAESGCMProfile or
// NewRascalProfile. Messages name their profile, so keys rotate without a stop: give consumers the
// new profile beside the old one, then producers the new one, and remove the old one when its
// messages are gone.
//
// A profile hides bodies. Message ids, types, headers and routing keys stay readable, as does
// everything that a broker needs.
type EncryptionProfile struct {
	name      string
	algorithm string // as OpenSSL names it
	cipher    bodyCipher

	// authenticated says that a changed body, or one that was moved to another message, is
	// detected. The header then has alg and v.
	authenticated bool
}

// formatVersion is the version of our own format.
const formatVersion = 1

// NewAESGCMProfile returns a profile for AES-256-GCM: messages that were changed on the way, or
// whose body was moved to another message, are refused. key has 32 random bytes; replace it long
// before 2^32 messages, because nonces are random. The profile's name, the message id and the
// original content type are authenticated with the body.
//
// The header rascal.encryption of a message has name, iv (the nonce in lower-case hex),
// originalContentType, alg ("aes-256-gcm") and v (1). The 16 bytes of the authentication tag follow
// the body.
func NewAESGCMProfile(name string, key []byte) (*EncryptionProfile, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("encryption profile %q: the key has %d bytes, wanted 32", name, len(key))
	}
	return newProfile(name, "aes-256-gcm", key)
}

// NewRascalProfile returns a profile that is compatible with the Node library Rascal. algorithm is
// the one in Rascal's configuration: aes-128-, aes-192- or aes-256-, then cbc or ctr. Rascal's keys
// are hex: decode them with package encoding/hex; its ivLength must be 16.
//
// These algorithms do not detect a changed body, so use NewAESGCMProfile if Rascal is not on the
// other side. Algorithms that would detect it, such as aes-256-gcm, are refused: Rascal publishes
// without the authentication tag, and nobody can read the message.
func NewRascalProfile(name, algorithm string, key []byte) (*EncryptionProfile, error) {
	if strings.HasSuffix(algorithm, "-gcm") {
		return nil, fmt.Errorf("encryption profile %q: Rascal loses the tag of %s; use NewAESGCMProfile, or aes-256-cbc", name, algorithm)
	}
	return newProfile(name, algorithm, key)
}

func newProfile(name, algorithm string, key []byte) (*EncryptionProfile, error) {
	if name == "" {
		return nil, errors.New("encryption profile: no name")
	}
	way, err := newBodyCipher(algorithm, key)
	if err != nil {
		return nil, fmt.Errorf("encryption profile %q: %w", name, err)
	}
	_, authenticated := way.(gcm)
	return &EncryptionProfile{name: name, algorithm: algorithm, cipher: way, authenticated: authenticated}, nil
}

// encrypt replaces m's body and content type and describes that in a header. It does not change the
// original headers and body.
func (p *EncryptionProfile) encrypt(m *Message) {
	iv := make([]byte, p.cipher.ivSize())
	rand.Read(iv) // never fails: see its documentation
	fields := Headers{"name": p.name, "iv": hex.EncodeToString(iv), "originalContentType": m.ContentType}
	if p.authenticated {
		fields["alg"], fields["v"] = p.algorithm, int32(formatVersion)
	}
	m.Body = p.cipher.seal(iv, m.Body, p.additionalData(m.MessageID, m.ContentType))
	m.ContentType = "application/octet-stream"
	if m.Headers = maps.Clone(m.Headers); m.Headers == nil {
		m.Headers = make(Headers)
	}
	m.Headers.branch(rascalHeader)["encryption"] = fields
}

// additionalData returns what is authenticated together with the body. Each part is preceded by its
// length, so that two messages never have the same data.
func (p *EncryptionProfile) additionalData(messageID, contentType string) []byte {
	return fmt.Appendf(nil, "%d:%s%d:%s%d:%s", len(p.name), p.name, len(messageID), messageID, len(contentType), contentType)
}
