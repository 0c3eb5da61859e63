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

// parseEndpoint parses the URL of one host. Its errors continue a sentence that begins with
// the URL's place. They say nothing of the URL's text: where a character is wrong, any part
// of it may belong to the password.
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

// escapeHint is the way out for what looks like a character that has another meaning.
const escapeHint = "in the user, the password and the virtual host, reserved characters must be percent-encoded" +
	" (/ as %2F, ? as %3F, # as %23, @ as %40, % as %25)"

// checkURLText finds what should be nowhere in a URL.
func checkURLText(text string) error {
	switch {
	case text == "":
		return errors.New("is empty: it must be such as amqp://user:password@host:5672/vhost")
	case strings.TrimSpace(text) != text:
		return errors.New("begins or ends with a blank or a line break: remove it (strings.TrimSpace)")
	case strings.Trim(text, "\"'`") != text:
		return errors.New("stands in quotation marks: remove them")
	case strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return errors.New("contains a blank or a control character: it must be percent-encoded (a blank as %20)")
	}
	return nil
}

// checkURLTail checks what comes after the host: a virtual host and nothing else.
func checkURLTail(tail string) error {
	switch {
	case strings.Contains(tail, "@"):
		return errors.New("has an @ behind its host, or a user or password that ends early: " + escapeHint)
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
		return errors.New("has a host or a port that cannot be parsed: the port must be a number, an IPv6 address stands in [ ], and " + escapeHint)
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

// Format prints the Broker as package fmt does, with "xxxxx" in the place of each password, so that a log has none.
func (b Broker) Format(state fmt.State, verb rune) {
	type plain Broker // without this method
	b.URL = withoutPassword(b.URL)
	b.URLs = slices.Clone(b.URLs)
	for i, address := range b.URLs {
		b.URLs[i] = withoutPassword(address)
	}
	fmt.Fprintf(state, fmt.FormatString(state, verb), plain(b))
}

// withoutPassword returns an address as it may be printed. Of one that cannot be parsed nobody knows where its password is.
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
