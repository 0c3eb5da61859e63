package runtime

import "fmt"

// An Authentication is how a connection logs in: a mechanism of SASL and what the client sends to
// the broker. Make it with PlainAuth, TokenAuth, ExternalAuth or NewAuthentication; the zero value
// is refused. Printing it shows nothing secret.
type Authentication struct {
	mechanism string
	response  string
}

// PlainAuth logs in with a user and a password.
func PlainAuth(user, password string) Authentication {
	return Authentication{mechanism: "PLAIN", response: "\x00" + user + "\x00" + password}
}

// TokenAuth logs in with an access token of OAuth 2.0, which RabbitMQ with the plugin
// rabbitmq_auth_backend_oauth2 takes as the password; the token says who the user is. Nothing
// renews the token of an open connection: see TokenLogin.
func TokenAuth(token string) Authentication { return PlainAuth("", token) }

// ExternalAuth logs in as whom the TLS certificate of the client says, which RabbitMQ with the
// plugin rabbitmq_auth_mechanism_ssl accepts.
func ExternalAuth() Authentication {
	return Authentication{mechanism: "EXTERNAL", response: "\x00*\x00*"}
}

// NewAuthentication logs in with any other mechanism of SASL that needs one response and no
// challenge, for a plugin of the broker.
func NewAuthentication(mechanism, response string) Authentication {
	return Authentication{mechanism: mechanism, response: response}
}

// Format prints the mechanism, and "xxxxx" instead of the response, so that logs contain no
// password.
func (a Authentication) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "{%s xxxxx}", a.mechanism)
}
