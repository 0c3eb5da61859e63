package runtime

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	amqp "github.com/rabbitmq/amqp091-go"
)

// parseEndpoint parses the URL of one host. Its errors continue a sentence that begins with the
// name of the field. They quote nothing of the URL: if one character is wrong, any part of the text
// may belong to the password.
func parseEndpoint(text string) (amqp.URI, error) {
	if err := checkURLText(text); err != nil {
		return amqp.URI{}, err
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		return amqp.URI{}, errors.New("has no scheme: it must begin with amqp://, or with amqps:// for TLS")
	}
	if scheme = strings.ToLower(scheme); scheme != "amqp" && scheme != "amqps" {
		return amqp.URI{}, errors.New("has a scheme that is not AMQP's: it must begin with amqp://, or with amqps:// for TLS")
	}
	authority, tail := rest, ""
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		authority, tail = rest[:end], rest[end:]
	}
	if err := checkURLTail(tail); err != nil {
		return amqp.URI{}, err
	}
	if err := checkURLHost(authority[strings.LastIndexByte(authority, '@')+1:]); err != nil {
		return amqp.URI{}, err
	}
	uri, err := amqp.ParseURI(text)
	if err != nil {
		return amqp.URI{}, errors.New("cannot be parsed: " + escapeHint)
	}
	return uri, nil
}

// escapeHint says what to do about a character that has another meaning in a URL.
const escapeHint = "in the user, the password and the virtual host, reserved characters must be percent-encoded" +
	" (/ as %2F, ? as %3F, # as %23, @ as %40, % as %25)"

// checkURLText checks for characters that no URL may contain.
func checkURLText(text string) error {
	switch {
	case text == "":
		return errors.New("is empty: it must look like amqp://user:password@host:5672/vhost")
	case strings.TrimSpace(text) != text:
		return errors.New("begins or ends with a space or a line break: remove it (strings.TrimSpace)")
	case strings.Trim(text, "\"'`") != text:
		return errors.New("is in quotation marks: remove them")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return errors.New("contains a space or a control character: it must be percent-encoded (a space as %20)")
	}
	return nil
}

// checkURLTail checks what comes after the host: only a virtual host is allowed.
func checkURLTail(tail string) error {
	switch {
	case strings.Contains(tail, "@"):
		return errors.New("has an @ after its host, or a user or password that ends early: " + escapeHint)
	case strings.Contains(tail, "#"):
		return errors.New("has a fragment, which begins with #: " + escapeHint)
	case strings.Contains(tail, "?"):
		return errors.New("has query parameters: set the fields of Broker instead")
	}
	return nil
}

// checkURLHost checks the host and the port.
func checkURLHost(address string) error {
	parsed, err := url.Parse("amqp://" + address)
	switch {
	case strings.Contains(address, ","):
		return errors.New("has several hosts: set Broker.URLs to one URL for each")
	case err != nil, strings.Contains(parsed.Hostname(), ":") && address[0] != '[':
		return errors.New("has a host or a port that cannot be parsed: the port must be a number, an IPv6 address must be in [ ], and " + escapeHint)
	case parsed.Hostname() == "":
		return errors.New("has no host: write localhost if you mean that")
	case parsed.Port() == "":
		return nil
	}
	if port, err := strconv.Atoi(parsed.Port()); err != nil || port < 1 || port > 65535 {
		return errors.New("has a port that is not between 1 and 65535")
	}
	return nil
}

// Format prints the Broker as package fmt does, but with "xxxxx" instead of each password, so that
// logs contain none.
func (b Broker) Format(state fmt.State, verb rune) {
	type plain Broker // without this method
	b.URL = withoutPassword(b.URL)
	b.URLs = slices.Clone(b.URLs)
	for i, address := range b.URLs {
		b.URLs[i] = withoutPassword(address)
	}
	fmt.Fprintf(state, fmt.FormatString(state, verb), plain(b))
}

// withoutPassword returns an address without its password. If the address cannot be parsed, it
// returns "xxxxx": the password could be anywhere.
func withoutPassword(address string) string {
	if address == "" {
		return ""
	}
	parsed, err := url.Parse(address)
	if err != nil || parsed.Opaque != "" || parsed.Host == "" {
		return "xxxxx"
	}
	return parsed.Redacted()
}
