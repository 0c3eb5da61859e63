package payload

import "encoding/base64"

// Bytes reads a string in base64 (RFC 4648, section 4): the format "byte". The rule is for the bytes, not for the text.
func (d *decoder) Bytes() []byte {
	return decodeText(d, FormatByte, func(text []byte) ([]byte, bool) {
		b := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
		n, err := base64.StdEncoding.Strict().Decode(b, text)
		return b[:n], err == nil
	})
}
