package runtime

import (
	"encoding/hex"
	"errors"
	"fmt"
)

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
