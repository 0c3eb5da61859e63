package runtime

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"slices"
)

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
