package runtime

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// A Parameter is a part of a routing key that is known only when a message is published. In the
// RoutingKey of its Publication it is its name in braces: "stock.{warehouse}.low".
type Parameter struct {
	Name    string
	Value   string   // of one publish: WithParameters sets it
	Type    string   // of JSON Schema: integer, number or boolean; empty: any text
	Default string   // of an empty value
	Enum    []string // the values that the contract allows; empty: any
	IsWord  bool     // it is in one word of a topic exchange's key: no dot, no * and no #

	// Location is the part of the message that has the value, such as $message.payload#/warehouse or
	// $message.header#/warehouse (AsyncAPI 3.1, Parameter Object). If it is empty, WithParameters
	// gives the value.
	Location string
}

// WithParameters returns a copy of the publication with values for those of its Parameters that have
// no Location, in their order: strings, integers or booleans. A publish with values that cannot be
// is not sent, and its error is ErrNotSent. What cannot be is an empty value without a default, one
// that the contract's enum does not have, and one that would be read as another one in the routing
// key, as a value with a dot would be where a topic exchange routes by words.
func (p *Publication) WithParameters(values ...any) *Publication {
	filled := *p
	filled.Parameters = slices.Clone(p.Parameters)
	for i := range filled.Parameters {
		if of := &filled.Parameters[i]; of.Location == "" && len(values) > 0 {
			of.Value = fmt.Sprint(values[0])
			values = values[1:]
		}
	}
	return &filled
}

// ReadParameters reads the routing key of a handler's delivery into values: pointers to strings,
// int64 or bool, for those of the publication's Parameters that have no Location, in their order. It
// returns an *InvalidError if the key is none that WithParameters makes. A message that recovery has
// delivered again has the key that it was published with first.
func (p *Publication) ReadParameters(ctx context.Context, values ...any) error {
	delivery := DeliveryFrom(ctx)
	if delivery == nil {
		return errors.New("read parameters: the context has no delivery (see ContextWithDelivery)")
	}
	found, err := p.parametersOf(delivery.RoutingKey)
	for i := range p.Parameters {
		if err == nil && p.Parameters[i].Location == "" && len(values) > 0 {
			err = setValue(values[0], found[i])
			values = values[1:]
		}
	}
	if err != nil {
		return &InvalidError{Reason: fmt.Sprintf("read the routing key %.300q of %s", delivery.RoutingKey, p.Name), Err: err}
	}
	return nil
}

// setValue sets what at points to.
func setValue(at any, text string) error {
	switch v := reflect.ValueOf(at).Elem(); v.Kind() {
	case reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		v.SetInt(n)
	case reflect.Bool:
		v.SetBool(text == "true")
	default:
		v.SetString(text)
	}
	return nil
}

// address fills in the parameters of m's routing key. m has its body and its headers.
func (p *Publication) address(m *Message) error {
	if len(p.Parameters) == 0 || m.RoutingKey != p.RoutingKey { // an option has replaced it
		return nil
	}
	values := make([]string, len(p.Parameters))
	for i := range p.Parameters {
		var err error
		parameter := &p.Parameters[i]
		values[i] = parameter.Value
		if parameter.Location != "" {
			values[i], err = m.parameterAt(parameter.Location)
		}
		values[i] = cmp.Or(values[i], parameter.Default)
		if err == nil {
			err = parameter.check(values[i])
		}
		if err != nil {
			return fmt.Errorf("parameter %q: %w", parameter.Name, err)
		}
	}
	m.RoutingKey = p.fillKey(values)
	if read, err := p.parametersOf(m.RoutingKey); err != nil || !slices.Equal(read, values) {
		return fmt.Errorf("the routing key %q would be read as other parameters than %q", m.RoutingKey, values)
	}
	return nil
}

// check returns an error if a value is none of the parameter.
func (p *Parameter) check(value string) error {
	switch {
	case value == "":
		return errors.New("the value is empty")
	case len(p.Enum) > 0 && !slices.Contains(p.Enum, value):
		return fmt.Errorf("%.100q is none of %q", value, p.Enum)
	case p.IsWord && strings.ContainsAny(value, ".*#"):
		return fmt.Errorf("%.100q has a dot, * or #, which a topic exchange does not read as text", value)
	case !hasType(value, p.Type):
		return fmt.Errorf("%.100q is not of the type %s", value, p.Type)
	}
	return nil
}

// hasType reports whether a text is JSON of a type of JSON Schema, which may be "".
func hasType(text, schemaType string) bool {
	switch schemaType {
	case "integer":
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case "number":
		return json.Valid([]byte(text)) && strings.ContainsRune("-0123456789", rune(text[0]))
	case "boolean":
		return text == "true" || text == "false"
	}
	return true
}

// fillKey returns the routing key with the values of the Parameters.
func (p *Publication) fillKey(values []string) string {
	pairs := make([]string, 0, 2*len(values))
	for i, parameter := range p.Parameters {
		pairs = append(pairs, "{"+parameter.Name+"}", values[i])
	}
	return strings.NewReplacer(pairs...).Replace(p.RoutingKey)
}

// parametersOf returns the values of the Parameters in a routing key. Each is as short as it can be.
func (p *Publication) parametersOf(key string) ([]string, error) {
	values := make([]string, len(p.Parameters))
	wrong := fmt.Errorf("it is not as %q", p.RoutingKey)
	text, name, pattern, more := cutParameter(p.RoutingKey)
	rest, fits := strings.CutPrefix(key, text)
	for fits && more {
		i := slices.IndexFunc(p.Parameters, func(of Parameter) bool { return of.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no parameter %q", name)
		}
		var value string
		text, name, pattern, more = cutParameter(pattern)
		value, rest = cutValue(rest, text, !more)
		if value == "" || values[i] != "" && values[i] != value {
			return nil, wrong
		}
		if err := p.Parameters[i].check(value); err != nil {
			return nil, fmt.Errorf("parameter %q: %w", p.Parameters[i].Name, err)
		}
		values[i] = value
	}
	if slices.Contains(values, "") {
		return nil, wrong
	}
	return values, nil
}

// cutParameter cuts a pattern of a routing key around its first parameter. Without one, all of it is
// before.
func cutParameter(pattern string) (before, name, after string, found bool) {
	before, rest, opens := strings.Cut(pattern, "{")
	name, after, closes := strings.Cut(rest, "}")
	if !opens || !closes {
		return pattern, "", "", false
	}
	return before, name, after, true
}

// cutValue cuts a key after a value and the text that follows it, at the key's end if that is last.
// The value is empty if the key has no such text.
func cutValue(key, text string, isLast bool) (value, rest string) {
	if isLast {
		value, _ = strings.CutSuffix(key, text)
		if value+text != key {
			return "", ""
		}
		return value, ""
	}
	if key == "" {
		return "", ""
	}
	at := strings.Index(key[1:], text)
	if at < 0 {
		return "", ""
	}
	return key[:at+1], key[at+1+len(text):]
}

// takes reports whether messages of p may have the routing key.
func (p *Publication) takes(key string) bool {
	if len(p.Parameters) == 0 {
		return p.RoutingKey == "" || p.RoutingKey == key
	}
	_, err := p.parametersOf(key)
	return err == nil
}
