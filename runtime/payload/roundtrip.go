package payload

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Message is what every generated type is, by pointer.
type Message interface {
	json.Unmarshaler
	AppendJSON(dst []byte) ([]byte, error)
	Validate() error
}

// RoundTrip reads text into first, checks and writes it, reads that into second and writes it again. It returns an error when
// any of that fails or the two writings differ. Generated tests of a contract's examples call it.
func RoundTrip(text string, first, second Message) error {
	once, err := readAndWrite([]byte(text), first)
	if err != nil {
		return err
	}
	twice, err := readAndWrite(once, second)
	if err != nil {
		return fmt.Errorf("read %s: %w", once, err)
	}
	if !bytes.Equal(once, twice) {
		return fmt.Errorf("written as %s, then as %s", once, twice)
	}
	return nil
}

func readAndWrite(text []byte, m Message) ([]byte, error) {
	if err := m.UnmarshalJSON(text); err != nil {
		return nil, err
	}
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("validate: %w", err)
	}
	return m.AppendJSON(nil)
}
