package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A jsonReader reads JSON by encoding/json's tokens, which come with offsets.
type jsonReader struct {
	*fileReader
	decoder *json.Decoder
}

func (s *fileReader) readJSON() *Value {
	r := &jsonReader{fileReader: s, decoder: json.NewDecoder(bytes.NewReader(s.data))}
	r.decoder.UseNumber()
	v, ok := r.value(1)
	if !ok {
		return nil
	}
	at := r.next()
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		r.mistake(r.at(at), "something follows the end of the JSON value", "keep one value in a file")
		return nil
	}
	return v
}

// next returns the offset of the next token: the decoder's own offset is the end of the last one.
func (r *jsonReader) next() int {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.data) {
		switch r.data[offset] {
		case ' ', '\t', '\r', '\n', ',', ':':
			offset++
		default:
			return offset
		}
	}
	return offset
}

// token returns the next token and where it begins.
func (r *jsonReader) token() (json.Token, Position, bool) {
	offset := r.next()
	token, err := r.decoder.Token()
	if err == nil {
		return token, r.at(offset), true
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.mistake(r.at(len(r.data)), "the JSON value ends too early", "")
	case errors.As(err, &syntax):
		r.mistake(r.at(offset), "not valid JSON: "+syntax.Error(), hintOfJSON(r.data))
	default:
		r.mistake(r.at(offset), fmt.Sprintf("not valid JSON: %v", err), "")
	}
	return nil, Position{}, false
}

func (r *jsonReader) value(level int) (*Value, bool) {
	token, at, ok := r.token()
	if !ok {
		return nil, false
	}
	if !r.spend(1, level, at) {
		return nil, false
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return r.object(at, level)
		}
		return r.array(at, level)
	case string:
		return &Value{Position: at, Kind: String, Text: t}, true
	case json.Number:
		return r.number(at, t.String()), true
	case bool:
		return &Value{Position: at, Kind: Bool, Text: fmt.Sprint(t)}, true
	default:
		return &Value{Position: at, Kind: Null}, true
	}
}

func (r *jsonReader) array(at Position, level int) (*Value, bool) {
	v := &Value{Position: at, Kind: Array}
	for r.decoder.More() {
		item, ok := r.value(level + 1)
		if !ok {
			return nil, false
		}
		v.Items = append(v.Items, item)
	}
	_, _, ok := r.token()
	return v, ok
}

func (r *jsonReader) object(at Position, level int) (*Value, bool) {
	v := &Value{Position: at, Kind: Object}
	seen := map[string]Position{}
	for r.decoder.More() {
		token, at, ok := r.token()
		if !ok {
			return nil, false
		}
		name := token.(string) // the decoder accepts nothing else here
		value, ok := r.value(level + 1)
		if !ok {
			return nil, false
		}
		if r.twice(seen, name, at) {
			continue
		}
		v.Fields = append(v.Fields, Field{Position: at, Name: name, Value: value})
	}
	_, _, ok := r.token()
	return v.indexed(), ok
}

// twice reports whether an object already has a field of this name. That is a mistake; the first
// one counts.
func (s *fileReader) twice(seen map[string]Position, name string, at Position) bool {
	first, ok := seen[name]
	if !ok {
		seen[name] = at
		return false
	}
	s.mistake(at, fmt.Sprintf("the name %q appears twice in this object, first in line %d", name, first.Line), "remove or rename one of them")
	return true
}

// hintOfJSON returns a hint for a file that is called JSON and is YAML, as far as its first byte says.
func hintOfJSON(data []byte) string {
	if first := bytes.TrimSpace(data)[:1]; bytes.ContainsAny(first, "{[\"-0123456789tfn") {
		return ""
	}
	return "if it is YAML, let its name end in .yaml"
}
