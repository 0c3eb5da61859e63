package spec

import (
	"net/url"
	"regexp"
	"strings"
)

// A format is a rule for a string that is more than a list of choices.
type format struct {
	what    string // as in a sentence: "a URI"
	hint    string
	lenient bool // violations are warnings: public contracts often have them, and no official tool reports them
	ok      func(string) bool
}

var (
	uri = &format{what: "a URI", hint: "begin with a scheme: https://, mailto: or urn:", ok: isURI}

	email = &format{what: "an email address", ok: emailAddress.MatchString}

	runtimeExpression = &format{
		what: "a runtime expression", hint: "write $message.header# or $message.payload# and a JSON pointer",
		ok: regexp.MustCompile(`^\$message\.(header|payload)#`).MatchString,
	}

	addressTemplate = &format{
		what: "an address: a URI template", hint: "escape other characters as in URLs (%20), and use letters, digits and _ in {parameters}",
		ok: uriTemplate.MatchString,
	}

	// componentKey also allows what tools write that make contracts from code, although the
	// specification does not: nested and generic types, the names of channels, and handlers. Who uses
	// such a tool cannot change it.
	componentKey = &format{
		what: "of letters, digits, \".\", \"-\" and \"_\"", lenient: true,
		ok: regexp.MustCompile("^[a-zA-Z0-9._$:/+,`<>()\\[\\]«»-]+$").MatchString,
	}

	serverName = &format{
		what: "of letters, digits, \"-\" and \"_\"", lenient: true,
		ok: regexp.MustCompile(`^[a-zA-Z0-9_-]+$`).MatchString,
	}
)

var (
	// emailAddress is RFC 5321's mailbox without quoted local parts and address literals.
	emailAddress = regexp.MustCompile("^[\\w!#$%&'*+/=?^`{|}~-]+(\\.[\\w!#$%&'*+/=?^`{|}~-]+)*@" +
		`([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)

	// uriTemplate is RFC 6570, without dots in the names of variables.
	uriTemplate = regexp.MustCompile(`^([^\x00-\x20"'<>%\\^` + "`" + `{|}]|%[0-9a-fA-F]{2}|\{` + expression + `\})+$`)
)

const (
	variable   = `(\w|%[0-9a-fA-F]{2})+(:[1-9][0-9]{0,3}|\*)?`
	expression = `[+#./;?&=,!@|]?` + variable + `(,` + variable + `)*`
)

// uriCharacters matches what RFC 3986 allows in a URI with a scheme.
var uriCharacters = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:([a-zA-Z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9a-fA-F]{2})*$`)

func isURI(s string) bool {
	if !uriCharacters.MatchString(s) || strings.Count(s, "#") > 1 {
		return false
	}
	_, err := url.Parse(s)
	return err == nil
}
