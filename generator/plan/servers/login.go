package servers

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scampgen/scampgen/asyncapi"
	"github.com/scampgen/scampgen/generator/plan/names"
)

// Login is how a program logs in to a server: the name of a type of package runtime.
type Login string

// The logins.
const (
	AnyLogin         Login = "Login" // the contract allows several, or none that RabbitMQ has
	PasswordLogin    Login = "PasswordLogin"
	TokenLogin       Login = "TokenLogin"
	CertificateLogin Login = "CertificateLogin"
)

// login returns the login that the security of s allows: a password when it says nothing, because
// RabbitMQ has no access without a login.
func (b *builder) login(s *asyncapi.Server, tls bool) Login {
	var allowed []Login
	for _, together := range s.Security {
		if login := b.together(together, tls); login != "" && !slices.Contains(allowed, login) {
			allowed = append(allowed, login)
		}
	}
	switch {
	case len(s.Security) == 0:
		return PasswordLogin
	case len(allowed) == 1:
		return allowed[0]
	default:
		return AnyLogin
	}
}

// together returns the login by all of some schemes, "" after reporting that RabbitMQ has none.
func (b *builder) together(schemes []*asyncapi.SecurityScheme, tls bool) Login {
	var logins []Login
	for _, scheme := range schemes {
		login, hint := loginOf(scheme)
		switch {
		case login == "":
			b.report.Warn(scheme.Location, fmt.Sprintf("RabbitMQ has no login by %s", schemeName(scheme)), hint)
		case login == CertificateLogin && !tls:
			b.report.Warn(scheme.Location, "a login by a certificate needs TLS, which the protocol amqp does not have", "write amqps")
		case !slices.Contains(logins, login):
			logins = append(logins, login)
		}
	}
	if i := slices.Index(logins, CertificateLogin); i >= 0 && len(logins) > 1 {
		b.report.Warn(schemes[0].Location, "both a certificate and another login are wanted: the function takes the other login",
			"the program sets Broker.TLS, for the certificate")
		logins = slices.Delete(logins, i, i+1)
	}
	switch len(logins) {
	case 0:
		return ""
	case 1:
		return logins[0]
	}
	b.report.Warn(schemes[0].Location, "several logins are wanted together, and RabbitMQ takes one", "write them as alternatives: each its own item of the list")
	return AnyLogin
}

// loginOf returns the login that a scheme is on RabbitMQ, else "" and what to do instead.
func loginOf(scheme *asyncapi.SecurityScheme) (login Login, hint string) {
	switch scheme.Type {
	case "userPassword", "plain":
		return PasswordLogin, ""
	case "X509":
		return CertificateLogin, ""
	case "oauth2", "openIdConnect":
		return TokenLogin, ""
	case "http":
		switch scheme.Scheme {
		case "basic":
			return PasswordLogin, ""
		case "bearer":
			return TokenLogin, ""
		}
	case "symmetricEncryption", "asymmetricEncryption":
		return "", "encrypted content is an option of producers and consumers: WithEncryption, WithDecryption"
	case "apiKey", "httpApiKey":
		return "", "where the key is sent as a password, write userPassword"
	}
	return "", "write userPassword, X509 or oauth2, whichever the broker has"
}

func schemeName(scheme *asyncapi.SecurityScheme) string {
	return strings.TrimSpace(scheme.Type + " " + scheme.Scheme)
}

// loginNotes are sentences about the security of s, one a line: what the contract allows, and what it
// says about each scheme.
func loginNotes(s *asyncapi.Server) string {
	var alternatives, descriptions []string
	for _, together := range s.Security {
		var all []string
		for _, scheme := range together {
			all = append(all, schemeName(scheme))
			if scheme.Description != "" {
				descriptions = append(descriptions, strings.Join(strings.Fields(scheme.Description), " "))
			}
		}
		if len(all) > 0 {
			alternatives = append(alternatives, strings.Join(all, " with "))
		}
	}
	if len(alternatives) == 0 {
		return ""
	}
	first := "The contract's login is " + strings.Join(alternatives, " or ")
	if len(alternatives) == 1 && len(descriptions) == 1 {
		return first + ": " + descriptions[0]
	}
	return strings.Join(slices.Insert(descriptions, 0, first+"."), "\n")
}

// noteOperations notes operations with security of their own.
func (b *builder) noteOperations() {
	for _, op := range b.doc.Operations {
		if len(op.Security) > 0 {
			b.report.Note(op.Location, names.Called("operation", op.Name)+" has security of its own, for which nothing is generated: a connection logs in once, for all "+
				"operations, and its user's permissions are set on the broker")
		}
	}
}
