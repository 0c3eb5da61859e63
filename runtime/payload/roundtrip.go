package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A Message is implemented by pointers to all generated types of payloads.
type Message interface {
	json.Unmarshaler
	AppendJSON(dst []byte) ([]byte, error)
	Validate() error
}

// RoundTrip reads text into first, checks it and writes it, and does the same with what was written and second. It
// returns an error when any of that fails, when what was written is another JSON value than text, with the JSON pointer to the first
// difference, or when the two writings differ. Numbers are compared by value and members regardless of their order; date-times and UUIDs
// may be spelled in another way. Generated tests of a contract's examples call it.
func RoundTrip(text string, first, second Message) error {
	once, err := readAndWrite([]byte(text), first)
	if err != nil {
		return err
	}
	if err := sameValue([]byte(text), once); err != nil {
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

// sameValue returns an error when after is not the JSON value before, with the pointer to the first difference.
func sameValue(before, after []byte) error {
	x, ok := parse(before)
	y, okToo := parse(after)
	if !ok || !okToo {
		return errNotJSON
	}
	if d, found := difference(x, y, 0, 0); found {
		return errors.New(d.String())
	}
	return nil
}
