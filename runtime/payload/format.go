package payload

import (
	"encoding/base64"
	"net/netip"
	"net/url"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// A Format is a format of JSON Schema that strings are checked for. The zero value allows every string.
type Format uint8

// The formats that are checked.
const (
	NoFormat Format = iota
	FormatDateTime
	FormatDate
	FormatTime
	FormatDuration
	FormatUUID
	FormatEmail
	FormatHostname
	FormatIPv4
	FormatIPv6
	FormatURI
	FormatURIReference
	FormatJSONPointer
	FormatRelativeJSONPointer
	FormatRegex
	FormatByte
	FormatDecimal
)

// formats has what schemas call each format, what messages call it and how it is checked.
var formats = [...]struct {
	name, noun string
	valid      func(string) bool
}{
	NoFormat:                  {"", "", func(string) bool { return true }},
	FormatDateTime:            {"date-time", "a date-time", func(s string) bool { _, ok := parseTime([]byte(s)); return ok }},
	FormatDate:                {"date", "a date", func(s string) bool { _, ok := parseDate([]byte(s)); return ok }},
	FormatTime:                {"time", "a time", isTime},
	FormatDuration:            {"duration", "a duration", func(s string) bool { _, ok := splitDuration(s); return ok }},
	FormatUUID:                {"uuid", "a uuid", func(s string) bool { _, ok := parseUUID([]byte(s)); return ok }},
	FormatEmail:               {"email", "an email address", isEmail},
	FormatHostname:            {"hostname", "a hostname", isHostname},
	FormatIPv4:                {"ipv4", "an IPv4 address", isIPv4},
	FormatIPv6:                {"ipv6", "an IPv6 address", isIPv6},
	FormatURI:                 {"uri", "a URI", isURI},
	FormatURIReference:        {"uri-reference", "a URI reference", isURIReference},
	FormatJSONPointer:         {"json-pointer", "a JSON pointer", isJSONPointer},
	FormatRelativeJSONPointer: {"relative-json-pointer", "a relative JSON pointer", isRelativeJSONPointer},
	FormatRegex:               {"regex", "a regular expression", isRegex},
	FormatByte:                {"byte", "base64 text", isBase64},
	FormatDecimal:             {"decimal", "a decimal number", func(s string) bool { return isNumber([]byte(s)) }},
}

// String returns the name of the format in schemas.
func (f Format) String() string { return formats[f].name }

// Valid reports whether s has the format.
func (f Format) Valid(s string) bool { return formats[f].valid(s) }

func isTime(s string) bool {
	_, ok := parseClock([]byte(s))
	return ok
}

func isIPv4(s string) bool {
	address, err := netip.ParseAddr(s)
	return err == nil && address.Is4()
}

func isIPv6(s string) bool {
	address, err := netip.ParseAddr(s)
	return err == nil && !address.Is4() && address.Zone() == ""
}

// isHostname says whether s is a name of RFC 1123: labels of at most 63 characters with dots between them, 253 in all.
func isHostname(s string) bool {
	length := 0 // of the label
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			if length == 0 || s[i-1] == '-' {
				return false
			}
			length = 0
		case isAlphanumeric(rune(c)), c == '-' && length > 0:
			if length++; length > 63 {
				return false
			}
		default:
			return false
		}
	}
	return length > 0 && s[len(s)-1] != '-' && len(s) <= 253
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// atomBytes are the characters of an atom (RFC 5322, section 3.2.3).
var atomBytes = func() (table [256]bool) {
	for c := range 128 {
		table[c] = isAlphanumeric(rune(c))
	}
	for _, c := range []byte("!#$%&'*+-/=?^_`{|}~") {
		table[c] = true
	}
	return table
}()

// isEmail says whether s is a mailbox of RFC 5321, section 4.1.2.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 {
		return false
	}
	local, domain := s[:at], s[at+1:]
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		return isLocalPart(local) && isAddressLiteral(literal)
	}
	return isLocalPart(local) && isHostname(domain)
}

func isAddressLiteral(s string) bool {
	address, ok := strings.CutSuffix(s, "]")
	if v6, found := strings.CutPrefix(address, "IPv6:"); found {
		return ok && isIPv6(v6)
	}
	return ok && isIPv4(address)
}

// isLocalPart says whether s is a dot-atom or a quoted string.
func isLocalPart(s string) bool {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		return isQuoted(s[1 : len(s)-1])
	}
	return isDotAtom(s)
}

// isDotAtom says whether s is one atom or more with dots between them.
func isDotAtom(s string) bool {
	inAtom := false
	for i := range len(s) {
		if c := s[i]; !atomBytes[c] && (c != '.' || !inAtom) {
			return false
		}
		inAtom = s[i] != '.'
	}
	return inAtom
}

// isQuoted says whether s may stand between the quotes of a quoted string.
func isQuoted(s string) bool {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
			if i == len(s) {
				return false
			}
		case '"':
			return false
		}
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// isURI says whether s is a URI of RFC 3986, with a scheme.
func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.IsAbs() && isURIReference(s)
}

func isURIReference(s string) bool {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("-._~:/?#[]@!$&'()*+,;=%", r)
	}) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	// url.Parse lets brackets, second hashes and half escapes through behind the authority.
	behind := s
	if _, rest, ok := strings.Cut(s, "//"); ok && u.Host != "" {
		behind = ""
		if slash := strings.IndexAny(rest, "/?#"); slash >= 0 {
			behind = rest[slash:]
		}
	}
	return !strings.ContainsAny(behind, "[]") && strings.Count(s, "#") <= 1 && escapesAreWhole(s)
}

// escapesAreWhole says whether each percent sign is followed by two digits.
func escapesAreWhole(s string) bool {
	for i := strings.IndexByte(s, '%'); i >= 0 && i < len(s); i++ {
		if s[i] == '%' && (i+2 >= len(s) || hexDigits[s[i+1]] > 15 || hexDigits[s[i+2]] > 15) {
			return false
		}
	}
	return true
}

// isJSONPointer says whether s is a JSON pointer of RFC 6901.
func isJSONPointer(s string) bool {
	if s != "" && s[0] != '/' {
		return false
	}
	for i := range len(s) {
		if s[i] == '~' && (i+1 == len(s) || s[i+1] != '0' && s[i+1] != '1') {
			return false
		}
	}
	return true
}

// isRelativeJSONPointer says whether s is a number of steps up and a JSON pointer or "#".
func isRelativeJSONPointer(s string) bool {
	end := digits([]byte(s), 0)
	if end == 0 || s[0] == '0' && end > 1 {
		return false
	}
	return s[end:] == "#" || isJSONPointer(s[end:])
}

// maxRegex is the longest text that is checked to be a regular expression, in bytes.
const maxRegex = 1024

// checkRegexWork reports a regular expression that is too long, or too much work to read: classes of Unicode and ranges that fold
// case grow to far more than their text.
func checkRegexWork(r *report, s string) bool {
	if len(s) > maxRegex {
		r.Add("format", "has "+strconv.Itoa(len(s))+" bytes, more than the "+strconv.Itoa(maxRegex)+" of a regular expression that is checked")
		return false
	}
	const plain, class, folded = 32, 3 << 13, 1 << 20 // of a byte, of a class of Unicode, of a range beyond ASCII
	work := plain*len(s) + class*(strings.Count(s, `\p`)+strings.Count(s, `\P`))
	if strings.Contains(s, "(?") && strings.ContainsFunc(s, func(r rune) bool { return r > 127 || r == 'x' }) {
		work += folded * strings.Count(s, "-")
	}
	return r.spend("format", work)
}

// isRegex says whether s is a regular expression that package regexp has too. Look-around and
// back references of ECMA-262, which it has not, are taken for valid.
func isRegex(s string) bool {
	_, err := syntax.Parse(s, syntax.Perl)
	if err == nil {
		return true
	}
	lookAround := []string{"(?=", "(?!", "(?<=", "(?<!"}
	return slices.ContainsFunc(lookAround, func(mark string) bool { return strings.Contains(s, mark) })
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}
