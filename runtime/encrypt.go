package runtime

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
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
	m.Headers = m.Headers.copied()
	m.Headers.branch(rascalHeader)["encryption"] = fields
}

// additionalData returns what is authenticated together with the body. Each part is preceded by its
// length, so that two messages never have the same data.
func (p *EncryptionProfile) additionalData(messageID, contentType string) []byte {
	return fmt.Appendf(nil, "%d:%s%d:%s%d:%s", len(p.name), p.name, len(messageID), messageID, len(contentType), contentType)
}

// errDecrypt is the only answer to a message that cannot be decrypted. With different answers,
// somebody who can publish to the queue and read dead letters could find out, guess by guess, what
// a body without authentication says.
var errDecrypt = &InvalidError{Reason: "decrypt"}

// WithDecryption lets the consumer read messages that are encrypted with one of the profiles, which
// must have different names. A message that names another profile, or was encrypted with another
// key, is invalid content: see WithInvalidRecovery. Messages that are not encrypted are handled as
// they are.
//
// DeliveryFrom, middleware and dead letters see a message as it arrived, encrypted.
func WithDecryption(profiles ...*EncryptionProfile) ConsumerOption {
	return consumerOption(func(c *consumerConfig) { c.profiles = profiles })
}

// keyring holds the profiles of a consumer by name.
type keyring map[string]*EncryptionProfile

func newKeyring(profiles []*EncryptionProfile) (keyring, error) {
	keys := make(keyring, len(profiles))
	for _, profile := range profiles {
		if profile == nil {
			return nil, errors.New("WithDecryption: a profile is nil")
		}
		if _, taken := keys[profile.name]; taken {
			return nil, fmt.Errorf("WithDecryption: two profiles are called %q", profile.name)
		}
		keys[profile.name] = profile
	}
	return keys, nil
}

// open returns the decrypted delivery and the profile that it was encrypted with. If it was not
// encrypted, it returns the delivery itself and nil.
func (k keyring) open(delivery *Delivery) (*Delivery, *EncryptionProfile, error) {
	rascal, _ := delivery.Headers[rascalHeader].(Headers)
	value, encrypted := rascal["encryption"]
	if !encrypted {
		return delivery, nil, nil
	}
	fields, _ := value.(Headers)
	name, _ := fields["name"].(string)
	profile := k[name]
	if profile == nil {
		return nil, nil, errDecrypt
	}
	opened := *delivery
	if contentType, ok := fields["originalContentType"].(string); ok {
		opened.ContentType = contentType
	}
	body, ok := profile.decrypt(fields, delivery.Body, delivery.MessageID, opened.ContentType)
	if !ok {
		return nil, nil, errDecrypt
	}
	opened.Body = body
	return &opened, profile, nil
}

// decrypt returns the body that was passed to encrypt.
func (p *EncryptionProfile) decrypt(fields Headers, body []byte, messageID, contentType string) ([]byte, bool) {
	text, _ := fields["iv"].(string)
	iv, err := hex.DecodeString(text)
	if err != nil || len(iv) != p.cipher.ivSize() || !p.hasFormat(fields) {
		return nil, false
	}
	plain, err := p.cipher.open(iv, body, p.additionalData(messageID, contentType))
	return plain, err == nil
}

// hasFormat reports whether a header describes the format of this profile.
func (p *EncryptionProfile) hasFormat(fields Headers) bool {
	if !p.authenticated {
		return fields["alg"] == nil
	}
	version, _ := integer(fields["v"])
	return fields["alg"] == p.algorithm && version == formatVersion
}

// A bodyCipher encrypts and decrypts bodies. Neither method changes its arguments.
type bodyCipher interface {
	ivSize() int
	// seal encrypts plain. Ciphers without authentication ignore additionalData.
	seal(iv, plain, additionalData []byte) []byte
	// open decrypts. iv has the right size.
	open(iv, sealed, additionalData []byte) ([]byte, error)
}

// newBodyCipher returns the cipher that OpenSSL calls algorithm.
func newBodyCipher(algorithm string, key []byte) (bodyCipher, error) {
	var bits int
	var mode string
	if _, err := fmt.Sscanf(algorithm, "aes-%3d-%s", &bits, &mode); err != nil || !slices.Contains([]int{128, 192, 256}, bits) || !slices.Contains([]string{"cbc", "ctr", "gcm"}, mode) {
		return nil, fmt.Errorf("algorithm %q: wanted aes-256-cbc or aes-256-ctr, or the same with 128 or 192", algorithm)
	}
	if len(key) != bits/8 {
		return nil, fmt.Errorf("the key has %d bytes, %s wants %d", len(key), algorithm, bits/8)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	switch mode {
	case "cbc":
		return cbc{block}, nil
	case "ctr":
		return ctr{block}, nil
	}
	aead, err := cipher.NewGCM(block)
	return gcm{aead}, err
}

// cbc chains blocks; the last one is padded as in PKCS #7.
type cbc struct{ block cipher.Block }

func (c cbc) ivSize() int { return c.block.BlockSize() }

func (c cbc) seal(iv, plain, _ []byte) []byte {
	size := c.block.BlockSize()
	padding := size - len(plain)%size
	sealed := append(slices.Clone(plain), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(c.block, iv).CryptBlocks(sealed, sealed)
	return sealed
}

func (c cbc) open(iv, sealed, _ []byte) ([]byte, error) {
	size := c.block.BlockSize()
	if len(sealed) == 0 || len(sealed)%size != 0 {
		return nil, errors.New("not whole blocks")
	}
	plain := make([]byte, len(sealed))
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(plain, sealed)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > size || !bytes.Equal(plain[len(plain)-padding:], bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errors.New("wrong padding")
	}
	return plain[:len(plain)-padding], nil
}

// ctr makes a stream cipher of the block cipher.
type ctr struct{ block cipher.Block }

func (c ctr) ivSize() int { return c.block.BlockSize() }

func (c ctr) seal(iv, plain, _ []byte) []byte {
	sealed := make([]byte, len(plain))
	cipher.NewCTR(c.block, iv).XORKeyStream(sealed, plain)
	return sealed
}

func (c ctr) open(iv, sealed, _ []byte) ([]byte, error) { return c.seal(iv, sealed, nil), nil }

// gcm encrypts and authenticates; the tag follows the body.
type gcm struct{ aead cipher.AEAD }

func (c gcm) ivSize() int { return c.aead.NonceSize() }

func (c gcm) seal(iv, plain, additionalData []byte) []byte {
	return c.aead.Seal(nil, iv, plain, additionalData)
}

func (c gcm) open(iv, sealed, additionalData []byte) ([]byte, error) {
	return c.aead.Open(nil, iv, sealed, additionalData)
}
