package source

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

const quoted = yaml.DoubleQuotedStyle | yaml.SingleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// scalar returns the value of a scalar node. The YAML library resolves scalars by YAML 1.1, where
// "no" is false and 2020-01-02 is a time. Contracts are YAML 1.2, so the text is resolved here.
func (r *yamlReader) scalar(n *yaml.Node, at Position) *Value {
	text := &Value{Position: at, Kind: String, Text: n.Value}
	if n.Style&yaml.TaggedStyle != 0 {
		switch n.Tag {
		case "!!str", "!!timestamp", "!!binary":
			return text
		case "!!null", "!!bool", "!!int", "!!float":
		default:
			r.mistake(at, fmt.Sprintf("the YAML tag %s has no meaning in a contract", n.Tag), "remove the tag")
			return text
		}
	} else if n.Style&quoted != 0 {
		return text
	}
	kind, written, ok := resolveScalar(n.Value)
	if !ok {
		r.mistake(at, fmt.Sprintf("%s is no JSON value", n.Value), "quote it if it is meant as a string")
		return text
	}
	if kind == Number {
		return r.number(at, written)
	}
	return &Value{Position: at, Kind: kind, Text: written}
}

var (
	decimalInt = regexp.MustCompile(`^[-+]?[0-9]+$`)
	otherInt   = regexp.MustCompile(`^(0o[0-7]+|0x[0-9a-fA-F]+)$`)
	decimal    = regexp.MustCompile(`^([-+]?)([0-9]*)(?:\.([0-9]*))?([eE][-+]?[0-9]+)?$`)
	notFinite  = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// resolveScalar applies the core schema of YAML 1.2 to a plain scalar. It returns the kind and the
// text in JSON's notation, or false for infinities and not-a-number, which JSON does not have.
func resolveScalar(s string) (Kind, string, bool) {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return Null, "", true
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return Bool, strings.ToLower(s), true
	}
	if !strings.ContainsRune("+-.0123456789", rune(s[0])) {
		return String, s, true
	}
	switch {
	case decimalInt.MatchString(s):
		return Number, jsonInteger(s), true
	case len(s) < maxDigits && otherInt.MatchString(s):
		n, _ := new(big.Int).SetString(s, 0) // the expression has made sure that it is one
		return Number, n.String(), true
	case notFinite.MatchString(s):
		return String, s, false
	}
	if m := decimal.FindStringSubmatch(s); m != nil && m[2]+m[3] != "" {
		number := jsonInteger(m[1] + m[2])
		if m[3] != "" {
			number += "." + m[3]
		}
		return Number, number + m[4], true
	}
	return String, s, true
}

// jsonInteger writes an integer as JSON does: no plus sign, no leading zeros, one digit at least.
func jsonInteger(s string) string {
	digits, negative := strings.CutPrefix(s, "-")
	digits = strings.TrimLeft(strings.TrimPrefix(digits, "+"), "0")
	if digits == "" {
		digits = "0"
	}
	if negative {
		return "-" + digits
	}
	return digits
}
